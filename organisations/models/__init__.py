"""Bodies and people. One file a noun."""

from organisations.models.invitation import Invitation, JoinRequest
from organisations.models.membership import Membership, Role
from organisations.models.organisation import Alias, Area, Organisation
from organisations.models.succession import Succession
from organisations.models.user import User

__all__ = [
    "Alias",
    "Area",
    "Invitation",
    "JoinRequest",
    "Membership",
    "Organisation",
    "Role",
    "Succession",
    "User",
]
