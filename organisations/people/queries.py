"""Reads: who belongs to an organisation, who is on the way in, and what one person has."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from organisations.models import Invitation, JoinRequest, Membership, Organisation, User
from organisations.people.rules import GIVES, KEEPERS
from organisations.permissions import memberships_of
from organisations.second_factor import FACTORS


def members(organisation: Organisation) -> QuerySet[Membership]:
    """The current memberships of an organisation, by name."""
    current = organisation.memberships.current().select_related("user")
    return current.order_by("user__name", "user", "role")


def tell_second_factors(found: Iterable[Membership]) -> None:
    """Let each of these memberships say whether its person `has_second_factor`. One query."""
    with_factor = set(
        Authenticator.objects.filter(
            user__in=[membership.user_id for membership in found], type__in=FACTORS
        ).values_list("user", flat=True)
    )
    for membership in found:
        membership.has_second_factor = membership.user_id in with_factor  # type: ignore[attr-defined]


def former_members(organisation: Organisation) -> QuerySet[Membership]:
    """Memberships that have ended, the latest first."""
    ended = organisation.memberships.filter(ended_at__isnull=False)
    return ended.select_related("user").order_by("-ended_at", "pk")


def keepers(organisation: Organisation, role: str = "") -> list[User]:
    """Who decides about an organisation's people (for `role`: who may give it); where there is
    nobody, the platform administrators."""
    roles = [keeper for keeper in KEEPERS if not role or role in GIVES[keeper]]
    found = User.objects.filter(
        is_active=True,
        memberships__organisation=organisation,
        memberships__role__in=roles,
        memberships__ended_at=None,
    ).distinct()
    return list(found) or list(User.objects.filter(is_active=True, is_platform_administrator=True))


def colleagues(person: User, organisation: Organisation | None) -> QuerySet[User]:
    """Who could take over from a person: the others in the organisation, or in any of theirs."""
    places = (
        [organisation.pk] if organisation else [m.organisation_id for m in memberships_of(person)]
    )
    current = Membership.objects.current().filter(organisation__in=places)
    return User.objects.filter(pk__in=current.values("user")).exclude(pk=person.pk)


def addresses(person: User) -> list[str]:
    """The e-mail addresses that a person has shown to be theirs, in small letters."""
    checked = EmailAddress.objects.filter(user=person, verified=True)
    return [address.lower() for address in checked.values_list("email", flat=True)]


def account_of(email: str) -> User | None:
    """The person with this address among theirs: the one they sign in with, or a checked one."""
    address = EmailAddress.objects.filter(email__iexact=email, verified=True).first()
    return address.user if address else User.objects.filter(email__iexact=email).first()


def invitations_for(person: User, now: datetime) -> list[Invitation]:
    """Open invitations to any of a person's addresses."""
    mine = addresses(person)
    waiting = Invitation.objects.open_at(now).select_related("organisation", "invited_by")
    return [invitation for invitation in waiting.filter(email__in=mine)] if mine else []


def requests_of(person: User) -> QuerySet[JoinRequest]:
    """What a person asked for and waits for."""
    return person.join_requests.open().select_related("organisation")


@dataclass(frozen=True)
class Known:
    """Addresses that an organisation knows: its people's with their roles, and those invited."""

    roles: dict[str, set[str]]
    invited: set[str]


def known_to(organisation: Organisation) -> Known:
    """Every address that an organisation knows, in small letters. Three queries."""
    roles: dict[str, set[str]] = defaultdict(set)
    current = organisation.memberships.current()
    for email, role in current.values_list("user__email", "role"):
        roles[email.lower()].add(role)
    checked = EmailAddress.objects.filter(verified=True, user__memberships__in=current)
    for email, role in checked.values_list("email", "user__memberships__role"):
        roles[email.lower()].add(role)
    invited = organisation.invitations.unanswered().values_list("email", flat=True)
    return Known(dict(roles), {email.lower() for email in invited})


def sessions_of(person: User, now: datetime) -> list[UserSession]:
    """Where a person is signed in now, the latest first; each says its `browser`."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    found = UserSession.objects.filter(user=person, session_key__in=alive)
    sessions = list(found.order_by("-created_at"))
    for session in sessions:
        session.browser = browser(session.user_agent)
    return sessions


# The first that stands in what a browser says of itself: each names its forerunners as well.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)


def browser(user_agent: str) -> str:
    """A browser as its owner would name it: "Edge on Windows". Else as it names itself."""
    name = next((words for part, words in BROWSERS if part in user_agent), "")
    system = next((words for part, words in SYSTEMS if part in user_agent), "")
    return f"{name} on {system}" if name and system else user_agent or "Unknown browser"


def invitable(organisation: Organisation, today: date) -> bool:
    """Whether people can still come into an organisation."""
    return not organisation.is_closed(today)
