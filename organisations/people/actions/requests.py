"""Asking to be taken in, and the answer."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError

from organisations.models import JoinRequest, Organisation, User
from organisations.people import messages
from organisations.people.actions.invitations import Draft, invite, start_membership
from organisations.people.queries import invitable, keepers
from organisations.people.rules import manages, roles_given
from organisations.writing import lock, require, writes


@writes
def ask_to_join(
    *,
    by: User | None,
    email: str,
    name: str,
    organisation: Organisation,
    reason: str,
    now: datetime,
) -> JoinRequest:
    """Ask an organisation to take somebody in; its programme leads and administrators are told.

    `by` is None for somebody without an account, who has opened a link sent to `email`. Raises
    ValidationError when the organisation has closed, or they are in it or have asked already.
    """
    if not invitable(organisation, now.date()):
        raise ValidationError(
            f"{organisation} has closed. Choose the organisation that followed it."
        )
    lock(organisation)
    if by and organisation.memberships.current().filter(user=by).exists():
        raise ValidationError(f"You belong to {organisation} already.")
    if JoinRequest.objects.open().filter(organisation=organisation, email__iexact=email).exists():
        raise ValidationError(f"You have asked {organisation} already. It has not answered yet.")
    request = JoinRequest.objects.create(
        organisation=organisation,
        person=by,
        email=email.lower(),
        name=name.strip(),
        reason=reason.strip(),
        asked_at=now,
    )
    messages.post(messages.asked(request, keeper) for keeper in keepers(organisation))
    return request


@writes
def approve(*, by: User, request: JoinRequest, role: str, now: datetime) -> JoinRequest:
    """Take somebody in with a role. Without an account they are sent an invitation.

    Raises PermissionDenied, or ValidationError when it has been decided, or they cannot be invited.
    """
    request = _open(by, request, now)
    require(role in roles_given(by, request.organisation, now.date()))
    if request.person and request.person.is_active:
        membership = start_membership(request.person, request.organisation, role)
        messages.post([messages.joined(membership)])
    else:
        draft = Draft(request.name, request.email, role)
        invite(by=by, organisation=request.organisation, drafts=[draft], now=now)
    return _decide(request, JoinRequest.State.APPROVED, by, now)


@writes
def refuse(*, by: User, request: JoinRequest, answer: str, now: datetime) -> JoinRequest:
    """Say no, and why; the person is told. Raises PermissionDenied or ValidationError."""
    request = _open(by, request, now)
    request.answer = answer.strip()
    messages.post([messages.refused(request)])
    return _decide(request, JoinRequest.State.REFUSED, by, now)


@writes
def withdraw(*, by: User, request: JoinRequest, now: datetime) -> JoinRequest:
    """Take one's own request back. Raises PermissionDenied or ValidationError."""
    require(request.person_id == by.pk)
    request = _locked(request)
    messages.post(messages.withdrawn(request, keeper) for keeper in keepers(request.organisation))
    return _decide(request, JoinRequest.State.WITHDRAWN, by, now)


def _open(by: User, request: JoinRequest, now: datetime) -> JoinRequest:
    if not manages(by, request.organisation, now.date()):
        raise PermissionDenied
    return _locked(request)


def _locked(request: JoinRequest) -> JoinRequest:
    found = JoinRequest.objects.select_for_update(of=("self",))
    request = found.select_related("organisation", "person").get(pk=request.pk)
    if request.state != JoinRequest.State.OPEN:
        raise ValidationError(f"That was decided before: {request.get_state_display().lower()}.")
    return request


def _decide(request: JoinRequest, state: str, by: User, now: datetime) -> JoinRequest:
    request.state, request.decided_by, request.decided_at = state, by, now
    request.save()
    return request
