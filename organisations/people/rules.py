"""Who may give which role, and the rules around going. Everything here reads and decides only.

docs/people.md shows `GIVES` as a table.
"""

from datetime import date

from organisations.models import Membership, Organisation, Role, Succession, User
from organisations.permissions import CAPABILITIES, Capability, holds, memberships_of

# Nobody gives, changes or ends a role above what they manage: a programme lead runs the work of an
# organisation and its people, but neither makes nor unmakes its administrators.
GIVES: dict[str, tuple[Role, ...]] = {
    Role.PROGRAMME_LEAD: (Role.VIEWER, Role.CONTRIBUTOR, Role.PROGRAMME_LEAD, Role.REVIEWER),
    Role.ADMINISTRATOR: tuple(Role),
}

# Roles that look after an organisation's people. Each open organisation keeps one of them.
KEEPERS: tuple[Role, ...] = tuple(
    role for role in Role if Capability.MANAGE_MEMBERS in CAPABILITIES[role]
)


def manages(user: User, organisation: Organisation, today: date) -> bool:
    """Whether a person looks after the people of an organisation."""
    return holds(user, Capability.MANAGE_MEMBERS, organisation, today)


def roles_given(user: User, organisation: Organisation, today: date) -> list[Role]:
    """The roles a person may give, change and end in an organisation; none for most people.

    Platform administrators give every role everywhere.
    """
    if not manages(user, organisation, today):
        return []
    if user.is_platform_administrator:
        return list(Role)
    given: set[Role] = set()
    for membership in memberships_of(user):
        if membership.role in GIVES and _covers(membership, organisation, today):
            given.update(GIVES[membership.role])
    return [role for role in Role if role in given]


def may_switch_off(user: User, person: User, today: date) -> bool:
    """Whether somebody may switch off another person's account, or take away their second factor.

    A platform administrator may. So may whoever could end each of the memberships the person has.
    Nobody may do it to themselves.
    """
    if user.pk == person.pk or not person.is_active:
        return False
    if user.is_platform_administrator:
        return True
    held = memberships_of(person)
    return (
        bool(held)
        and not person.is_platform_administrator
        and all(m.role in roles_given(user, m.organisation, today) for m in held)
    )


def is_last_keeper(membership: Membership, today: date, *, of_all_roles: bool = False) -> bool:
    """Whether nobody would be left to look after the people of an open organisation without this
    role; with `of_all_roles`, without any role of the same person."""
    if membership.role not in KEEPERS or membership.organisation.is_closed(today):
        return False
    others = Membership.objects.current().filter(
        organisation=membership.organisation_id, role__in=KEEPERS
    )
    gone = {"user": membership.user_id} if of_all_roles else {"pk": membership.pk}
    return not others.exclude(**gone).exists()


def _covers(membership: Membership, organisation: Organisation, today: date) -> bool:
    if membership.organisation_id == organisation.pk:
        return True
    inherited = Succession.objects.predecessors_of([membership.organisation_id], today)
    return organisation.pk in inherited
