"""One's own account: memberships, invitations, sessions, second factor."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from organisations.people import queries
from organisations.people.actions import invitations, requests
from organisations.people.views.fetching import me, say
from organisations.people.views.members import end
from organisations.second_factor import has_second_factor, needs_second_factor
from organisations.single_sign_on import provider_name
from workforce_tracker import clock


def account(request: HttpRequest) -> HttpResponse:
    """All that is one's own, on one page."""
    user, now = me(request), clock.now()
    sessions = queries.sessions_of(user, now)
    for session in sessions:
        session.here = session.session_key == request.session.session_key
    context = {
        "invitations": queries.invitations_for(user, now),
        "requests": queries.requests_of(user),
        "sessions": sessions,
        "has_second_factor": has_second_factor(user),
        "needs_second_factor": needs_second_factor(user),
        "keys": Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count(),
        "single_sign_on": provider_name(),
    }
    return render(request, "organisations/people/account.html", context)


@require_POST
def invitation_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept an invitation to one of one's own addresses, without its link."""
    waiting = {
        invitation.pk: invitation
        for invitation in queries.invitations_for(me(request), clock.now())
    }
    if pk not in waiting:
        raise Http404
    try:
        invitations.accept(by=me(request), invitation=waiting[pk], now=clock.now())
    except ValidationError as problem:
        say(request, problem)
    else:
        messages.success(request, f"You now belong to {waiting[pk].organisation}.")
    return redirect("account")


def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own roles."""
    mine = me(request).memberships.filter(ended_at=None).select_related("organisation", "user")
    membership = get_object_or_404(mine, pk=pk)
    return end(request, membership, "organisations/people/leave.html", ("account",))


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out somewhere else."""
    mine = UserSession.objects.filter(user=me(request))
    get_object_or_404(mine.exclude(session_key=request.session.session_key), pk=pk).end()
    messages.success(request, "That session is signed out.")
    return redirect("account")


@require_POST
def join_request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own request to join."""
    asked = get_object_or_404(me(request).join_requests.all(), pk=pk)
    try:
        requests.withdraw(by=me(request), request=asked, now=clock.now())
    except ValidationError as problem:
        say(request, problem)
    else:
        messages.success(request, f"{asked.organisation} is told that you no longer ask.")
    return redirect("account")
