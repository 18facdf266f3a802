"""Check a file against a plan: what is wrong, what to confirm, and what applying it would do.

The gates, in order: the file can be read (commitments.uploads.reading), a sheet has headings
(commitments.uploads.rows), every cell holds what its column takes (commitments.uploads.resource),
the rows go together, and the actions would accept them. All errors are found at once, and nothing
is written: the same check runs again just before a file is applied.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.db.models.functions import Upper

from commitments.models import Commitment, Party, Plan
from commitments.numbering import free_references
from commitments.register.actions import (
    Change,
    CommitmentDraft,
    DraftProblems,
    explain_reference,
    plan_changes,
)
from commitments.uploads.drafting import draft_of
from commitments.uploads.headings import Headings
from commitments.uploads.reading import Table
from commitments.uploads.resource import CommitmentResource, quoted
from commitments.uploads.rows import Finding, Row, find_rows
from organisations.matching import OrganisationMatcher
from organisations.models import User
from organisations.permissions import Capability

# Which column a problem of an action is about.
KEY_OF_FIELD = {
    "target": "target_date", "leads": "lead", "measures": "target_value",
    "milestones": "milestone_1",
}  # fmt: skip


@dataclass
class Entry:
    """One row on its way: its cells, their values, the reference it gets and the draft."""

    row: Row
    values: dict[str, Any]
    reference: str = ""
    draft: CommitmentDraft | None = None


@dataclass
class Checked:
    """What a check found. `changes` are empty while there are errors; `entries` go with them."""

    entries: list[Entry] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    questions: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def drafts(self) -> list[CommitmentDraft]:
        """What to hand to the actions."""
        return [entry.draft for entry in self.entries if entry.draft]

    def counts(self) -> dict[str, int]:
        """The numbers of the result: what applying it does, and what there is to look at."""
        kinds = [change["kind"] for change in self.changes]
        return {
            "new": kinds.count("new"),
            "changed": kinds.count("changed"),
            "unchanged": kinds.count("unchanged"),
            "milestones": sum(len(change["milestones"]) for change in self.changes),
            "to_confirm": len(self.questions),
            "errors": len(self.errors),
        }

    def as_json(self) -> dict[str, Any]:
        """As an upload keeps it: errors and questions (Finding), notes, changes (the actions'
        Change with the row it comes from), and the rows with errors as they stand in the file."""
        return {
            "errors": [finding.as_json() for finding in self.errors],
            "questions": [finding.as_json() for finding in self.questions],
            "notes": self.notes,
            "changes": self.changes,
            "problem_rows": problem_rows(self.errors, self.entries),
        }

    def fingerprint(self) -> str:
        """The same for two checks exactly when a person would be shown the same."""
        shown = [self.changes, [finding.message for finding in self.questions], self.notes]
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def check(tables: Sequence[Table], *, plan: Plan, by: User, today: date) -> Checked:
    """Check a file's tables for somebody who imports them into a plan. Writes nothing.

    Constant in queries. Raises Unreadable when no sheet has headings and rows.
    """
    found = find_rows(tables)
    checked = Checked(notes=found.notes)
    matcher = OrganisationMatcher.load()
    resource = CommitmentResource()
    for row in found.rows:
        values, problems = resource.clean_cells(row.cells, matcher)
        checked.entries.append(Entry(row, values, values["reference"] or ""))
        checked.errors += [row.finding("error", key, words) for key, words in problems]
    standing = Standing.of(plan, checked.entries, by, today)
    _check_rows(checked, plan, standing)
    _check_across(checked, standing)
    _draft(checked, standing, matcher, Headings.of(plan))
    if not checked.errors:
        _preview(checked, plan, by, today)
    checked.errors.sort(key=lambda finding: (finding.sheet, finding.row))
    return checked


@dataclass
class Standing:
    """What the plan has already: the commitments that the file names, as far as the person may
    import into them; all references in use; and all titles, folded, with their references."""

    plan: Plan
    named: dict[str, Commitment]
    taken: set[str]
    titles: dict[str, str]

    @classmethod
    def of(cls, plan: Plan, entries: Sequence[Entry], by: User, today: date) -> "Standing":
        """Six queries, however many rows."""
        wanted = {entry.reference.upper() for entry in entries if entry.reference}
        mine = Commitment.objects.allowing(by, Capability.IMPORT, today).filter(plan=plan)
        rows = (
            mine.annotate(upper=Upper("reference"))
            .filter(upper__in=wanted)
            .select_related("pillar")
            .defer("search")
            .prefetch_related(
                Prefetch("parties", Party.objects.select_related("organisation")),
                "measures",
                "milestones",
            )
        )
        return cls(
            plan=plan,
            named={row.reference.upper(): row for row in rows},
            taken={ref.upper() for ref in plan.commitments.values_list("reference", flat=True)},
            titles={
                title.casefold(): reference
                for title, reference in mine.values_list("title", "reference")
            },
        )


def _check_rows(checked: Checked, plan: Plan, standing: Standing) -> None:
    """What a row needs whatever the others say."""
    faulty = _faulty_cells(checked)
    others = standing.taken - set(standing.named)
    for entry in checked.entries:
        row, reference = entry.row, entry.reference
        other_plan = row.cells.get("plan", plan.code)
        if other_plan.casefold() not in (plan.code.casefold(), plan.title.casefold()):
            checked.errors.append(row.finding("error", "plan", (
                f"{quoted(other_plan)} is another plan. This upload goes into {plan.code}. "
                "Delete the row, or upload it into its own plan."
            )))  # fmt: skip
        if reference and (problem := explain_reference(reference)):
            checked.errors.append(row.finding("error", "reference", problem))
        elif reference.upper() in others:
            checked.errors.append(row.finding("error", "reference", (
                f"{quoted(reference)} belongs to another organisation's draft. "
                "Use another reference."
            )))  # fmt: skip
        is_new = reference.upper() not in standing.named
        if is_new and not entry.values["title"] and not _is_in(faulty, row, "title"):
            checked.errors.append(row.finding("error", "title", (
                "this is empty. Say in one line what is promised"
                + (f": {quoted(reference)} is not in the plan yet." if reference else ".")
            )))  # fmt: skip
        for key in row.cells:
            title = key.removesuffix("_date")
            if key.startswith("milestone_") and title != key and title not in row.cells:
                checked.errors.append(row.finding("error", key, (
                    f'there is a date but no milestone. Name the milestone in "'
                    f'{row.layout.label(title)}", or empty this cell.'
                )))  # fmt: skip


def _check_across(checked: Checked, standing: Standing) -> None:
    """No reference twice; and every row without one gets the next that is free."""
    first: dict[str, Row] = {}
    for entry in checked.entries:
        earlier = first.setdefault(entry.reference.upper(), entry.row)
        if entry.reference and earlier is not entry.row:
            checked.errors.append(entry.row.finding("error", "reference", (
                f"{quoted(entry.reference)} is on {earlier.place} as well. "
                "Keep one of the two rows, or give this one a reference of its own."
            )))  # fmt: skip
    faulty = _faulty_cells(checked)
    free = free_references(standing.plan.code, standing.taken | set(first) - {""})
    for entry in checked.entries:
        if entry.reference or _is_in(faulty, entry.row, "reference"):
            continue
        entry.reference = next(free)
        words = f"there is no reference, so this is added as new, with {entry.reference}."
        title = (entry.values["title"] or "").casefold()
        if same := standing.titles.get(title):
            words += f" {same} has the same title: to change that one, give its reference here."
        checked.questions.append(entry.row.finding("reference", "reference", words))


def _faulty_cells(checked: Checked) -> set[tuple[str, int, str]]:
    """Sheet, row and column of every error so far: one that hides what follows from it."""
    return {(finding.sheet, finding.row, finding.column) for finding in checked.errors}


def _is_in(faulty: set[tuple[str, int, str]], row: Row, key: str) -> bool:
    return (row.sheet, row.number, row.layout.label(key)) in faulty


def _draft(
    checked: Checked, standing: Standing, matcher: OrganisationMatcher, headings: Headings
) -> None:
    for entry in checked.entries:
        existing = standing.named.get(entry.reference.upper())
        entry.draft, questions = draft_of(
            entry.row, entry.values, entry.reference, existing, matcher, headings
        )
        checked.questions += questions
    checked.notes += headings.notes()


def _preview(checked: Checked, plan: Plan, by: User, today: date) -> None:
    """What the actions would do, or why they would refuse."""
    try:
        changes = plan_changes(plan=plan, drafts=checked.drafts, today=today)
    except DraftProblems as refused:
        by_reference = {entry.reference.upper(): entry.row for entry in checked.entries}
        for problem in refused.problems:
            row = by_reference[problem.reference.upper()]
            key = KEY_OF_FIELD.get(problem.field, problem.field)
            key = key if key in row.layout.places else ""
            checked.errors.append(row.finding("error", key, problem.message))
        return
    for change, entry in zip(changes, checked.entries, strict=True):
        checked.changes.append(_as_json(change) | {"row": entry.row.number})


def _as_json(change: Change) -> dict[str, Any]:
    """The same as dataclasses.asdict, without its deep copies: there may be thousands."""
    milestones = [
        {**vars(each), "fields": [vars(field) for field in each.fields]}
        for each in change.milestones
    ]
    fields = [vars(field) for field in change.fields]
    return {**vars(change), "fields": fields, "milestones": milestones}


# --- the faulty rows as they stand ----------------------------------------------------------------
MOST_ROWS = 100


def problem_rows(errors: Sequence[Finding], entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The first rows with errors, sheet by sheet, every cell as it stands in the file."""
    wrong: dict[tuple[str, int], set[str]] = {}
    for finding in errors:
        wrong.setdefault((finding.sheet, finding.row), set()).add(finding.cell)
    sheets: dict[str, dict[str, Any]] = {}
    shown = [entry.row for entry in entries if (entry.row.sheet, entry.row.number) in wrong]
    for row in shown[:MOST_ROWS]:
        layout = row.layout
        places = sorted(layout.places.values())
        heads = [layout.table.rows[layout.heading_row][place] for place in places]
        sheet = sheets.setdefault(row.sheet, {"sheet": row.sheet, "headings": heads, "rows": []})
        addresses = {layout.cell(row.index, key): layout.places[key] for key in layout.places}
        cells = [
            {"at": at, "text": _short(layout.table.rows[row.index][place]),
             "wrong": at in wrong[row.sheet, row.number]}
            for at, place in sorted(addresses.items(), key=lambda pair: pair[1])
        ]  # fmt: skip
        sheet["rows"].append({"number": row.number, "cells": cells})
    return list(sheets.values())


def _short(text: str) -> str:
    return f"{text[:117]}…" if len(text) > 120 else text
