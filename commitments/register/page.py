"""A commitment's page: "Will this promise be kept?".

`assemble` reads everything in a fixed number of queries, whatever the commitment has, and hands the
template what it prints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commitments.access import commitment_or_404
from commitments.answering import Answer, answers
from commitments.asked_moves import open_moves
from commitments.chains import Waiting, waiting
from commitments.history import changes
from commitments.models import Commitment, Measure, Milestone, Party
from commitments.public import public_page
from commitments.ratings import explain
from commitments.reasons import due, reasons
from commitments.register.charts import milestone_drawing
from commitments.register.measure_blocks import measure_blocks, measures_of
from commitments.verdicts import verdicts
from organisations.models import User
from organisations.permissions import Capability
from workforce_tracker import clock
from workforce_tracker.templatetags import words

EARLIER_UPDATES = 5
LATEST_CHANGES = 5


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone with its number on the drawing and how late it is, in words."""

    number: int
    milestone: Milestone
    state: str
    remark: str
    waiting: Waiting | None = None

    @property
    def is_late(self) -> bool:
        return self.state == "late"


@login_not_required
@require_safe
def commitment_page(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """The page of one commitment that the person may see; the public one without signing in."""
    commitment, today = commitment_or_404(request, plan, reference), clock.today()
    user = request.user
    if not isinstance(user, User):
        template = "commitments/public/commitment.html"
        return public_page(request, template, assemble_public(commitment, today))
    context = assemble(commitment, user, today)
    return render(request, "commitments/commitment/page.html", context)


def assemble(commitment: Commitment, user: User, today: date) -> dict[str, Any]:
    """All that the template prints. Constant in queries."""
    milestones = list(commitment.milestones.select_related("owner", "organisation"))
    measures = measures_of(commitment)
    updates = list(
        commitment.updates.standing().select_related("author", "organisation", "round")[
            : EARLIER_UPDATES + 1
        ]
    )
    return {
        **_promise(commitment, milestones, measures, today, waiting(commitment, user, today)),
        "latest": updates[0] if updates else None,
        "earlier": updates[1:],
        "entries": changes([commitment.pk], limit=LATEST_CHANGES),
        "asked": open_moves(commitment),
        "sides": verdicts([commitment.pk]).get(commitment.pk),
        **permissions(commitment, user, today),
    }


def _promise(
    commitment: Commitment,
    milestones: list[Milestone],
    measures: list[Measure],
    today: date,
    waits: Mapping[int, Waiting] | None = None,
) -> dict[str, Any]:
    """What every reader of the page gets: the promise, who answers for it, and how it stands."""
    explanation = explain(commitment, today)
    parties = answers(commitment.parties.select_related("organisation", "assigned_to"), today)
    return {
        "commitment": commitment,
        "standing": commitment.standing,
        "evidence": explanation.rating,
        "reasons": reasons(explanation, commitment, milestones, measures, today),
        "leads": _in_role(parties, Party.Role.LEAD),
        "partners": _in_role(parties, Party.Role.PARTNER),
        "measures": measure_blocks(measures, commitment, today),
        "milestones": _rows(milestones, today, waits or {}),
        "line": milestone_drawing(milestones, commitment.target_date, today),
        "notes": list(commitment.notes.all()),
    }


def assemble_public(commitment: Commitment, today: date) -> dict[str, Any]:
    """What everybody may read, and nothing else: no words of an update, no history, nobody's name.
    Constant in queries."""
    private = ("owner", "note", "source")
    milestones = list(commitment.milestones.select_related("organisation").defer(*private))
    measures = measures_of(commitment)
    updates = commitment.updates.standing().select_related("organisation")
    return {
        **_promise(commitment, milestones, measures, today),
        "declared": updates.only("commitment", "organisation", "submitted_at").first(),
    }


def permissions(commitment: Commitment, user: User, today: date) -> dict[str, bool]:
    """What a person may do here: `may_edit`, `may_report` (an update), `may_move` (milestones and
    figures, which both of these allow)."""
    one = Commitment.objects.filter(pk=commitment.pk)
    may_edit = one.allowing(user, Capability.EDIT, today).exists()
    may_report = one.allowing(user, Capability.REPORT, today).exists()
    return {"may_edit": may_edit, "may_report": may_report, "may_move": may_edit or may_report}


def _in_role(parties: Sequence[Answer], role: str) -> list[Answer]:
    return [answer for answer in parties if answer.party.role == role]


def _rows(
    milestones: Sequence[Milestone], today: date, waits: Mapping[int, Waiting]
) -> list[MilestoneRow]:
    return [
        MilestoneRow(number, milestone, *_state(milestone, today), waits.get(milestone.pk))
        for number, milestone in enumerate(milestones, 1)
    ]


def _state(milestone: Milestone, today: date) -> tuple[str, str]:
    """late, complete, cancelled, open or undated; and how that reads."""
    if milestone.state == Milestone.State.COMPLETE:
        on_time = words.day(milestone.actual_on)
        return "complete", f"Reached {on_time}" if on_time else "Complete"
    if milestone.state == Milestone.State.CANCELLED:
        return "cancelled", "Cancelled"
    if milestone.due_date is None:
        return "undated", "No date"
    when = words.when(due(milestone), today)
    return ("late" if milestone.due_date < today else "open"), when[:1].upper() + when[1:]
