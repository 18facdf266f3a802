"""A commitment's page: "Will this promise be kept?".

`assemble` reads everything in a fixed number of queries, whatever the commitment has, and hands the
template what it prints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commitments.access import commitment_or_404
from commitments.answering import Answer, answers
from commitments.asked_moves import open_moves
from commitments.chains import Waiting, waiting
from commitments.dates import format_fuzzy
from commitments.figures import format_figure
from commitments.history import changes
from commitments.models import Commitment, Figure, Measure, Milestone, Party
from commitments.public import public_page
from commitments.ratings import explain
from commitments.reasons import due, reasons
from commitments.register.charts import Drawing, measure_drawing, milestone_drawing
from commitments.verdicts import verdicts
from organisations.models import User
from organisations.permissions import Capability
from workforce_tracker import clock
from workforce_tracker.templatetags import words

EARLIER_UPDATES = 5
LATEST_CHANGES = 5


@dataclass(frozen=True)
class FigureRow:
    """A line of a measure's table: `what` it is where it is no ordinary period, and what somebody
    remarked on it."""

    when: str
    planned: str = ""
    actual: str = ""
    what: str = ""
    remark: str = ""


@dataclass(frozen=True)
class MeasureBlock:
    """A measure as the page shows it: its target in words, a drawing where there is something to
    compare, and all its numbers."""

    measure: Measure
    target: str
    drawing: Drawing | None
    rows: tuple[FigureRow, ...]

    @property
    def first(self) -> str:
        """The target promised first, where it moved."""
        measure = self.measure
        return format_figure(measure.first_target_low, measure.first_target_high, "", measure.unit)

    @property
    def unit(self) -> str:
        """The unit for the head of the table, unless every number carries it."""
        return "" if _sign(self.measure) == self.measure.unit else self.measure.unit


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
    measures = _measures(commitment)
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
        "measures": [_block(measure, commitment, today) for measure in measures],
        "milestones": _rows(milestones, today, waits or {}),
        "line": milestone_drawing(milestones, commitment.target_date, today),
        "notes": list(commitment.notes.all()),
    }


def assemble_public(commitment: Commitment, today: date) -> dict[str, Any]:
    """What everybody may read, and nothing else: no words of an update, no history, nobody's name.
    Constant in queries."""
    private = ("owner", "note", "source")
    milestones = list(commitment.milestones.select_related("organisation").defer(*private))
    measures = _measures(commitment)
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


def _measures(commitment: Commitment) -> list[Measure]:
    in_order = Prefetch("figures", Figure.objects.order_by("period_date", "kind"))
    return list(commitment.measures.prefetch_related(in_order))


def _block(measure: Measure, commitment: Commitment, today: date) -> MeasureBlock:
    figures = list(measure.figures.all())
    target = format_figure(measure.target_low, measure.target_high, measure.qualifier, measure.unit)
    return MeasureBlock(
        measure=measure,
        target=target or measure.target_text,
        drawing=measure_drawing(measure, figures, commitment.target_date, today),
        rows=tuple(_figure_rows(measure, figures, commitment)),
    )


def _figure_rows(
    measure: Measure, figures: Sequence[Figure], commitment: Commitment
) -> list[FigureRow]:
    """Baseline first, then every period with what was planned and what came, then the target."""
    sign = _sign(measure)
    rows = []
    if measure.baseline_value is not None:
        value = format_figure(measure.baseline_value, None, unit=sign)
        when = format_fuzzy(measure.baseline) if measure.baseline else "Before"
        rows.append(FigureRow(when, actual=value, what="Baseline"))
    for day in dict.fromkeys(figure.period_date for figure in figures):
        of_day = {figure.kind: figure for figure in figures if figure.period_date == day}
        planned, actual = (
            format_figure(of_day[kind].value, None, unit=sign) if kind in of_day else ""
            for kind in (Figure.Kind.TRAJECTORY, Figure.Kind.ACTUAL)
        )
        told = dict.fromkeys(text for f in of_day.values() for text in (f.source, f.note) if text)
        period = next(iter(of_day.values())).period
        rows.append(FigureRow(format_fuzzy(period), planned, actual, remark="; ".join(told)))
    low, high = measure.target_low, measure.target_high
    if target := format_figure(low, high, measure.qualifier, sign) or measure.target_text:
        when = format_fuzzy(commitment.target) if commitment.target else "No date given"
        rows.append(FigureRow(when, planned=target, what="Target"))
    return rows


def _sign(measure: Measure) -> str:
    """What of a unit stands with every number; the rest is said once, in the table's head."""
    if measure.unit.startswith("£"):
        return measure.unit
    return "%" if measure.unit.startswith("%") else ""


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
