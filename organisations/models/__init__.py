"""Bodies and people. One file a noun."""

from organisations.models.membership import Membership, Role
from organisations.models.organisation import Alias, Area, Organisation
from organisations.models.succession import Succession
from organisations.models.user import User

__all__ = ["Alias", "Area", "Membership", "Organisation", "Role", "Succession", "User"]
