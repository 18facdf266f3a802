"""The update page: say how a commitment goes, and on to the next that is owed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from commitments.access import commitment_or_404
from commitments.models import Commitment, ProgressUpdate, Round, UpdateDraft
from commitments.models.progress import SAID
from commitments.owed import round_for
from commitments.progress.actions import (
    SET_ASIDE,
    DraftConflict,
    Reported,
    ReportProblems,
    discard_draft,
    report,
    save_draft,
    what_if,
)
from commitments.progress.forms import UpdateForm, shown
from commitments.progress.queries import Sitting, reporting_organisation, sitting
from commitments.ratings import explain
from organisations.models import Organisation, User
from organisations.permissions import Capability
from workforce_tracker import clock
from workforce_tracker.templatetags import words

PAGE = "commitments/progress/update.html"
EVIDENCE_PART = "commitments/progress/evidence.html"
DRAFT_PART = "commitments/progress/draft.html"


@dataclass(frozen=True)
class Desk:
    """Who reports on what, for whom, with which form; `place` is where they are in what is owed.

    `last` is what their organisation said last, even if it was sent back; `standing` its update in
    force; `round` the one that takes the update.
    """

    commitment: Commitment
    user: User
    organisation: Organisation
    form: UpdateForm
    place: Sitting | None
    last: ProgressUpdate | None
    draft: UpdateDraft | None
    round: Round | None
    today: date

    @property
    def returned(self) -> ProgressUpdate | None:
        """What they said last, where it was sent back."""
        sent_back = self.last and self.last.state == ProgressUpdate.State.RETURNED
        return self.last if sent_back else None


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
    elif desk.draft:
        desk.form.fill(desk.draft.boxes)
    elif desk.returned:
        # Its next version begins with what it said.
        desk.form.fill({name: [getattr(desk.returned, name)] for name in SAID})
    return render(request, PAGE, _context(desk))


@require_POST
def draft_save(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Keep what stands in the boxes. Asked by the page itself every few seconds, or by hand."""
    commitment = commitment_or_404(request, plan, reference, Capability.REPORT)
    desk = _desk(request, commitment, is_draft=True)
    boxes = desk.form.boxes_of(request.POST)
    by_itself = request.htmx and "load_theirs" not in request.POST  # type: ignore[attr-defined]
    if desk.draft is None and _number(request, "seen") != _key(desk.last):
        # Asked by a page whose update has been sent meanwhile: there is nothing left to keep.
        return (
            render(request, DRAFT_PART, {"was_sent": True}) if by_itself else redirect(commitment)
        )
    try:
        draft = save_draft(
            by=desk.user,
            commitment=commitment,
            organisation=desk.organisation,
            boxes=boxes,
            seen=_number(request, "take_over", "load_theirs", "draft_version"),
            take_over="take_over" in request.POST,
            load_theirs="load_theirs" in request.POST,
            today=desk.today,
        )
    except DraftConflict as conflict:
        told = {"conflict": conflict.theirs, "version": _number(request, "draft_version")}
        if by_itself:
            return render(request, DRAFT_PART, _draft_context(desk) | told)
        desk.form.fill(boxes)
        return render(request, PAGE, _context(desk) | told)
    if by_itself:
        told = {"draft": draft, "version": draft.version, "was_saved": True}
        return render(request, DRAFT_PART, _draft_context(desk) | told)
    messages.success(request, f"The draft is kept. Only {desk.organisation} sees it.")
    return redirect("progress_add", plan, reference)


@require_POST
def draft_discard(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Throw the draft away."""
    commitment = commitment_or_404(request, plan, reference, Capability.REPORT)
    desk = _desk(request, commitment, is_draft=True)
    gone = discard_draft(
        by=desk.user,
        commitment=commitment,
        organisation=desk.organisation,
        seen=_number(request, "draft_version"),
        today=desk.today,
    )
    if gone:
        messages.success(request, "The draft is gone.")
        return redirect(commitment)
    messages.info(request, "A colleague saved the draft after you looked, so it is still here.")
    return redirect("progress_add", plan, reference)


def _desk(request: HttpRequest, commitment: Commitment, *, is_draft: bool = False) -> Desk:
    today = clock.today()
    user = request.user
    assert isinstance(user, User)  # every page needs a sign-in
    acting = getattr(request, "acting", None)
    organisation = reporting_organisation(user, acting, commitment, today)
    if organisation is None:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    own = commitment.updates.filter(organisation=organisation).select_related("settled_by", "round")
    last, standing = own.first(), own.standing().first()
    draft = commitment.drafts.filter(organisation=organisation).select_related("author").first()
    form = UpdateForm(
        None if is_draft else data,
        milestones=shown(list(commitment.milestones.all()), data),
        measures=list(commitment.measures.all()),
        standing=standing,
        initial={"seen": _key(last), "draft_version": draft.version if draft else 0},
    )
    place = sitting(user, organisation, commitment, today)
    round_ = round_for(commitment.plan_id, today)
    return Desk(commitment, user, organisation, form, place, last, draft, round_, today)


def _key(last: ProgressUpdate | None) -> int:
    return last.pk if last else 0


def _number(request: HttpRequest, *names: str) -> int:
    """The first of these boxes that was sent, as a number; 0 for what is none."""
    text = next((request.POST[name] for name in names if name in request.POST), "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


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
            is_unchanged=desk.form.says_unchanged,
            seen=desk.form.cleaned_data["seen"],
            draft=desk.form.cleaned_data["draft_version"] or 0,
            today=desk.today,
            **desk.form.said,
        )
    except ReportProblems as problems:
        desk.form.add_problems(problems)
        # Sent again, it is by somebody who has read what a colleague sent meanwhile.
        desk.form.put("seen", _key(desk.last))
        return None


def _onward(request: HttpRequest, desk: Desk, done: Reported) -> HttpResponse:
    """Say what was saved, and go to the next update owed or to the commitment."""
    reference, evidence = desk.commitment.reference, explain(desk.commitment, desk.today).rating
    if done.is_new:
        rating = done.update.get_rating_display().lower()
        said = f"{reference}: saved as {rating}. The evidence shows {evidence.label.lower()}."
        if done.update.is_late and done.update.round:
            closed = words.day(done.update.round.closes_on)
            said += f" It is marked late: “{done.update.round}” closed on {closed}."
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


def _draft_context(desk: Desk) -> dict[str, Any]:
    """The draft that stands, and what somebody set aside in it."""
    told: dict[str, Any] = {"commitment": desk.commitment, "draft": desk.draft}
    told["version"] = desk.form["draft_version"].value() or 0
    if desk.draft and (aside := desk.draft.boxes.get(SET_ASIDE)):
        told["aside"] = {
            "who": aside["who"],
            "when": parse_datetime(aside["when"]),
            "boxes": desk.form.in_words(aside["boxes"]),
        }
    return told


def _context(desk: Desk) -> dict[str, Any]:
    updates = desk.commitment.updates.standing().select_related("author", "organisation", "round")
    return {
        "form": desk.form,
        "organisation": desk.organisation,
        "sitting": desk.place,
        "latest": updates.first(),
        "returned": desk.returned,
        "round": desk.round,
        "is_late": desk.round is not None and desk.round.closes_on < desk.today,
        **_draft_context(desk),
        **_evidence(desk)[0],
    }
