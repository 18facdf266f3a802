"""Commitments into the sheets of commitments.uploads.offline, as one person sees them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Max, Prefetch

from commitments.answering import Answer, answers
from commitments.dates import FuzzyDate
from commitments.figures import format_figure, format_number
from commitments.models import Commitment, Figure, Measure, Milestone, Party, Pillar, Rating
from commitments.models.commitment import CommitmentQuerySet
from commitments.ratings import with_ratings
from commitments.uploads.check import Tell
from commitments.uploads.offline import (
    COMMITMENTS,
    EDIT,
    FIGURES,
    LONGEST,
    MILESTONES,
    MOST_ROWS,
    MOVE,
    OWED,
    REPORT,
    SHEETS,
    Column,
    Line,
    Sheet,
)
from organisations.models import User
from organisations.permissions import Capability

# Commitments read at once, with all that belongs to them: what has to fit into memory.
BATCH = 500


@dataclass
class Contents:
    """What goes into a file: its sheets, the headings that each plan offers, and the rows in the
    order in which they are read, each with its sheet. `counts` are the rows so far by kind."""

    sheets: list[Sheet]
    headings: dict[str, list[str]]
    rows: Iterator[tuple[Sheet, Line]]
    counts: Counter[str]


def contents(
    commitments: CommitmentQuerySet,
    by: User,
    today: date,
    *,
    owed: dict[int, str] | None = None,
    open_to_all: bool = False,
    only_first: bool = False,
    tell: Tell | None = None,
) -> Contents:
    """Commitments that a person may see, with their milestones and figures unless `only_first`.

    What the person may not change is locked; with `open_to_all` progress is left open in every row,
    for a workbook that somebody else fills in. `owed` says of each commitment, by key, how its
    update stands, and makes it a return. Read while the rows are taken: constant in queries and in
    memory for every BATCH commitments.
    """
    first = COMMITMENTS if owed is None else (*COMMITMENTS[:5], OWED, *COMMITMENTS[5:])
    sheets = [Sheet("Commitments", first, "Commitments")]
    if not only_first:
        sheets += [Sheet(name, SHEETS[name], name) for name in ("Milestones", "Figures")]
    headings: dict[str, list[str]] = defaultdict(list)
    pillars = Pillar.objects.filter(plan__in=commitments.order_by().values("plan"))
    for code, name in pillars.order_by("position", "pk").values_list("plan__code", "name"):
        headings[code].append(name)
    counts: Counter[str] = Counter()
    batches = _batches(commitments, by, today, open_to_all, not only_first, tell)
    lines = _lines(batches, first, owed or {})
    return Contents(sheets, headings, _placed(sheets, lines, counts), counts)


def export_lines(
    commitments: CommitmentQuerySet, by: User, today: date
) -> Iterator[tuple[str, ...]]:
    """The first sheet as plain rows, headings first, while they are read."""
    return plain_rows(contents(commitments, by, today, only_first=True))


def plain_rows(found: Contents) -> Iterator[tuple[str, ...]]:
    """The rows of the first sheet, headings first: what a .csv file holds."""
    yield tuple(column.label for column in found.sheets[0].columns)
    yield from (line.cells for sheet, line in found.rows if sheet.kind == "Commitments")


def _lines(
    batches: Iterable[list["Row"]], first: tuple[Column, ...], owed: dict[int, str]
) -> Iterator[tuple[str, Line]]:
    """The lines of all rows, each with the kind of its sheet."""
    for batch in batches:
        for row in batch:
            yield "Commitments", _commitment_line(row, first, owed)
            for step in row.milestones:
                yield "Milestones", _milestone_line(row, step)
            for measure in row.measures:
                yield "Figures", _figure_line(row, measure)


def _placed(
    sheets: Sequence[Sheet], lines: Iterable[tuple[str, Line]], counts: Counter[str]
) -> Iterator[tuple[Sheet, Line]]:
    """Each line with its sheet; where one is full, a second one goes on."""
    current = {sheet.kind: sheet for sheet in sheets}
    for kind, line in lines:
        if counts[kind] and counts[kind] % MOST_ROWS == 0:
            number = counts[kind] // MOST_ROWS + 1
            current[kind] = replace(current[kind], name=f"{kind} {number}")
        counts[kind] += 1
        yield current[kind], line


# --- reading --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Row:
    """A commitment with all that its lines show, and what the person may do to it."""

    commitment: Commitment
    leads: tuple[str, ...]
    partners: tuple[str, ...]
    milestones: list[Milestone]
    measures: list[Measure]
    figure_events: dict[int, int]
    allowed: frozenset[str]


def _batches(
    commitments: CommitmentQuerySet,
    by: User,
    today: date,
    open_to_all: bool,
    with_steps: bool,
    tell: Tell | None,
) -> Iterator[list[Row]]:
    # Of all commitments only their keys are at hand: 100,000 are 4 MB.
    keys = list(commitments.order_by("plan__code", "reference").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        if tell:
            tell("Writing the commitments", start, len(keys))
        yield _read(keys[start : start + BATCH], by, today, open_to_all, with_steps)
    if tell:
        tell("Packing the file", 0, 0)


def _read(
    keys: Sequence[int], by: User, today: date, open_to_all: bool, with_steps: bool
) -> list[Row]:
    parties = Party.objects.select_related("organisation", "assigned_to")
    actuals = Figure.objects.filter(kind=Figure.Kind.ACTUAL).order_by("period_date")
    steps = ("milestones", "measures", Prefetch("measures__figures", actuals, to_attr="actuals"))
    found = (
        with_ratings(Commitment.objects.filter(pk__in=keys), today)
        .select_related("plan", "pillar", "standing__latest_update")
        .defer("search")
        .prefetch_related(Prefetch("parties", parties), *(steps if with_steps else ()))
        .in_bulk(keys)
    )
    rows = [found[key] for key in keys if key in found]
    leads = [p for row in rows for p in row.parties.all() if p.role == Party.Role.LEAD]
    answering = {answer.party.pk: answer for answer in answers(leads, today)}
    measures = [measure for row in rows for measure in row.measures.all()] if with_steps else []
    events = newest_events(measures)
    rights = {
        right: set(
            Commitment.objects.allowing(by, capability, today)
            .filter(pk__in=keys)
            .values_list("pk", flat=True)
        )
        for right, capability in ((EDIT, Capability.EDIT), (REPORT, Capability.REPORT))
    }
    return [_row(row, answering, events, rights, open_to_all, with_steps) for row in rows]


def newest_events(measures: Iterable[Measure]) -> dict[int, int]:
    """The newest entry that the history has of any figure of each measure: the hidden version of a
    row of figures. One query."""
    copies = Figure.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        measure__in=[measure.pk for measure in measures]
    )
    return dict(copies.order_by().values_list("measure").annotate(Max("pgh_id")))


def _row(
    row: Commitment,
    answering: dict[int, Answer],
    events: dict[int, int],
    rights: dict[str, set[int]],
    open_to_all: bool,
    with_steps: bool,
) -> Row:
    allowed = {right for right, keys in rights.items() if row.pk in keys}
    if open_to_all:
        allowed.add(REPORT)
    if allowed:
        allowed.add(MOVE)
    parties = list(row.parties.all())
    return Row(
        commitment=row,
        leads=tuple(_who(answering[party.pk]) for party in parties if party.pk in answering),
        partners=tuple(str(party) for party in parties if party.role == Party.Role.PARTNER),
        milestones=list(row.milestones.all()) if with_steps else [],
        measures=list(row.measures.all()) if with_steps else [],
        figure_events=events,
        allowed=frozenset(allowed),
    )


def _who(answer: Answer) -> str:
    """Who promised, and who answers for it now where that is somebody else."""
    if not answer.has_passed:
        return str(answer.party)
    return f"{answer.party} (now {', '.join(str(body) for body in answer.now)})"


# --- lines ----------------------------------------------------------------------------------------
def edited_values(row: Any) -> dict[str, Any]:
    """The values of a commitment that can be changed offline, of the row or of history's copy."""
    return {
        "title": row.title,
        "description": row.description,
        "pillar": row.pillar.name if row.pillar else "",
        "staff_groups": list(row.staff_groups),
        "senior_responsible_owner": row.senior_responsible_owner,
        "source": row.source,
    }


