"""Who may do what: the one table, and how far each entry reaches.

`CAPABILITIES` says which role gives which capability and to what extent. `grant()` turns that, for
one person on one day, into the set of organisations in which they hold the capability. The
querysets of commitments ask for a grant and filter by it; nothing else decides permission.

docs/permissions.md is generated from this table (`manage.py document_permissions`).
"""

from collections.abc import Collection, Hashable
from copy import copy
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models

from organisations.kinds import Kind, Reach, reach_of
from organisations.models import Membership, Organisation, Role, Succession, User


class Capability(models.TextChoices):
    """Things a person can be allowed to do."""

    VIEW = "view", "See commitments, unless they are drafts of somebody else"
    REPORT = "report", "Report progress, update milestones and figures"
    EDIT = "edit", "Add and change commitments, milestones and rounds"
    REVIEW = "review", "Give the joint review of their side"
    IMPORT = "import", "Import plan actions from a spreadsheet"
    MANAGE_MEMBERS = "manage_members", "Invite people and change their roles"
    MANAGE_ORGANISATION = "manage_organisation", "Change the organisation's details"
    ASSIGN = "assign", "Say who answers for what a divided body promised"
    MANAGE_REGISTER = "manage_register", "Keep the register of organisations"


class Extent(models.TextChoices):
    """How far a capability goes beyond the organisation in which the role is held."""

    OWN = "own", "own organisation and what it inherited"
    SYSTEM = "system", "own organisation; for an integrated care board, its system"
    SECTOR = "sector", "own organisation; for the Local Government Association, its sector"
    REACH = "reach", "everything that the kind of organisation reaches"
    DIVIDED = "divided", "bodies of whose division the own organisation gained a part"


_VIEWING = {Capability.VIEW: Extent.REACH}

CAPABILITIES: dict[str, dict[Capability, Extent]] = {
    Role.VIEWER: _VIEWING,
    Role.CONTRIBUTOR: _VIEWING | {Capability.REPORT: Extent.OWN},
    Role.PROGRAMME_LEAD: _VIEWING
    | {
        Capability.REPORT: Extent.SYSTEM,
        Capability.EDIT: Extent.SYSTEM,
        Capability.IMPORT: Extent.SYSTEM,
        Capability.MANAGE_MEMBERS: Extent.OWN,
        Capability.ASSIGN: Extent.DIVIDED,
    },
    Role.REVIEWER: _VIEWING | {Capability.REVIEW: Extent.SECTOR},
    Role.ADMINISTRATOR: _VIEWING
    | {
        Capability.IMPORT: Extent.OWN,
        Capability.MANAGE_MEMBERS: Extent.OWN,
        Capability.MANAGE_ORGANISATION: Extent.OWN,
        Capability.ASSIGN: Extent.DIVIDED,
    },
}

# Held everywhere, by the account and not by a membership. Reporting and reviewing speak for an
# organisation, so nobody may do them from outside one.
PLATFORM_ADMINISTRATOR: frozenset[Capability] = frozenset(
    Capability(value)
    for value in Capability.values
    if value not in (Capability.REPORT, Capability.REVIEW)
)


@dataclass(frozen=True)
class Grant:
    """Where one person holds one capability.

    `organisations` are primary keys, inherited bodies included. `sector` stands for all councils
    and all joint commitments; `everywhere` for all of England.
    """

    organisations: frozenset[int] = field(default_factory=frozenset)
    sector: bool = False
    everywhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.organisations or self.sector or self.everywhere)

    def covers(self, organisation_id: int | None) -> bool:
        """Whether one organisation is inside the grant."""
        return self.everywhere or organisation_id in self.organisations


def memberships_of(user: User | AnonymousUser) -> list[Membership]:
    """A person's current memberships with their organisations, read once a request.

    As they were given: `roles_of` says what they are on a day, after mergers.
    """
    if not isinstance(user, User) or not user.is_active:
        return []
    if (known := user.__dict__.get("_memberships")) is None:
        known = list(user.memberships.filter(ended_at=None).select_related("organisation"))
        user.__dict__["_memberships"] = known
    return known


def read_memberships(users: Collection[User]) -> None:
    """Read the memberships of many people in one query, for `memberships_of` to find."""
    held: dict[int, list[Membership]] = {user.pk: [] for user in users if user.is_active}
    rows = Membership.objects.filter(user__in=held, ended_at=None).select_related("organisation")
    for membership in rows:
        held[membership.user_id].append(membership)
    for user in users:
        if user.pk in held:
            user.__dict__["_memberships"] = held[user.pk]


