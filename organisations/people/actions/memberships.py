"""Changing and ending what people are in an organisation, and their accounts."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError

from organisations.models import Invitation, JoinRequest, Membership, Organisation, User
from organisations.people import duties, messages
from organisations.people.queries import colleagues, keepers
from organisations.people.rules import KEEPERS, is_last_keeper, may_switch_off, roles_given
from organisations.permissions import Capability, holds
from organisations.writing import lock, require, writes


@writes
def change_role(*, by: User, membership: Membership, role: str, now: datetime) -> Membership:
    """Give somebody another role in the same organisation; they are told.

    Raises PermissionDenied, or ValidationError when they have that role too, or would be the last
    to look after the organisation's people.
    """
    membership = _current(membership)
    given = roles_given(by, membership.organisation, now.date())
    require(membership.role in given and role in given)
    if role == membership.role:
        return membership
    before = membership.role
    same = Membership.objects.filter(
        user=membership.user_id, organisation=membership.organisation_id, role=role, ended_at=None
    )
    if same.exists():
        raise ValidationError(
            f"{membership.user} is {messages.as_role(role)} here as well already."
        )
    if role not in KEEPERS:
        _keep_one(by, membership, now)
    membership.role = role
    membership.save(update_fields=["role"])
    messages.post([messages.role_changed(membership, before, by)])
    return membership


@writes
def end_membership(
    *, by: User, membership: Membership, now: datetime, hand_over_to: User | None = None
) -> None:
    """End somebody's role in an organisation, or one's own. History keeps their name.

    With their last role there, what they have to do passes to `hand_over_to`, a colleague; None
    leaves it without an owner. Raises PermissionDenied, or ValidationError when nobody would be
    left to look after the organisation's people.
    """
    membership = _current(membership)
    organisation, person = membership.organisation, membership.user
    leaves = by.pk == person.pk
    require(leaves or membership.role in roles_given(by, organisation, now.date()))
    _keep_one(by, membership, now)
    others = person.memberships.filter(organisation=organisation, ended_at=None)
    if not others.exclude(pk=membership.pk).exists():
        _hand_over(by, person, organisation, hand_over_to)
    membership.ended_at = now
    membership.save(update_fields=["ended_at"])
    told = [messages.ended(membership, by)]
    if leaves:
        told += [messages.left(membership, keeper) for keeper in keepers(organisation)]
    messages.post(told)


@writes
def switch_off(*, by: User, person: User, now: datetime, hand_over_to: User | None = None) -> None:
    """Switch off somebody's account: they cannot sign in, and every right of theirs ends.

    Their name stays in the history. What they have to do passes to `hand_over_to`. Raises
    PermissionDenied, or ValidationError when an organisation would be left without anybody.
    """
    held = person.memberships.filter(ended_at=None).select_related("organisation")
    memberships = [_current(membership) for membership in held.order_by("organisation")]
    require(may_switch_off(by, person, now.date()))
    for membership in memberships:
        _keep_one(by, membership, now, of_all_roles=True)
    _hand_over(by, person, None, hand_over_to)
    held.update(ended_at=now)
    Invitation.objects.unanswered().filter(email__iexact=person.email).update(revoked_at=now)
    JoinRequest.objects.open().filter(person=person).update(
        state=JoinRequest.State.WITHDRAWN, decided_by=by, decided_at=now
    )
    person.is_active = person.is_platform_administrator = False
    person.save(update_fields=["is_active", "is_platform_administrator"])
    SocialAccount.objects.filter(user=person).delete()
    _sign_out_and_forget_factors(person)
    messages.post([messages.switched_off(person, by)])


@writes
def reset_second_factor(*, by: User, person: User, now: datetime) -> None:
    """Take away the second factor of somebody who has lost it; they sign in with the password and
    set up a new one. Raises PermissionDenied."""
    require(may_switch_off(by, person, now.date()))
    person.second_factor_reset_at = now
    person.save(update_fields=["second_factor_reset_at"])
    _sign_out_and_forget_factors(person)
    messages.post([messages.second_factor_reset(person, by)])


@writes
def require_second_factor(
    *, by: User, organisation: Organisation, required: bool, now: datetime
) -> None:
    """Decide whether everybody in an organisation needs a second factor; if so, they are told.

    Raises PermissionDenied.
    """
    require(holds(by, Capability.MANAGE_ORGANISATION, organisation, now.date()))
    if organisation.second_factor_required == required:
        return
    organisation.second_factor_required = required
    organisation.save(update_fields=["second_factor_required"])
    if required:
        people = User.objects.filter(
            pk__in=organisation.memberships.current().values("user")
        ).exclude(pk=by.pk)
        messages.post(messages.second_factor_asked(organisation, person, by) for person in people)


def _current(membership: Membership) -> Membership:
    """The membership, with its organisation locked, if it has not ended meanwhile."""
    lock(membership.organisation)
    found = Membership.objects.filter(ended_at=None).select_related("user", "organisation")
    membership_now = found.filter(pk=membership.pk).first()
    if membership_now is None:
        raise ValidationError("That role has ended already.")
    return membership_now


def _keep_one(
    by: User, membership: Membership, now: datetime, *, of_all_roles: bool = False
) -> None:
    """An open organisation keeps somebody who looks after its people. Platform administrators may
    go against it: they look after organisations that have nobody."""
    if by.is_platform_administrator:
        return
    if is_last_keeper(membership, now.date(), of_all_roles=of_all_roles):
        whose = "You are" if by.pk == membership.user_id else f"{membership.user} is"
        raise ValidationError(
            f"{whose} the last programme lead or administrator of {membership.organisation}. Give "
            "one of these roles to somebody else there first."
        )


def _hand_over(by: User, person: User, organisation: Organisation | None, to: User | None) -> None:
    if to and not colleagues(person, organisation).filter(pk=to.pk).exists():
        raise ValidationError(f"{to} does not belong to the same organisation.")
    count = duties.hand_over(by=by, person=person, organisation=organisation, to=to)
    if to and count:
        messages.post([messages.taken_over(to, person, count, by)])


def _sign_out_and_forget_factors(person: User) -> None:
    Authenticator.objects.filter(user=person).delete()
    for session in UserSession.objects.filter(user=person):
        session.end()
