"""Check a file against a plan: what is wrong, what to confirm, and what applying it would do.

The gates, in order: the file can be read (commitments.uploads.reading), a sheet has headings
(commitments.uploads.rows), every cell holds what its column takes (commitments.uploads.resource),
the rows go together, and the actions would accept them. All errors are found at once, and nothing
is written: the same check runs again, with the same answers, just before a file is applied.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commitments.models import Commitment, Plan
from commitments.numbering import free_references
from commitments.register.actions import (
    Change,
    CommitmentDraft,
    DraftProblems,
    Planned,
    Stored,
    explain_reference,
    plan_save,
    read,
)
from commitments.uploads.answers import NEW, Answers
from commitments.uploads.drafting import draft_of
from commitments.uploads.headings import Headings
from commitments.uploads.likeness import Like, Likeness
from commitments.uploads.naming import TEXT, LocalMatcher, near_plan
from commitments.uploads.problem_rows import kept_errors, kept_questions, problem_rows
from commitments.uploads.reading import Table
from commitments.uploads.resource import CommitmentResource, quoted
from commitments.uploads.rows import Finding, Row, find_rows, in_series
from commitments.uploads.standing import Standing
from organisations.matching import plain
from organisations.models import Organisation, User

# Which column a problem of an action is about.
KEY_OF_FIELD = {
    "target": "target_date", "leads": "lead", "measures": "target_value",
    "milestones": "milestone_1",
}  # fmt: skip
# Says how far the work is: the stage in words, how many are done, of how many.
Tell = Callable[[str, int, int], None]
ROWS_A_SIGN = 500


@dataclass
class Entry:
    """One row on its way: its cells, their values, the reference it gets and the draft. A row that
    waits for an answer has no draft."""

    row: Row
    values: dict[str, Any]
    reference: str = ""
    waits: bool = False
    draft: CommitmentDraft | None = None


@dataclass
class Checked:
    """What a check found. `changes` are empty while there are errors; `entries` go with them.
    `missing` are commitments that the file leaves out and that stay, as reference and title;
    `withdrawn` drafts of those that a person withdraws. `planned` is what the actions would do."""

    entries: list[Entry] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    questions: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    withdrawn: list[CommitmentDraft] = field(default_factory=list)
    planned: Planned | None = None

    @property
    def to_confirm(self) -> list[Finding]:
        """The questions that nobody has answered."""
        return [finding for finding in self.questions if not finding.answer]

    @property
    def drafts(self) -> list[CommitmentDraft]:
        """What to hand to the actions."""
        return [entry.draft for entry in self.entries if entry.draft] + self.withdrawn

    def counts(self) -> dict[str, int]:
        """The numbers of the result: what applying it does, and what there is to look at."""
        kinds = [change["kind"] for change in self.changes]
        return {
            "new": kinds.count("new"),
            "changed": kinds.count("changed"),
            "unchanged": kinds.count("unchanged"),
            "milestones": sum(len(change["milestones"]) for change in self.changes),
            "missing": len(self.missing),
            "to_confirm": len(self.to_confirm),
            "to_answer": sum(finding.is_open for finding in self.questions),
            "errors": len(self.errors),
        }

    def as_json(self) -> dict[str, Any]:
        """As an upload keeps it, without the changes: errors and questions (Finding), notes, and
        the rows with errors as they stand in the file."""
        return {
            "errors": kept_errors(self.errors),
            "questions": kept_questions(self.questions),
            "notes": self.notes,
            "problem_rows": problem_rows(self.errors, (entry.row for entry in self.entries)),
        }

    def fingerprint(self) -> str:
        """The same for two checks exactly when applying would do the same, and there is the same to
        confirm. What the file leaves out and stays as it is does not matter."""
        seen = hashlib.sha256()
        # One by one: the text of all of them would be as large as everything else together.
        for shown in (*self.changes, *(finding.message for finding in self.questions), self.notes):
            seen.update(json.dumps(shown, sort_keys=True).encode())
        return seen.hexdigest()


def check(
    tables: Sequence[Table],
    *,
    plan: Plan,
    by: User,
    today: date,
    answers: Answers | None = None,
    organisation: Organisation | None = None,
    tell: Tell | None = None,
    lock: bool = False,
) -> Checked:
    """Check a file's tables for somebody who imports them into a plan. Writes nothing.

    `organisation` is the body whose remembered names count. With `lock`, what the file names stays
    as it was compared until the transaction ends, so that it can be saved as planned. Constant in
    queries. Raises Unreadable when no sheet has headings and rows.
    """
    answers = answers or Answers()
    tell = tell or (lambda stage, done, total: None)
    found = find_rows(tables, answers.columns)
    checked = Checked(errors=list(found.errors), notes=found.notes, questions=list(found.questions))
    matcher = LocalMatcher.knowing(organisation, answers.names, near_plan(plan, today))
    _clean(checked, found.rows, matcher, tell)
    tell("Comparing with the plan", 0, 0)
    _take_same(checked, answers)
    references = {entry.reference for entry in checked.entries if entry.reference}
    stored = read(plan, references | set(answers.withdraw), lock=lock)
    standing = Standing.of(plan, stored, references, by, today)
    _check_rows(checked, plan, standing)
    _check_across(checked, standing, answers)
    _draft(checked, standing, matcher, Headings.of(plan))
    missing = standing.missing(entry.reference for entry in checked.entries)
    _withdraw(checked, missing, answers)
    if not checked.errors:
        _preview(checked, plan, today, stored)
    checked.errors.sort(key=lambda finding: (finding.sheet, finding.row))
    return checked


def _clean(checked: Checked, rows: Sequence[Row], matcher: LocalMatcher, tell: Tell) -> None:
    resource = CommitmentResource()
    for number, row in enumerate(rows):
        if number % ROWS_A_SIGN == 0:
            tell("Checking the rows", number, len(rows))
        values, problems = resource.clean_cells(row.cells, matcher)
        checked.entries.append(Entry(row, values, values["reference"] or ""))
        checked.errors += [row.finding("error", key, words) for key, words in problems]


# --- rows -----------------------------------------------------------------------------------------
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
                    f'{row.label(title)}", or empty this cell.'
                )))  # fmt: skip


def _check_across(checked: Checked, standing: Standing, answers: Answers) -> None:
    """No reference twice; and every row without one is the same as another, or new."""
    first: dict[str, Row] = {}
    for entry in checked.entries:
        earlier = first.setdefault(entry.reference.upper(), entry.row)
        if entry.reference and earlier is not entry.row:
            checked.errors.append(entry.row.finding("error", "reference", (
                f"{quoted(entry.reference)} is on {earlier.place} as well. "
                "Keep one of the two rows, or give this one a reference of its own."
            )))  # fmt: skip
    faulty = _faulty_cells(checked)
    nameless = [
        entry
        for entry in checked.entries
        if not entry.values["reference"] and not _is_in(faulty, entry.row, "reference")
    ]
    if not nameless:
        return
    free = free_references(standing.plan.code, standing.taken | set(first) - {""})
    likeness = Likeness(standing.unnamed() if standing.titles else [])
    for entry in nameless:
        _settle_nameless(checked, entry, standing, likeness, answers, free)


# --- rows without a reference ---------------------------------------------------------------------
def _key(entry: Entry) -> str:
    """Under which name the answers speak of a row."""
    return f"{entry.row.sheet}!{entry.row.number}"


def _take_same(checked: Checked, answers: Answers) -> None:
    """Rows that somebody said are the same as a commitment get its reference."""
    for entry in checked.entries:
        answer = answers.same.get(_key(entry), NEW)
        if not entry.reference and answer != NEW:
            entry.reference = answer


def _settle_nameless(
    checked: Checked,
    entry: Entry,
    standing: Standing,
    likeness: Likeness,
    answers: Answers,
    free: Any,
) -> None:
    answer = answers.same.get(_key(entry), "")
    if entry.reference and entry.reference.upper() not in standing.named:
        # What it was said to be the same as has gone meanwhile: asked again.
        entry.reference = answer = ""
    if entry.reference:
        existing = standing.named[entry.reference.upper()]
        answer = existing.reference
        found = entry.row.finding(
            "same", "reference", f"you said that this is {existing.reference}, {existing.title}."
        )
        choices = [(existing.reference, f"The same as {existing.reference}: {existing.title}")]
    else:
        alike = likeness.of(entry.values["title"] or "", _leads(entry), _target(entry))
        if not alike:
            entry.reference = next(free)
            words = f"there is no reference, so this is added as new, with {entry.reference}."
            checked.questions.append(entry.row.finding("reference", "reference", words))
            return
        best = alike[0]
        found = entry.row.finding(
            "same",
            "reference",
            f"there is no reference. This is probably the same as {best.known.reference}, "
            f"{best.known.title} ({best.why}).",
        )
        choices = [_choice(like) for like in alike]
        if answer == NEW:
            entry.reference = next(free)
        else:
            answer = ""
            entry.waits = True
    found.group, found.key, found.answer = "same", _key(entry), answer
    found.choices = [*choices, (NEW, "A new commitment")]
    checked.questions.append(found)


def _choice(like: Like) -> tuple[str, str]:
    known = like.known
    return known.reference, f"The same as {known.reference}: {known.title} ({like.why})"


def _leads(entry: Entry) -> set[int | str]:
    """Who leads a row, as likeness compares it."""
    return {
        named.match.organisation.pk if named.match.organisation else plain(named.text)
        for named in entry.values["lead"] or ()
    }


def _target(entry: Entry) -> date | None:
    target = entry.values["target_date"]
    return target.last_day if target else None


# --- what is wrong already ------------------------------------------------------------------------
def _faulty_cells(checked: Checked) -> set[tuple[str, int, str]]:
    """Sheet, row and column of every error so far: one that hides what follows from it."""
    return {(finding.sheet, finding.row, finding.column) for finding in checked.errors}


def _is_in(faulty: set[tuple[str, int, str]], row: Row, key: str) -> bool:
    return (row.sheet, row.number, row.layout.label(key)) in faulty


# --- drafts ---------------------------------------------------------------------------------------
def _draft(checked: Checked, standing: Standing, matcher: LocalMatcher, headings: Headings) -> None:
    for entry in checked.entries:
        if entry.waits:
            continue
        existing = standing.named.get(entry.reference.upper())
        entry.draft, questions = draft_of(
            entry.row, entry.values, entry.reference, existing, standing.stored, matcher, headings
        )
        checked.questions += questions
    checked.notes += headings.notes()
    if kept := {each.key for each in checked.questions if each.answer == TEXT}:
        checked.notes.append(f"Kept as text, as you said: {in_series(sorted(kept))}.")


def _withdraw(checked: Checked, missing: dict[str, str], answers: Answers) -> None:
    """What a person ticked to withdraw, as far as the file leaves it out."""
    wanted = {reference.upper() for reference in answers.withdraw}
    checked.withdrawn = [
        CommitmentDraft(reference, {"state": Commitment.State.WITHDRAWN.value})
        for reference in missing
        if reference.upper() in wanted
    ]
    checked.missing = [
        {"reference": reference, "title": title}
        for reference, title in missing.items()
        if reference.upper() not in wanted
    ]


def _preview(checked: Checked, plan: Plan, today: date, stored: Stored) -> None:
    """What the actions would do, or why they would refuse."""
    entries = [entry for entry in checked.entries if entry.draft]
    try:
        planned = plan_save(plan=plan, drafts=checked.drafts, today=today, stored=stored)
    except DraftProblems as refused:
        by_reference = {entry.reference.upper(): entry.row for entry in entries}
        for problem in refused.problems:
            row = by_reference[problem.reference.upper()]
            key = KEY_OF_FIELD.get(problem.field, problem.field)
            key = key if key in row.layout.places else ""
            checked.errors.append(row.finding("error", key, problem.message))
        return
    rows = [entry.row.number for entry in entries] + [0] * len(checked.withdrawn)
    checked.planned = planned
    for change, row_number in zip(planned.changes, rows, strict=True):
        checked.changes.append(_as_json(change) | {"row": row_number})


def _as_json(change: Change) -> dict[str, Any]:
    """The same as dataclasses.asdict, without its deep copies: there may be thousands."""
    milestones = [
        {**vars(each), "fields": [vars(field) for field in each.fields]}
        for each in change.milestones
    ]
    fields = [vars(field) for field in change.fields]
    return {**vars(change), "fields": fields, "milestones": milestones}