def decides_all(user: User) -> Hashable:
    """What all the grants of a person follow from: two people of whom it is the same hold the same
    on any day."""
    roles = frozenset((held.organisation_id, held.role) for held in memberships_of(user))
    return user.is_active, user.is_platform_administrator, roles


def roles_of(user: User | AnonymousUser, today: date) -> list[Membership]:
    """What a person is on a day: their memberships, each in the body that it has become.

    After a rename, a merger or a transfer the members of the closed body hold the same roles in its
    successor. Nothing is rewritten: such a membership is a copy that is never saved, and its
    `came_from` is the body in which the role was given. A split carries nobody over. No query
    beyond the memberships unless one of the bodies has closed.
    """
    held = memberships_of(user)
    closed = {m.organisation_id for m in held if m.organisation.is_closed(today)}
    if not closed:
        return held
    cache: dict[date, list[Membership]] = user.__dict__.setdefault("_roles", {})
    if today not in cache:
        cache[today] = _carried_over(held, Succession.objects.heirs(closed, today))
    return cache[today]


def _carried_over(held: list[Membership], heirs: dict[int, Organisation]) -> list[Membership]:
    found: dict[tuple[int, str], Membership] = {}
    # Roles given in the body itself come first: they stand where both would.
    for membership in sorted(held, key=lambda one: one.organisation_id in heirs):
        heir = heirs.get(membership.organisation_id)
        if heir is not None:
            origin, membership = membership.organisation, copy(membership)
            membership.organisation, membership.came_from = heir, origin
        found.setdefault((membership.organisation_id, membership.role), membership)
    return sorted(found.values(), key=lambda one: (one.organisation.name, one.role))


def grant(user: User | AnonymousUser, capability: Capability, today: date) -> Grant:
    """Where a person holds a capability on a day. Constant in queries, and kept on the user object
    so that a page asks the database once."""
    if not isinstance(user, User) or not user.is_active:
        return Grant()
    cache: dict[tuple[str, date], Grant] = user.__dict__.setdefault("_grants", {})
    if (capability, today) not in cache:
        cache[capability, today] = _work_out(user, capability, today)
    return cache[capability, today]


def holds(
    user: User | AnonymousUser, capability: Capability, organisation: Organisation, today: date
) -> bool:
    """Whether a person may use a capability on behalf of one organisation."""
    return grant(user, capability, today).covers(organisation.pk)


def _work_out(user: User, capability: Capability, today: date) -> Grant:
    if user.is_platform_administrator and capability in PLATFORM_ADMINISTRATOR:
        return Grant(everywhere=True)
    own: set[int] = set()
    boards: set[int] = set()
    regions: set[int] = set()
    sector = False
    for membership in roles_of(user, today):
        extent = CAPABILITIES[membership.role].get(capability)
        if extent is None:
            continue
        body = membership.organisation
        own.add(body.pk)
        reach = reach_of(body.kind)
        if extent in (Extent.SYSTEM, Extent.REACH) and reach == Reach.SYSTEM:
            boards.add(body.pk)
        if extent in (Extent.SECTOR, Extent.REACH) and reach == Reach.SECTOR:
            sector = True
        if extent == Extent.REACH and reach == Reach.NATIONAL:
            return Grant(everywhere=True)
        if extent == Extent.REACH and reach == Reach.REGION:
            regions.add(body.pk)
    if capability == Capability.ASSIGN:
        inherited = Succession.objects.predecessors_of(own, today) if own else own
        return Grant(frozenset(Succession.objects.divided(today, into=inherited)))
    # Several capabilities reach equally far.
    reached: dict[Hashable, frozenset[int]] = user.__dict__.setdefault("_reached", {})
    key = frozenset(own), frozenset(boards), frozenset(regions), today
    if key not in reached:
        reached[key] = frozenset(_with_places(own, boards, regions, today))
    return Grant(reached[key], sector)


def _with_places(own: set[int], boards: set[int], regions: set[int], today: date) -> set[int]:
    """Add the places of boards and regions, then what all of these inherited."""
    if not own:
        return own
    if regions:
        in_region = Organisation.objects.filter(parent__in=regions, kind=Kind.ICB)
        boards = boards | set(in_region.values_list("pk", flat=True))
    held = own | boards
    if boards:
        # A trust may still stand under a board that has since merged into this one.
        all_boards = Succession.objects.predecessors_of(boards, today)
        placed = Organisation.objects.in_systems(all_boards, today)
        held |= set(placed.values_list("pk", flat=True))
    return Succession.objects.predecessors_of(held, today)
