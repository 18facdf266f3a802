"""What the files say against what is stored: new, changed, unchanged, and kept for people.

What somebody has changed here is theirs: as soon as one change of a commitment, of its parties,
measures or milestones, or of a plan was made by a person, the loader leaves that commitment or plan
as it is and reports what the file says differently. One rule for the whole commitment, so that a
half-old, half-new one cannot come about.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db import models

from commitments.loading.files import PlanRows, Problem, Row
from commitments.loading.reading import (
    UnknownCode,
    commitment_draft,
    milestone_draft,
    note_draft,
    plan_values,
    reported_figure,
    unit_of,
)
from commitments.models import Commitment, Figure, Measure, Milestone, Party, Plan
from commitments.register.actions import (
    CommitmentDraft,
    DraftProblems,
    plan_changes,
    record_figure,
    save_commitments,
    save_notes,
    save_plan,
)
from organisations.matching import OrganisationMatcher


@dataclass
class Report:
    """What a load did. `kept` says what people have made their own and the file has otherwise."""

    plans: Counter[str] = field(default_factory=Counter)
    commitments: Counter[str] = field(default_factory=Counter)
    milestones: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report for programs."""
        counts = {
            name: {word: getattr(self, name)[word] for word in ("new", "changed", "unchanged")}
            for name in ("plans", "commitments", "milestones", "figures", "notes")
        }
        return {**counts, "kept": self.kept, "problems": [asdict(found) for found in self.problems]}


def save(plans: Iterable[PlanRows], today: date) -> Report:
    """Save every plan. Problems are collected; the caller rolls everything back when there are."""
    matcher = OrganisationMatcher.load()
    report = Report()
    for rows in plans:
        plan = _save_plan(rows, matcher, today, report)
        if plan is None:
            continue
        try:
            drafts = _drafts(rows, matcher)
            _save_commitments(plan, drafts, today, report)
        except UnknownCode as unknown:
            report.problems.append(Problem(f"Plan {rows.code}", None, str(unknown)))
            continue
        except DraftProblems as found:
            report.problems += [
                Problem(f"Plan {rows.code}", None, message) for message in found.messages
            ]
            continue
        _save_notes(plan, rows.notes, today, report)
    return report


def _save_plan(
    rows: PlanRows, matcher: OrganisationMatcher, today: date, report: Report
) -> Plan | None:
    """The plan, saved; a file of milestones alone needs one that is known already."""
    known = Plan.objects.filter(code__iexact=rows.code).first()
    described = next(iter([*rows.commitments, *rows.notes]), None)
    if described is None:
        if known is None:
            message = "There are milestones for this plan, and no plan. Load its commitments first."
            report.problems.append(Problem(f"Plan {rows.code}", None, message))
        return known
    values = plan_values(described, matcher)
    differs = known is None or any(getattr(known, name) != values[name] for name in values)
    if known and differs and by_people(Plan, [known.pk], "pgh_obj"):
        report.kept.append(f"Plan {known.code}: changed here by people")
        return known
    report.plans["unchanged" if not differs else "changed" if known else "new"] += 1
    return save_plan(by=None, code=rows.code, today=today, **values) if differs else known


def _drafts(rows: PlanRows, matcher: OrganisationMatcher) -> list[CommitmentDraft]:
    steps: dict[str, list[Row]] = defaultdict(list)
    for row in rows.milestones:
        steps[row["commitment_reference"]].append(row)
    drafts = [
        commitment_draft(row, steps.pop(row["reference"], ()), matcher) for row in rows.commitments
    ]
    # Milestones of commitments that were loaded before.
    drafts += [
        CommitmentDraft(reference, {}, milestones=[milestone_draft(row) for row in found])
        for reference, found in steps.items()
    ]
    return drafts


def _save_commitments(
    plan: Plan, drafts: list[CommitmentDraft], today: date, report: Report
) -> None:
    changes = plan_changes(plan=plan, drafts=drafts, today=today, by_the_product=True)
    changed = {change.reference: change for change in changes if change.kind == "changed"}
    if changed:
        for reference in _of_people(plan, changed):
            change = changed.pop(reference)
            labels = [found.label for found in change.fields]
            labels += [f'milestone "{found.title}"' for found in change.milestones]
            report.kept.append(
                f"{plan.code} {reference}: changed here by people, not replaced by the file's "
                + ", ".join(labels)
            )
    wanted = {change.reference for change in changes if change.kind == "new"} | set(changed)
    report.commitments["unchanged"] += sum(change.kind == "unchanged" for change in changes)
    if not wanted:
        return
    again = {change.reference: draft for change, draft in zip(changes, drafts, strict=True)}
    result = save_commitments(
        by=None,
        plan=plan,
        drafts=[draft for reference, draft in again.items() if reference in wanted],
        today=today,
    )
    report.commitments.update(new=len(result.new), changed=len(result.changed))
    report.milestones.update(new=result.milestones_new, changed=result.milestones_changed)


def _save_notes(plan: Plan, rows: list[Row], today: date, report: Report) -> None:
    """Progress becomes a figure of the one measure that counts the same, else a note."""
    if not rows:
        return
    measures: dict[str, list[Measure]] = defaultdict(list)
    for measure in Measure.objects.filter(commitment__plan=plan).select_related("commitment"):
        measures[measure.unit.casefold()].append(measure)
    notes = []
    for row in rows:
        counted = measures[unit_of(row).casefold()] if row["row_type"] == "progress" else []
        if len(counted) == 1 and _save_figure(counted[0], row, today, report):
            continue
        notes.append(note_draft(row))
    report.notes.update(save_notes(by=None, plan=plan, drafts=notes, today=today))


def _save_figure(measure: Measure, row: Row, today: date, report: Report) -> bool:
    """Keep a reported figure; False when the row is not one number for one period."""
    reported = reported_figure(row)
    if reported is None:
        return False
    value, period, note = reported
    actuals = measure.figures.filter(kind=Figure.Kind.ACTUAL)
    stands = next((figure for figure in actuals if figure.period_date == period.last_day), None)
    if stands and (stands.value, stands.source, stands.note) == (value, row["source"], note):
        report.figures["unchanged"] += 1
    elif stands and stands.entered_by_id:
        report.kept.append(
            f"{measure.commitment.reference}: the figure for {period.text} was entered by a person"
        )
    else:
        record_figure(
            by=None,
            measure=measure,
            kind=Figure.Kind.ACTUAL,
            value=value,
            period=period,
            source=row["source"],
            note=note,
            replace=True,
            today=today,
        )
        report.figures["changed" if stands else "new"] += 1
    return True


def _of_people(plan: Plan, references: Iterable[str]) -> list[str]:
    """Which of a plan's commitments people have changed, in themselves or in what hangs on them."""
    ids = dict(
        Commitment.objects.filter(plan=plan, reference__in=references).values_list(
            "pk", "reference"
        )
    )
    found = by_people(Commitment, ids, "pgh_obj")
    for model in (Party, Measure, Milestone):
        found |= by_people(model, ids, "commitment")
    return [reference for pk, reference in ids.items() if pk in found]


def by_people(model: type[models.Model], ids: Iterable[int], column: str) -> set[int]:
    """The values of `column` among `ids` for which the history has a change by somebody."""
    events = model.pgh_event_model.objects  # type: ignore[attr-defined]
    rows = events.filter(**{f"{column}__in": list(ids)}, pgh_context__metadata__user__gt=0)
    return set(rows.values_list(column, flat=True))
