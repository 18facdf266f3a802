"""Made-up accounts, milestones and a plan that make the embedded default live; all marked.

    accounts.py   the people to sign in as, and their one password
    contents.py   what is made up, as tables
    placing.py    put it there once, around the day it is
    removing.py   take all of it away again

The plans themselves are the published ones. Nothing here states a figure about a real body: what is
made up says so in its title and bears the mark.
"""

from commitments.demonstration.placing import Placed, load, was_removed
from commitments.demonstration.removing import Removed, remove

__all__ = ["Placed", "Removed", "load", "remove", "was_removed"]
