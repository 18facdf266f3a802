"""The update page: say how a commitment goes, and on to the next that is owed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from commitments.access import commitment_or_404
from commitments.models import Commitment
from commitments.progress.actions import Reported, ReportProblems, report, what_if
from commitments.progress.forms import UpdateForm, shown
from commitments.progress.queries import Sitting, reporting_organisation, sitting
from commitments.ratings import explain
from organisations.models import Organisation, User
from organisations.permissions import Capability
from workforce_tracker import clock

PAGE = "commitments/progress/update.html"
EVIDENCE_PART = "commitments/progress/evidence.html"


@dataclass(frozen=True)
class Desk:
    """Who reports on what, for whom, with which form; `place` is where they are in what is owed."""

    commitment: Commitment
    user: User
    organisation: Organisation
    form: UpdateForm
    place: Sitting | None
    today: date


def progress_add(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Show the form; on POST save it all, or with "check" only work out the evidence again."""
    commitment = commitment_or_404(request, plan, reference, Capability.REPORT)
    desk = _desk(request, commitment)
    if request.method == "POST":
        desk.form.is_valid()
        if "check" in request.POST:
            return _check(request, desk)
        if done := _save(desk):
            return _onward(request, desk, done)
    return render(request, PAGE, _context(desk))


def _desk(request: HttpRequest, commitment: Commitment) -> Desk:
    today = clock.today()
    user = request.user
    assert isinstance(user, User)  # every page needs a sign-in
    acting = getattr(request, "acting", None)
    organisation = reporting_organisation(user, acting, commitment, today)
    if organisation is None:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    milestones = shown(list(commitment.milestones.all()), data)
    form = UpdateForm(data, milestones=milestones, measures=list(commitment.measures.all()))
    place = sitting(user, organisation, commitment, today)
    return Desk(commitment, user, organisation, form, place, today)


def _save(desk: Desk) -> Reported | None:
    """Save a form without faults; what the action refuses is put on the form."""
    if desk.form.errors:
        return None
    try:
        return report(
            by=desk.user,
            commitment=desk.commitment,
            organisation=desk.organisation,
            milestones=desk.form.milestone_reports(),
            figures=desk.form.figure_reports(),
            today=desk.today,
            **desk.form.said,
        )
    except ReportProblems as problems:
        desk.form.add_problems(problems)
        return None


def _onward(request: HttpRequest, desk: Desk, done: Reported) -> HttpResponse:
    """Say what was saved, and go to the next update owed or to the commitment."""
    reference, evidence = desk.commitment.reference, explain(desk.commitment, desk.today).rating
    if done.is_new:
        rating = done.update.get_rating_display().lower()
        said = f"{reference}: saved as {rating}. The evidence shows {evidence.label.lower()}."
    else:
        said = (
            f"{reference}: you had said the same earlier today, so the update stands once. "
            "Changes to milestones and figures are saved."
        )
    messages.success(request, said)
    if "next" in request.POST and desk.place and desk.place.next:
        following = desk.place.next
        return redirect(reverse("progress_add", args=[following.plan.code, following.reference]))
    return redirect(desk.commitment)


def _check(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the evidence would show with the dates and figures in the boxes; nothing is saved."""
    told, problems = _evidence(desk)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, EVIDENCE_PART, told)
    desk.form.forget_what_was_not_said()
    desk.form.add_problems(problems)
    return render(request, PAGE, _context(desk))


def _evidence(desk: Desk) -> tuple[dict[str, Any], ReportProblems]:
    """The evidence and its reasons; of a form that was sent, with what stands in its boxes."""
    moved = desk.form.is_bound
    explanation, lines, problems = what_if(
        by=desk.user,
        commitment=desk.commitment,
        milestones=desk.form.milestone_reports() if moved else (),
        figures=desk.form.figure_reports() if moved else (),
        today=desk.today,
    )
    told = {"evidence": explanation.rating, "reasons": lines, "is_a_check": moved}
    return told, problems


def _context(desk: Desk) -> dict[str, Any]:
    updates = desk.commitment.updates.standing().select_related("author", "organisation", "round")
    return {
        "commitment": desk.commitment,
        "form": desk.form,
        "organisation": desk.organisation,
        "sitting": desk.place,
        "latest": updates.first(),
        **_evidence(desk)[0],
    }