def moved_values(row: Any) -> dict[str, Any]:
    """The values of a milestone that can be changed offline."""
    forecast = getattr(row, "forecast", None) or FuzzyDate(
        row.forecast_text, row.forecast_date, row.forecast_precision
    )
    return {
        "state": row.state, "forecast": forecast, "actual_on": row.actual_on, "note": row.note
    }  # fmt: skip


def as_text(value: Any) -> str:
    """A value as a cell holds it: what people would type to say the same."""
    match value:
        case None:
            return ""
        case FuzzyDate():
            return value.text
        case date():
            return f"{value:%d/%m/%Y}"
        case list() | tuple():
            return "; ".join(value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _commitment_line(row: Row, columns: tuple[Column, ...], owed: dict[int, str]) -> Line:
    commitment = row.commitment
    standing = commitment.standing
    latest = standing.latest_update
    shown = edited_values(commitment)
    values = {
        **shown,
        "plan": commitment.plan.code,
        "reference": commitment.reference,
        "leads": row.leads,
        "partners": row.partners,
        "target": commitment.target,
        "evidence": Rating(commitment.evidence_rating).label,  # type: ignore[attr-defined]
        "last_rating": latest.get_rating_display() if latest else "",
        "last_on": latest.submitted_at.date() if latest else None,
        "last_said": latest.narrative if latest else "",
        "owed": owed.get(commitment.pk, ""),
        "state": commitment.get_state_display(),
        "key": commitment.pk,
        "version": commitment.version,
        "latest": latest.pk if latest else 0,
    }
    too_long = any(len(str(value)) > LONGEST for value in shown.values())
    allowed = row.allowed - {EDIT} if too_long else row.allowed
    return _line(columns, values, allowed, commitment)


def _milestone_line(row: Row, step: Milestone) -> Line:
    values = moved_values(step) | {
        "milestone": step.title,
        "baseline": step.baseline,
        "state": step.get_state_display(),
        "version": step.version,
    }
    return _line(MILESTONES, _about(row, step) | values, row.allowed, row.commitment)


def _figure_line(row: Row, measure: Measure) -> Line:
    actuals: list[Figure] = measure.actuals  # type: ignore[attr-defined]
    last = actuals[-1] if actuals else None
    values = {
        "measure": measure.name,
        "unit": measure.unit,
        "goal": format_figure(measure.target_low, measure.target_high, measure.qualifier)
        or measure.target_text,
        "last_value": format_number(last.value) if last else "",
        "last_period": last.period if last else "",
        "version": row.figure_events.get(measure.pk, 0),
    }
    return _line(FIGURES, _about(row, measure) | values, row.allowed, row.commitment)


def _about(row: Row, thing: Milestone | Measure) -> dict[str, Any]:
    commitment = row.commitment
    return {
        "plan": commitment.plan.code,
        "reference": commitment.reference,
        "commitment": commitment.title,
        "key": thing.pk,
    }


def _line(
    columns: tuple[Column, ...], values: dict[str, Any], allowed: frozenset[str], of: Commitment
) -> Line:
    cells = tuple(as_text(values.get(column.key)) for column in columns)
    return Line(cells, allowed, of.plan.code)
