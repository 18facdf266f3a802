"""The rounds of a system: one in each plan kept in it, opened and looked at together."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from commitments.models import Commitment, Plan, Round
from commitments.progress.actions import nudge
from commitments.progress.coverage_page import coverage
from commitments.progress.round_forms import RoundForm
from commitments.progress.round_views import suggested
from commitments.refusals import add_refusal
from commitments.register.actions import open_system_rounds, plans_of_system
from organisations.kinds import Reach, reach_of
from organisations.models import Organisation, User
from organisations.permissions import Capability, holds
from workforce_tracker import clock
from workforce_tracker.templatetags import words


@require_safe
def system_rounds(request: HttpRequest, code: str) -> HttpResponse:
    """The rounds now running in the plans of a system, and who owes what in all of them."""
    board, today = _board(code), clock.today()
    user = request.user
    assert isinstance(user, User)  # every page needs a sign-in
    plans = Plan.objects.visible_to(user, today).filter(
        pk__in=[plan.pk for plan in plans_of_system(board, today)]
    )
    rounds = list(
        Round.objects.taking(today)
        .filter(plan__in=plans)
        .select_related("plan")
        .prefetch_related("snapshots")
        .order_by("closes_on", "plan__code")
    )
    visible = Commitment.objects.visible_to(user, today)
    context = {
        "board": board,
        "rounds": rounds,
        "may_run": holds(user, Capability.EDIT, board, today),
        **coverage(rounds, visible, request.GET.get("page"), today),
    }
    return render(request, "commitments/progress/system.html", context)


def system_round_add(request: HttpRequest, code: str) -> HttpResponse:
    """Open the same round in every plan of a system."""
    board, today, user = _board(code), clock.today(), request.user
    assert isinstance(user, User)  # every page needs a sign-in
    if not holds(user, Capability.EDIT, board, today):
        raise PermissionDenied
    last = Round.objects.filter(system=board).order_by("-opens_on").first()
    data: Any = request.POST if request.method == "POST" else None
    form = RoundForm(data, initial=suggested(request, last, today))
    if form.is_bound and form.is_valid():
        try:
            made = open_system_rounds(by=user, board=board, today=today, **form.cleaned_data)
            plans = words.plural(len(made), "plan")
            closes = words.weekday(made[0].closes_on)
            messages.success(request, f"“{made[0]}” takes updates in {plans} until {closes}.")
            return redirect("system_rounds", board.code)
        except ValidationError as refused:
            add_refusal(form, refused)
    plans_ = plans_of_system(board, today)
    context = {"board": board, "form": form, "plans": plans_, "cadences": Round.Cadence.choices}
    return render(request, "commitments/progress/system_add.html", context)


@require_POST
def nudge_owing(request: HttpRequest, code: str) -> HttpResponse:
    """Nudge one organisation in every open round of the plans that the person keeps."""
    body, today, user = _organisation(code), clock.today(), request.user
    assert isinstance(user, User)  # every page needs a sign-in
    plans = Plan.objects.allowing(user, Capability.EDIT, today)
    if not plans.exists():
        raise PermissionDenied
    number, reasons = 0, []
    for round_ in Round.objects.open_on(today).filter(plan__in=plans).select_related("plan"):
        try:
            made = nudge(by=user, round=round_, organisations=[body], today=today)
            number += sum(one.number for one in made)
        except ValidationError as refused:
            reasons = refused.messages
    if number:
        owed = words.plural(number, "update")
        messages.success(request, f"{body} is asked for {owed}. They see it on their home page.")
    else:
        messages.info(request, " ".join(reasons) or f"{body} owes nothing in the plans you keep.")
    return redirect("home")


def _organisation(code: str) -> Organisation:
    found = Organisation.objects.filter(code__iexact=code).first()
    if found is None:
        raise Http404
    return found


def _board(code: str) -> Organisation:
    """A board by its code; Http404 for a body that has no system."""
    found = _organisation(code)
    if reach_of(found.kind) != Reach.SYSTEM:
        raise Http404
    return found
