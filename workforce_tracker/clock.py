"""The one place where the clock is read. Rules take `today`; views, tasks and commands get it here.

Days are days in London, whatever the machine's own time zone: an update due on Friday may be given
until Friday ends there.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This moment, in London's time."""
    return datetime.now(LONDON)


def today() -> date:
    """The day it is in London."""
    return now().date()
