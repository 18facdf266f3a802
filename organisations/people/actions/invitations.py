"""Asking people in, and people coming in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from organisations.models import Invitation, Membership, Organisation, Role, User
from organisations.models.invitation import digest
from organisations.people import messages
from organisations.people.queries import Known, account_of, addresses, invitable, known_to
from organisations.people.rules import manages, roles_given
from organisations.writing import lock, require, writes

LASTS = timedelta(days=14)


@dataclass(frozen=True)
class Draft:
    """One person to invite."""

    name: str
    email: str
    role: str


def problem_with(draft: Draft, given: Sequence[Role], known: Known) -> str | None:
    """Why this person cannot be invited, in plain words; None when they can.

    `given` are the roles that may be given, `known` the addresses that the organisation knows: the
    answer says nothing about accounts elsewhere.
    """
    if draft.role not in given:
        return f"You cannot give the role “{Role(draft.role).label}”."
    if draft.role in known.roles.get(draft.email.lower(), ()):
        return f"{draft.email} is already {messages.as_role(draft.role)} here."
    if draft.email.lower() in known.invited:
        return (
            f"{draft.email} has been invited already. Send that invitation again, or take it back "
            "first."
        )
    return None


@writes
def invite(
    *, by: User, organisation: Organisation, drafts: Sequence[Draft], now: datetime
) -> list[Invitation]:
    """Invite people, all of them or none, and send each a link of their own.

    Raises PermissionDenied for who may not, ValidationError with one line for each problem.
    """
    require(manages(by, organisation, now.date()))
    if not invitable(organisation, now.date()):
        raise ValidationError(f"{organisation} has closed: nobody can be invited into it.")
    lock(organisation)
    given, known = roles_given(by, organisation, now.date()), known_to(organisation)
    problems = [
        problem for draft in drafts if (problem := problem_with(draft, given, known)) is not None
    ]
    if problems:
        raise ValidationError(problems)
    tokens = [secrets.token_urlsafe(32) for _ in drafts]
    made = Invitation.objects.bulk_create(
        Invitation(
            organisation=organisation,
            email=draft.email.strip().lower(),
            name=draft.name.strip(),
            role=draft.role,
            token_digest=digest(token),
            invited_by=by,
            invited_at=now,
            expires_at=now + LASTS,
        )
        for draft, token in zip(drafts, tokens, strict=True)
    )
    _send(made, tokens)
    return made


@writes
def resend(*, by: User, invitation: Invitation, now: datetime) -> Invitation:
    """Send an unanswered invitation again, for another 14 days; the link sent before stops working.

    Raises PermissionDenied, or ValidationError when it has been answered or taken back.
    """
    invitation = _unanswered(by, invitation, now)
    token = secrets.token_urlsafe(32)
    invitation.token_digest = digest(token)
    invitation.invited_by, invitation.invited_at = by, now
    invitation.sent_at, invitation.expires_at = None, now + LASTS
    invitation.save()
    _send([invitation], [token])
    return invitation


@writes
def revoke(*, by: User, invitation: Invitation, now: datetime) -> None:
    """Take an unanswered invitation back; the person is told.

    Raises PermissionDenied, or ValidationError when it has been answered or taken back.
    """
    invitation = _unanswered(by, invitation, now)
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    messages.post([messages.invitation_revoked(invitation)])


@writes
def accept(*, by: User, invitation: Invitation, now: datetime) -> Membership:
    """Somebody signed in accepts an invitation to one of their own addresses.

    Raises PermissionDenied for anybody else, ValidationError when it can no longer be accepted.
    """
    require(invitation.email.lower() in addresses(by))
    return _come_in(by, invitation, now)


@writes
def accept_as_new(
    *, invitation: Invitation, name: str, password: str, now: datetime
) -> User | None:
    """Whoever holds the link, and has no account, makes one and accepts.

    The link was sent to the address, so the address counts as checked. An account that had been
    switched off starts again, with nothing but this one role. None, and nothing changed, when
    there is a working account: its owner signs in to accept. Raises ValidationError when the
    invitation can no longer be accepted.
    """
    person = account_of(invitation.email) or User(email=invitation.email)
    # Set in any case: the answer takes as long when there is an account as when there is none.
    person.set_password(password)
    if person.pk and person.is_active:
        return None
    person.name, person.is_active = name, True
    person.save()
    _count_as_checked(person, invitation.email)
    _come_in(person, invitation, now)
    return person


@writes
def accept_all(*, by: User, email: str, now: datetime) -> list[Membership]:
    """Accept every open invitation to an address that somebody else has checked."""
    waiting = Invitation.objects.open_at(now).filter(email__iexact=email)
    return [_come_in(by, invitation, now) for invitation in waiting]


def start_membership(person: User, organisation: Organisation, role: str) -> Membership:
    """Give a person a role, unless they have it already."""
    return Membership.objects.get_or_create(
        user=person, organisation=organisation, role=role, ended_at=None
    )[0]


def _count_as_checked(person: User, email: str) -> None:
    others = EmailAddress.objects.filter(user=person, primary=True).exclude(email=email)
    checked = {"verified": True, "primary": not others.exists()}
    EmailAddress.objects.update_or_create(user=person, email=email, defaults=checked)


def _come_in(person: User, invitation: Invitation, now: datetime) -> Membership:
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organisation", "invited_by")
        .get(pk=invitation.pk)
    )
    if not Invitation.objects.open_at(now).filter(pk=invitation.pk).exists():
        raise ValidationError("This invitation has been used, taken back, or is too old.")
    invitation.accepted_by, invitation.accepted_at = person, now
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    membership = start_membership(person, invitation.organisation, invitation.role)
    messages.post([messages.joined(membership), messages.invitation_accepted(invitation, person)])
    return membership


def _unanswered(by: User, invitation: Invitation, now: datetime) -> Invitation:
    """The invitation, locked, if this person may still change it."""
    found = Invitation.objects.select_for_update(of=("self",)).select_related("organisation")
    invitation = found.get(pk=invitation.pk)
    if invitation.role not in roles_given(by, invitation.organisation, now.date()):
        raise PermissionDenied
    if invitation.accepted_at or invitation.revoked_at:
        raise ValidationError(f"{invitation.name} has accepted, or the invitation was taken back.")
    return invitation


def _send(invitations: Sequence[Invitation], tokens: Sequence[str]) -> None:
    pairs = zip(invitations, tokens, strict=True)
    letters = [
        messages.invited(invitation, token, timezone.localdate(invitation.expires_at))
        for invitation, token in pairs
    ]
    sent = Invitation.objects.filter(pk__in=[invitation.pk for invitation in invitations])
    messages.post(letters, then=lambda: sent.update(sent_at=timezone.now()))
