"""Reporting rounds of a plan: open, look at who owes what, nudge, extend, reopen."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from commitments.access import person_of, plan_or_404
from commitments.coverage import State
from commitments.models import Commitment, Plan, Round
from commitments.progress.actions import extend_round, nudge, reopen_round
from commitments.progress.coverage_page import coverage, owed_rows
from commitments.progress.round_forms import ExtendForm, ReopenForm, RoundForm
from commitments.refusals import add_refusal
from commitments.register.actions import may_run, next_dates, open_round
from organisations.models import Organisation, User
from organisations.permissions import Capability
from workforce_tracker import clock
from workforce_tracker.templatetags import words

PER_PAGE = 50
SHORT = "commitments/progress/round_form.html"


@require_safe
def round_list(request: HttpRequest, code: str) -> HttpResponse:
    """The rounds of a plan, the latest first."""
    plan, today = plan_or_404(request, code), clock.today()
    rows = plan.rounds.prefetch_related("snapshots")
    context = {
        "plan": plan,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_run": may_run(person_of(request), plan, today),
    }
    return render(request, "commitments/progress/rounds.html", context)


@require_safe
def round_page(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Who has reported in a round and who has not, by organisation."""
    plan, round_ = _round(request, code, pk)
    today, user = clock.today(), person_of(request)
    visible = Commitment.objects.visible_to(user, today)
    context = {
        "plan": plan,
        "round": round_,
        "snapshots": list(round_.snapshots.select_related("taken_by", "reopened_by")),
        **coverage([round_], visible, request.GET.get("page"), today),
        **_may(user, round_, today),
    }
    return render(request, "commitments/progress/round.html", context)


@require_safe
def round_owed(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The commitments behind one cell of the grid, or behind one of its ends."""
    plan, round_ = _round(request, code, pk)
    today = clock.today()
    state = request.GET.get("state", "")
    body = None
    if asked := request.GET.get("organisation"):
        body = Organisation.objects.filter(code__iexact=asked).first()
    if (asked and body is None) or (state and state not in State.values):
        raise Http404
    rows: Any = owed_rows(
        round_, Commitment.objects.visible_to(request.user, today), today, body, state
    )
    context: dict[str, Any] = {
        "plan": plan,
        "round": round_,
        "organisation": body,
        "state": State(state).label if state else "",
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "commitments/progress/owed.html", context)


def round_add(request: HttpRequest, code: str) -> HttpResponse:
    """Open a reporting round of a plan. The days are suggested from its last round."""
    plan = plan_or_404(request, code, Capability.EDIT)
    today, last = clock.today(), plan.rounds.first()
    form = RoundForm(_data(request), initial=suggested(request, last, today))
    if form.is_bound and form.is_valid():
        try:
            made = open_round(by=person_of(request), plan=plan, today=today, **form.cleaned_data)
            messages.success(
                request, f"“{made.name}” takes updates until {words.weekday(made.closes_on)}."
            )
            return redirect("round", plan.code, made.pk)
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"form": form, "plan": plan, "rounds": plan.rounds.all()[:5]}
    context["cadences"] = Round.Cadence.choices
    return render(request, "commitments/progress/round_add.html", context)


def suggested(request: HttpRequest, last: Round | None, today: date) -> dict[str, Any]:
    """Days to begin with, by the cadence in the address or that of the last round."""
    cadence = request.GET.get("cadence", last.cadence if last else "")
    if cadence not in Round.Cadence.values:
        cadence = Round.Cadence.AD_HOC.value
    return {"cadence": cadence, **vars(next_dates(last, cadence, today))}


@require_POST
def round_nudge(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Nudge one organisation (`organisation`, its code), or all who owe."""
    plan, round_ = _round(request, code, pk, Capability.EDIT)
    asked = request.POST.get("organisation")
    bodies = list(Organisation.objects.filter(code__iexact=asked)) if asked else None
    try:
        made = nudge(by=person_of(request), round=round_, organisations=bodies, today=clock.today())
        names = ", ".join(str(one.organisation) for one in made[:3])
        more = f" and {len(made) - 3} more" if len(made) > 3 else ""
        messages.success(request, f"Nudged: {names}{more}. They see it on their home page.")
    except ValidationError as refused:
        messages.info(request, " ".join(refused.messages))
    return redirect("round", plan.code, round_.pk)


def round_extend(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Give a round a later last day."""
    plan, round_ = _round(request, code, pk, Capability.EDIT)
    form, today = ExtendForm(_data(request)), clock.today()
    if form.is_bound and form.is_valid():
        try:
            done = extend_round(
                by=person_of(request), round=round_, today=today, **form.cleaned_data
            )
            messages.success(
                request, f"“{done}” takes updates until {words.weekday(done.closes_on)}."
            )
            return redirect("round", plan.code, done.pk)
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"plan": plan, "round": round_, "form": form, "action": "Extend"}
    return render(request, SHORT, context)


def round_reopen(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take updates and answers in a frozen round again."""
    plan, round_ = _round(request, code, pk, Capability.EDIT)
    form, today = ReopenForm(_data(request)), clock.today()
    if form.is_bound and form.is_valid():
        try:
            done = reopen_round(
                by=person_of(request), round=round_, today=today, **form.cleaned_data
            )
            messages.success(
                request,
                f"“{done}” takes late updates and answers until "
                f"{words.weekday(done.answers_due_on)}.",
            )
            return redirect("round", plan.code, done.pk)
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"plan": plan, "round": round_, "form": form, "action": "Reopen"}
    return render(request, SHORT, context)


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _round(
    request: HttpRequest, code: str, pk: int, capability: Capability = Capability.VIEW
) -> tuple[Plan, Round]:
    """A round of a plan, on the terms of its plan."""
    plan = plan_or_404(request, code, capability)
    found = plan.rounds.filter(pk=pk).select_related("system").first()
    if found is None:
        raise Http404
    found.plan = plan
    return plan, found


def _may(user: User, round_: Round, today: date) -> dict[str, bool]:
    runs = may_run(user, round_.plan, today)
    frozen = Round.objects.filter(pk=round_.pk).frozen().exists()
    return {
        "is_frozen": frozen,
        "may_nudge": runs and not frozen and round_.opens_on <= today,
        "may_extend": runs and not frozen and round_.closes_on >= today,
        "may_reopen": runs and frozen,
    }
