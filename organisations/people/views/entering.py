"""On the way in: accepting an invitation, and asking to join.

Nothing here tells anybody whether an address has an account, but to the owner of the address, by
e-mail or after signing in.
"""

from typing import Any
from urllib.parse import urlencode

from allauth.core import ratelimit
from allauth.socialaccount.providers.openid_connect.views import login as openid_connect_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from requests import RequestException

from organisations.models import Invitation
from organisations.people import messages as letters
from organisations.people import queries
from organisations.people.actions import invitations, requests
from organisations.people.forms import AddressForm, JoinForm, NewAccountForm
from organisations.people.views.fetching import say
from workforce_tracker import clock

SALT = "asking to join"
A_DAY = 24 * 60 * 60


@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of an invitation."""
    found = Invitation.objects.with_token(token).select_related("organisation", "invited_by")
    asked = found.first()
    if asked and asked.accepted_by_id and asked.accepted_by_id == request.user.pk:
        return redirect("home")
    if asked is None or not found.open_at(clock.now()).exists():
        return render(request, "organisations/people/invitation_gone.html", status=404)
    if not request.user.is_authenticated:
        return _accept_from_outside(request, asked)
    if asked.email not in queries.addresses(request.user):
        return render(request, "organisations/people/invitation_other.html", {"asked": asked})
    if request.method == "POST":
        try:
            invitations.accept(by=request.user, invitation=asked, now=clock.now())
        except ValidationError as problem:
            say(request, problem)
        else:
            messages.success(request, f"You now belong to {asked.organisation}.")
        return redirect("home")
    return render(request, "organisations/people/invitation_accept.html", {"asked": asked})


def _accept_from_outside(request: HttpRequest, asked: Invitation) -> HttpResponse:
    """Make an account, or sign in: the page and its answer are the same whether there is one."""
    form = NewAccountForm(request.POST or None, email=asked.email, initial={"name": asked.name})
    back = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    if request.method == "POST":
        if not ratelimit.consume(request, action="invitation"):
            return render(request, "429.html", status=429)
        if form.is_valid():
            fields = {"name": form.cleaned_data["name"], "password": form.cleaned_data["password1"]}
            try:
                invitations.accept_as_new(invitation=asked, now=clock.now(), **fields)
            except ValidationError:  # used in the same moment
                return redirect(request.path)
            messages.success(
                request,
                "Now sign in with the address that the invitation was sent to. If it had an "
                "account before, the password of that account still holds.",
            )
            return redirect(back)
    context = {"asked": asked, "form": form, "sign_in": back}
    return render(request, "organisations/people/invitation.html", context)


@login_not_required
def join(request: HttpRequest) -> HttpResponse:
    """Ask to join. Without an account, first show that an address is yours."""
    if request.user.is_authenticated:
        return _ask(request, email=request.user.email)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if not ratelimit.consume(request, action="join", key=email):
            return render(request, "429.html", status=429)
        letters.post([_letter(email)])
        return render(request, "organisations/people/join_sent.html")
    return render(request, "organisations/people/join_address.html", {"form": form})


@login_not_required
def join_with_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask to join, for somebody without an account who has opened the link sent to them."""
    try:
        email = signing.loads(token, salt=SALT, max_age=A_DAY)
    except signing.BadSignature:
        return render(request, "organisations/people/join_gone.html", status=404)
    if request.user.is_authenticated or queries.account_of(email):
        return redirect("join" if request.user.is_authenticated else _sign_in_to_join())
    return _ask(request, email=email)


@login_not_required
def join_asked(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    return render(request, "organisations/people/join_asked.html")


def _ask(request: HttpRequest, *, email: str) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    today = clock.today()
    form = JoinForm(request.POST or None, email=email, today=today, known=user is not None)
    if request.method == "POST" and form.is_valid():
        answers: dict[str, Any] = form.cleaned_data
        try:
            requests.ask_to_join(
                by=user,
                email=email,
                name=answers.get("name") or str(user),
                organisation=answers["chosen"],
                reason=answers["reason"],
                now=clock.now(),
            )
        except ValidationError as problem:
            say(request, problem, form)
        else:
            return redirect("join_asked")
    return render(request, "organisations/people/join.html", {"form": form, "email": email})


def _letter(email: str) -> letters.Message:
    if queries.account_of(email):
        return letters.join_signed_in(email)
    return letters.join_link(email, signing.dumps(email, salt=SALT))


def _sign_in_to_join() -> str:
    return f"{reverse('account_login')}?{urlencode({'next': reverse('join')})}"


@login_not_required
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the provider and its own sign-in.

    There is a page in between: the content policy lets no form lead to another host, and which
    hosts a provider passes through on its way only the provider knows.
    """
    try:
        answer = openid_connect_login(request, provider_id)
    except RequestException:
        return render(request, "socialaccount/authentication_error.html", status=503)
    if isinstance(answer, HttpResponseRedirect):
        there = {"redirect_to": answer.url}
        return render(request, "socialaccount/login_redirect.html", there)
    return answer
