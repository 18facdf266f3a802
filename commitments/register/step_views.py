"""Add, move and complete milestones; give figures."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from commitments.access import commitment_or_404, milestone_or_404, person_of
from commitments.models import Commitment, Figure, Milestone
from commitments.refusals import add_refusal
from commitments.register.actions import (
    EditConflict,
    add_milestone,
    change_milestone,
    complete_milestone,
    may_edit,
    may_move,
    may_report,
    record_figure,
)
from commitments.register.edit_views import ask, choices_of, tell
from commitments.register.step_forms import FigureForm, MilestoneForm
from organisations.permissions import Capability
from workforce_tracker import clock
from workforce_tracker.templatetags import words


def milestone_add(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Add a milestone to a commitment."""
    commitment = commitment_or_404(request, plan, reference, Capability.EDIT)
    today, user = clock.today(), person_of(request)
    data = request.POST if request.method == "POST" else None
    form = MilestoneForm(data, commitment=commitment, person=user, today=today)
    if data is not None and form.is_valid():
        try:
            made = add_milestone(by=user, commitment=commitment, today=today, **form.changes)
            messages.success(request, f"“{made.title}” is added.")
            return redirect(commitment)
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"form": form, "commitment": commitment}
    return render(request, "commitments/edit/milestone.html", context)


def milestone_change(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Move a milestone, complete it, or change what it is."""
    milestone = _movable(request, plan, reference, pk)
    commitment, today, user = milestone.commitment, clock.today(), person_of(request)
    data = request.POST if request.method == "POST" else None
    editor = may_edit(user, commitment, today)
    form = MilestoneForm(
        data,
        commitment=commitment,
        person=user,
        today=today,
        milestone=milestone,
        may_edit=editor,
    )
    if data is not None and form.is_valid():
        try:
            return _save_milestone(request, milestone, form, today)
        except EditConflict as conflict:
            return ask(request, conflict, commitment, milestone.title)
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"form": form, "commitment": commitment, "milestone": milestone}
    return render(request, "commitments/edit/milestone.html", context)


def _save_milestone(
    request: HttpRequest, milestone: Milestone, form: MilestoneForm, today: date
) -> HttpResponse:
    saved = change_milestone(
        by=person_of(request),
        milestone=milestone,
        base_version=form.cleaned_data["version"] or milestone.version,
        changes=form.changes,
        choices=choices_of(request.POST),
        today=today,
    )
    tell(request, saved, milestone.version, f"“{saved.title}”")
    return redirect(milestone.commitment)


@require_POST
def milestone_complete(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Say that a milestone was reached today."""
    milestone = _movable(request, plan, reference, pk)
    today = clock.today()
    if milestone.state == Milestone.State.COMPLETE:
        messages.info(request, f"“{milestone.title}” was complete already.")
    else:
        done = complete_milestone(by=person_of(request), milestone=milestone, on=today, today=today)
        messages.success(
            request,
            f"“{done.title}” is complete, reached on {words.day(today)}. "
            "Was it another day? Update the milestone.",
        )
    return redirect(milestone.commitment)


def figure_add(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Give one value of a measure."""
    commitment = commitment_or_404(request, plan, reference)
    today, user = clock.today(), person_of(request)
    kinds = _kinds(request, commitment, today)
    measure = commitment.measures.filter(pk=pk).first()
    if measure is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = FigureForm(data, kinds=kinds, measure=measure)
    if data is not None and form.is_valid():
        try:
            figure = record_figure(by=user, measure=measure, today=today, **form.cleaned_data)
            shown = words.figure(figure.value, measure.unit)
            messages.success(request, f"{shown} for {words.fuzzy(figure.period)} is kept.")
            return redirect(commitment)
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"form": form, "commitment": commitment, "measure": measure}
    return render(request, "commitments/edit/figure.html", context)


def _movable(request: HttpRequest, plan: str, reference: str, pk: int) -> Milestone:
    """A milestone that the person may move. Http404 and PermissionDenied as everywhere."""
    milestone = milestone_or_404(request, plan, reference, pk, Capability.VIEW)
    if not may_move(person_of(request), milestone.commitment, clock.today()):
        raise PermissionDenied
    return milestone


def _kinds(request: HttpRequest, commitment: Commitment, today: date) -> list[str]:
    """Which figures the person may give: actuals who reports, planned ones who edits."""
    user = person_of(request)
    allowed: dict[str, Any] = {Figure.Kind.ACTUAL: may_report, Figure.Kind.TRAJECTORY: may_edit}
    kinds = [kind.value for kind in Figure.Kind if allowed[kind](user, commitment, today)]
    if not kinds:
        raise PermissionDenied
    return kinds
