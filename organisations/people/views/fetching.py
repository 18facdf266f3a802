"""Fetching what an address names. Unknown and forbidden look the same: 404."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from organisations.models import Invitation, JoinRequest, Membership, Organisation, Role, User
from organisations.people.rules import manages, roles_given
from organisations.permissions import roles_of
from workforce_tracker import clock


def me(request: HttpRequest) -> User:
    """The person asking, on a page that needs sign-in."""
    assert isinstance(request.user, User)
    return request.user


def place_or_404(request: HttpRequest, code: str, *, to_manage: bool = True) -> Organisation:
    """The organisation, for who looks after its people; else also for who belongs to it.

    Raises Http404 for strangers, PermissionDenied for who may read its people but not change them.
    """
    organisation = get_object_or_404(Organisation, code__iexact=code)
    if manages(me(request), organisation, clock.today()):
        return organisation
    if all(m.organisation_id != organisation.pk for m in roles_of(request.user, clock.today())):
        raise Http404
    if to_manage:
        raise PermissionDenied
    return organisation


def given_in(request: HttpRequest, organisation: Organisation) -> list[Role]:
    """The roles the person may give there."""
    return roles_given(me(request), organisation, clock.today())


def membership_or_404(request: HttpRequest, code: str, pk: int) -> Membership:
    """A current membership that the person may change."""
    organisation = place_or_404(request, code)
    found = organisation.memberships.current().select_related("user", "organisation")
    membership = get_object_or_404(found, pk=pk)
    if membership.role not in given_in(request, organisation):
        raise PermissionDenied
    return membership


def invitation_or_404(request: HttpRequest, code: str, pk: int) -> Invitation:
    """An unanswered invitation of the organisation."""
    return get_object_or_404(place_or_404(request, code).invitations.unanswered(), pk=pk)


def join_request_or_404(request: HttpRequest, code: str, pk: int) -> JoinRequest:
    """A request to join the organisation, decided or not."""
    requests = place_or_404(request, code).join_requests.select_related("person", "decided_by")
    return get_object_or_404(requests, pk=pk)


def say(request: HttpRequest, problem: ValidationError, form: BaseForm | None = None) -> None:
    """Put what an action refused on the form, or above the page where there is no form."""
    if form is not None:
        form.add_error(None, problem)
        return
    for words in problem.messages:
        messages.error(request, words)
