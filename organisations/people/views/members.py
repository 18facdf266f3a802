"""An organisation's people, and changing what they are there."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from organisations.models import Membership, Organisation
from organisations.people import queries
from organisations.people.actions import memberships
from organisations.people.duties import duties_of
from organisations.people.forms import HandOverForm, RoleForm
from organisations.people.rules import manages, may_switch_off
from organisations.people.views.fetching import given_in, me, membership_or_404, place_or_404, say
from organisations.permissions import Capability, holds
from workforce_tracker import clock

PAGE = 100


def people(request: HttpRequest, code: str) -> HttpResponse:
    """Who belongs to an organisation; for who looks after them also who is on the way in."""
    organisation = place_or_404(request, code, to_manage=False)
    today = clock.today()
    page = Paginator(queries.members(organisation), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "organisation": organisation,
        "page": page,
        "may_manage": manages(me(request), organisation, today),
        "closed": organisation.is_closed(today),
    }
    if context["may_manage"]:
        queries.tell_second_factors(page.object_list)
        context |= {
            "given": given_in(request, organisation),
            "invitations": organisation.invitations.unanswered().select_related("invited_by"),
            "requests": organisation.join_requests.open(),
            "any_former": queries.former_members(organisation).exists(),
            "may_ask_factor": holds(
                me(request), Capability.MANAGE_ORGANISATION, organisation, today
            ),
            "now": clock.now(),
        }
    return render(request, "organisations/people/people.html", context)


def former(request: HttpRequest, code: str) -> HttpResponse:
    """Who belonged to an organisation before."""
    organisation = place_or_404(request, code)
    gone = Paginator(queries.former_members(organisation), PAGE)
    context = {"organisation": organisation, "page": gone.get_page(request.GET.get("page"))}
    return render(request, "organisations/people/former.html", context)


def member(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One person's role: change it, or go on to end it."""
    membership = membership_or_404(request, code, pk)
    roles = given_in(request, membership.organisation)
    form = RoleForm(request.POST or None, roles=roles, initial={"role": membership.role})
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["role"]
        try:
            changed = memberships.change_role(
                by=me(request), membership=membership, role=role, now=clock.now()
            )
        except ValidationError as problem:
            say(request, problem, form)
        else:
            words = changed.get_role_display().lower()
            messages.success(
                request, f"{changed.user} now has the role {words}, and has been told."
            )
            return redirect("people", membership.organisation.code)
    context = {
        "membership": membership,
        "organisation": membership.organisation,
        "form": form,
        "may_switch_off": may_switch_off(me(request), membership.user, clock.today()),
    }
    return render(request, "organisations/people/member.html", context)


def member_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """End one person's role, after handing over what they have to do."""
    membership = membership_or_404(request, code, pk)
    back = ("people", membership.organisation.code)
    return end(request, membership, "organisations/people/member_end.html", back)


def end(
    request: HttpRequest, membership: Membership, template: str, back: tuple[str, ...]
) -> HttpResponse:
    """Show what a person would leave behind, and end their role once that is decided.

    The same for who goes by themselves and for who is sent; `back` is where to go afterwards.
    """
    organisation, person = membership.organisation, membership.user
    roles = person.memberships.filter(organisation=organisation, ended_at=None)
    is_last_role = not roles.exclude(pk=membership.pk).exists()
    left = duties_of(person, organisation) if is_last_role else []
    others = queries.colleagues(person, organisation)
    form = HandOverForm(
        request.POST if request.method == "POST" else None, people=others, duties=left
    )
    if request.method == "POST" and form.is_valid():
        try:
            memberships.end_membership(
                by=me(request),
                membership=membership,
                now=clock.now(),
                hand_over_to=form.successor,
            )
        except ValidationError as problem:
            say(request, problem, form)
        else:
            messages.success(request, _ended(membership, me(request) == person))
            return redirect(*back)
    context = {
        "membership": membership,
        "organisation": organisation,
        "duties": left,
        "form": form,
    }
    return render(request, template, context)


def member_switch_off(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Switch off a person's account, after handing over what they have to do."""
    membership = _account_or_403(request, code, pk)
    person = membership.user
    left = duties_of(person, None)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        people=queries.colleagues(person, None),
        duties=left,
    )
    if request.method == "POST" and form.is_valid():
        try:
            memberships.switch_off(
                by=me(request), person=person, now=clock.now(), hand_over_to=form.successor
            )
        except ValidationError as problem:
            say(request, problem, form)
        else:
            messages.success(request, f"The account of {person} is switched off.")
            return redirect("people", membership.organisation.code)
    context = {
        "membership": membership,
        "organisation": membership.organisation,
        "duties": left,
        "form": form,
    }
    return render(request, "organisations/people/member_switch_off.html", context)


@require_POST
def member_reset_factor(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take away the second factor of somebody who has lost it."""
    membership = _account_or_403(request, code, pk)
    memberships.reset_second_factor(by=me(request), person=membership.user, now=clock.now())
    messages.success(
        request, f"{membership.user} can sign in with the password and set up a new second factor."
    )
    return redirect("people_member", membership.organisation.code, membership.pk)


@require_POST
def second_factor(request: HttpRequest, code: str) -> HttpResponse:
    """Decide whether everybody in an organisation needs a second factor."""
    organisation: Organisation = place_or_404(request, code)
    required = request.POST.get("required") == "yes"
    memberships.require_second_factor(
        by=me(request), organisation=organisation, required=required, now=clock.now()
    )
    messages.success(
        request,
        "Everybody here now needs a second factor, and has been told."
        if required
        else "A second factor is now up to each person, unless their role needs one.",
    )
    return redirect("people", organisation.code)


def _account_or_403(request: HttpRequest, code: str, pk: int) -> Membership:
    membership = membership_or_404(request, code, pk)
    if not may_switch_off(me(request), membership.user, clock.today()):
        raise PermissionDenied
    return membership


def _ended(membership: Membership, own: bool) -> str:
    words = membership.get_role_display().lower()
    if own:
        return f"Your role as {words} in {membership.organisation} has ended."
    return f"The role of {membership.user} as {words} has ended. They have been told."
