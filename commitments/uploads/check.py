"""Check a file against a plan: what is wrong, what to confirm, and what applying it would do.

The gates, in order: the file can be read (commitments.uploads.reading), a sheet has headings
(commitments.uploads.rows), every cell holds what its column takes (commitments.uploads.resource),
the rows go together, and the actions would accept them. All errors are found at once.

The rows go through the gates a thousand at a time, and what was worked out for one part is let go
before the next comes: a file of fifty thousand rows needs little more memory than one of a
thousand. Whoever wants to do something with a part, such as save it, takes it on its way. The same
check so serves the preview and the apply, and tells whether both were of the same.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commitments.models import Commitment, Plan
from commitments.numbering import free_references
from commitments.register.actions import (
    CommitmentDraft,
    DraftProblems,
    Planned,
    Problem,
    Stored,
    explain_reference,
    lock_named,
    plan_save,
    read,
)
from commitments.uploads.answers import Answers
from commitments.uploads.columns import milestone_keys
from commitments.uploads.drafting import draft_of
from commitments.uploads.findings import Entry, Finding, Row
from commitments.uploads.headings import Headings
from commitments.uploads.nameless import Nameless, same_as
from commitments.uploads.naming import TEXT, LocalMatcher, near_plan
from commitments.uploads.pages import Pages
from commitments.uploads.problem_rows import (
    MOST_ERRORS,
    kept_errors,
    kept_questions,
    problem_rows,
)
from commitments.uploads.reading import Table
from commitments.uploads.resource import CommitmentResource, quoted
from commitments.uploads.rows import find_rows, in_series
from commitments.uploads.standing import Standing, of_other_plans
from organisations.matching import plain
from organisations.models import Organisation, User

# Which column a problem of an action is about.
KEY_OF_FIELD = {
    "target": "target_date", "leads": "lead", "measures": "target_value",
    "milestones": "milestone_1",
}  # fmt: skip
# Says how far the work is: the stage in words, how many are done, of how many.
Tell = Callable[[str, int, int], None]
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Part:
    """Some of a file's rows, in order; or none, with commitments to withdraw. `planned` is what the
    actions would do about all of it; None as soon as anything in the file is wrong."""

    entries: Sequence[Entry]
    planned: Planned | None


Take = Callable[[Part], None]


@dataclass
class Checked:
    """What a check found. `errors` are the first so many of `wrong`. `pages` are what applying the
    file would do; of a file with errors, nothing. `missing` are commitments that the file leaves
    out and that stay, as reference and title."""

    rows: Sequence[Row] = ()
    errors: list[Finding] = field(default_factory=list)
    wrong: int = 0
    questions: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: Pages = field(default_factory=Pages)
    missing: list[dict[str, str]] = field(default_factory=list)

    @property
    def to_confirm(self) -> list[Finding]:
        """The questions that nobody has answered."""
        return [finding for finding in self.questions if not finding.answer]

    def refuse(self, errors: Sequence[Finding]) -> None:
        """Note errors; of a file in which everything is wrong, as many as anybody could read."""
        self.wrong += len(errors)
        self.errors += errors[: MOST_ERRORS - len(self.errors)]

    def counts(self) -> dict[str, int]:
        """The numbers of the result: what applying it does, and what there is to look at."""
        kinds = self.pages.counts
        return {
            "new": kinds["new"],
            "changed": kinds["changed"],
            "unchanged": kinds["unchanged"],
            "milestones": self.pages.milestones,
            "missing": len(self.missing),
            "to_confirm": len(self.to_confirm),
            "to_answer": sum(finding.is_open for finding in self.questions),
            "errors": self.wrong,
        }

    def as_json(self) -> dict[str, Any]:
        """As an upload keeps it, without the pages: errors and questions (Finding), notes, and
        the rows with errors as they stand in the file."""
        return {
            "errors": kept_errors(self.errors),
            "questions": kept_questions(self.questions),
            "notes": self.notes,
            "problem_rows": problem_rows(self.errors, self.rows),
        }

    def fingerprint(self) -> str:
        """The same for two checks exactly when applying would do the same, and there is the same to
        confirm. What the file leaves out and stays as it is does not matter, nor does whom a name
        that is kept as text may mean."""
        seen = hashlib.sha256(self.pages.fingerprint().encode())
        for asked in self.questions:
            words = f"{asked.cell} {asked.value}" if asked.suggestions else asked.message
            seen.update(f"{asked.sheet} {words}\0".encode())
        for note in self.notes:
            seen.update(f"{note}\0".encode())
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
    take: Take | None = None,
    lock: bool = False,
) -> Checked:
    """Check a file's tables for somebody who imports them into a plan. Writes nothing itself.

    `organisation` is the body whose remembered names count. `take` gets every part as soon as it
    is checked; what it is given is gone when it returns. With `lock`, what the file names stays as
    it is compared until the transaction ends, so that it can be saved as planned. Constant in
    queries for each thousand rows. Raises Unreadable when no sheet has headings and rows.
    """
    answers = answers or Answers()
    tell = tell or (lambda stage, done, total: None)
    take = take or (lambda part: None)
    found = find_rows(tables, answers.columns)
    checked = Checked(rows=found.rows, questions=list(found.questions), notes=found.notes)
    checked.refuse(found.errors)
    matcher = LocalMatcher.knowing(organisation, answers.names, near_plan(plan, today))
    cells = Cells(answers, matcher)
    gates = _Gates.before(checked, plan, by, today, cells)
    if lock:
        lock_named(plan, {*gates.first, *(reference.upper() for reference in answers.withdraw)})
    for start in range(0, len(found.rows), ROWS_AT_ONCE):
        tell("Going through the rows", start, len(found.rows))
        rows = found.rows[start : start + ROWS_AT_ONCE]
        take(gates.part(rows))
        for row in rows:
            row.cells = {}  # of no use to anybody any more, and a fifth of all memory
    for part in gates.withdrawn():
        take(part)
    gates.close()
    return checked


@dataclass
class Cells:
    """What the cells of rows mean: by the resource's widgets, by the names that are known, and by
    what a person answered."""

    answers: Answers
    matcher: LocalMatcher
    resource: CommitmentResource = field(default_factory=CommitmentResource)

    def reference_of(self, row: Row) -> str:
        """The reference that a row gives, or that somebody gave it; "" for none."""
        text = row.cells.get("reference", "")
        given, _ = self.resource.widgets["reference"].told(text, self.matcher)
        return given or same_as(row, self.answers)

    def read(self, row: Row) -> tuple[Entry, list[tuple[str, str]]]:
        """A row with the values of its cells; and what is wrong, as column and words."""
        values, problems = self.resource.clean_cells(row.cells, self.matcher)
        reference = values["reference"] or same_as(row, self.answers)
        return Entry(row, values, reference), problems


@dataclass
class _Gates:
    """What the rows of one file are held against, and what is found on the way. `first` has the
    first row with each reference."""

    checked: Checked
    plan: Plan
    today: date
    standing: Standing
    elsewhere: dict[str, str]
    headings: Headings
    nameless: Nameless
    first: dict[str, Row]
    cells: Cells
    stored: Stored

    @classmethod
    def before(cls, checked: Checked, plan: Plan, by: User, today: date, cells: Cells) -> "_Gates":
        """Everything is ready for the first rows. Needs the references of all of them."""
        standing = Standing.of(plan, by, today)
        first: dict[str, Row] = {}
        for row in checked.rows:
            if reference := cells.reference_of(row):
                first.setdefault(reference.upper(), row)
        taken = standing.mine | standing.others | first.keys()
        free = free_references(plan.code, taken)
        new = first.keys() - standing.mine - standing.others
        return cls(
            checked=checked,
            plan=plan,
            today=today,
            standing=standing,
            elsewhere=of_other_plans(plan, by, today, new),
            headings=Headings.of(plan),
            nameless=Nameless(cells.answers, free, lambda: standing.unnamed(first.keys())),
            first=first,
            cells=cells,
            stored=read(plan, ()),
        )

    def part(self, rows: Sequence[Row]) -> Part:
        """Some rows through all gates."""
        cleaned = [self.cells.read(row) for row in rows]
        entries = [entry for entry, _ in cleaned]
        errors = [entry.error(key, words) for entry, problems in cleaned for key, words in problems]
        self._read(entry.reference for entry in entries if entry.reference)
        for entry in entries:
            errors += self._explain_row(entry)
            if title := self.elsewhere.get(entry.reference.upper()):
                words = f"{quoted(entry.reference)} is in another plan, {title}. Added as new here."
                self.checked.questions.append(entry.row.finding("elsewhere", "reference", words))
            if not entry.values["reference"] and "reference" not in entry.faulty:
                existing = self._existing(entry.reference)
                self.checked.questions.append(self.nameless.settle(entry, existing))
            if not entry.waits:
                existing = self._existing(entry.reference)
                entry.draft, questions = draft_of(
                    entry, existing, self.stored, self.cells.matcher, self.headings
                )
                self.checked.questions += questions
        planned, refused = self._plan(
            [entry for entry in entries if entry.draft and not entry.faulty]
        )
        self.checked.refuse([*errors, *refused])
        return Part(entries, None if self.checked.wrong else planned)

    def withdrawn(self) -> Iterator[Part]:
        """What a person ticked to withdraw, as far as the file leaves it out; the rest of that is
        noted as missing."""
        wanted = {reference.upper() for reference in self.cells.answers.withdraw}
        missing = self.standing.missing(self.first.keys())
        self.checked.missing = [
            {"reference": reference, "title": title}
            for reference, title in missing.items()
            if reference.upper() not in wanted
        ]
        gone = [reference for reference in missing if reference.upper() in wanted]
        for start in range(0, len(gone), ROWS_AT_ONCE):
            references = gone[start : start + ROWS_AT_ONCE]
            self._read(references)
            drafts = [
                CommitmentDraft(reference, {"state": Commitment.State.WITHDRAWN.value})
                for reference in references
            ]
            planned, _ = self._plan([], drafts)
            yield Part([], None if self.checked.wrong else planned)

    def close(self) -> None:
        """All rows have gone through."""
        checked = self.checked
        checked.notes += self.headings.notes()
        if kept := {each.key for each in checked.questions if each.answer == TEXT}:
            checked.notes.append(f"Kept as text: {in_series(sorted(kept))}.")
        if taken := self._taken_for():
            checked.notes.append(f"Names taken as answered: {in_series(taken)}.")
        checked.errors.sort(key=lambda finding: (finding.sheet, finding.row))
        checked.pages.close()
        if checked.wrong:
            checked.pages = Pages()

    def _taken_for(self) -> list[str]:
        """Which names of the file mean which bodies because somebody said so, perhaps long ago."""
        said, answered = self.cells.matcher.said, self.checked.questions
        names = {each.key for each in answered if each.group == "names" and each.answer}
        return [
            f"{quoted(name)} is {in_series([str(body) for body in bodies])}"
            for name in sorted(names)
            if (bodies := said.get(plain(name)))
        ]

    # --- what stands ------------------------------------------------------------------------------
    def _read(self, references: Iterable[str]) -> None:
        """Read what stands under some references; headings that are new stay as they are."""
        self.stored = read(self.plan, references, pillars=self.stored.pillars)

    def _existing(self, reference: str) -> Commitment | None:
        """The commitment of this reference, if the person may import into it."""
        upper = reference.upper()
        return self.stored.commitments.get(upper) if upper in self.standing.mine else None

    # --- the rows ---------------------------------------------------------------------------------
    def _explain_row(self, entry: Entry) -> Iterator[Finding]:
        """What is wrong with a row besides its cells one by one."""
        row, reference, plan = entry.row, entry.reference, self.plan
        other_plan = row.cells.get("plan", plan.code)
        if other_plan.casefold() not in (plan.code.casefold(), plan.title.casefold()):
            yield entry.error("plan", (
                f"{quoted(other_plan)} is another plan. This upload goes into {plan.code}. "
                "Delete the row, or upload it into its own plan."
            ))  # fmt: skip
        upper = reference.upper()
        is_new = upper not in self.standing.mine
        if reference and (problem := explain_reference(reference)):
            yield entry.error("reference", problem)
        elif upper in self.standing.others and entry.values["reference"]:
            yield entry.error("reference", (
                f"{quoted(reference)} belongs to another organisation's draft. "
                "Use another reference."
            ))  # fmt: skip
        if reference and (earlier := self.first[upper]) is not row:
            yield entry.error("reference", (
                f"{quoted(reference)} is on {earlier.place} as well. "
                "Keep one of the two rows, or give this one a reference of its own."
            ))  # fmt: skip
        if is_new and not entry.values["title"] and "title" not in entry.faulty:
            yield entry.error("title", _no_title(row, reference))
        for title, day in map(milestone_keys, range(1, row.milestones + 1)):
            if day in row.cells and title not in row.cells:
                yield entry.error(day, (
                    f'there is a date but no milestone. Name the milestone in "'
                    f'{row.label(title)}", or empty this cell.'
                ))  # fmt: skip

    def _plan(
        self, entries: Sequence[Entry], withdrawals: Sequence[CommitmentDraft] = ()
    ) -> tuple[Planned | None, list[Finding]]:
        """What the actions would do, which joins the pages; or why they would refuse."""
        drafts = [*(entry.draft for entry in entries if entry.draft), *withdrawals]
        try:
            planned = plan_save(plan=self.plan, drafts=drafts, today=self.today, stored=self.stored)
        except DraftProblems as refused:
            rows = {entry.reference.upper(): entry.row for entry in entries}
            return None, [_refusal(rows[each.reference.upper()], each) for each in refused.problems]
        numbers = [entry.row.number for entry in entries] + [0] * len(withdrawals)
        if not self.checked.wrong:
            for change, number in zip(planned.changes, numbers, strict=True):
                self.checked.pages.add(change, number)
        return planned, []


def _no_title(row: Row, reference: str) -> str:
    """Why a row without a title adds nothing; the same for all rows of a kind, so that it is said
    once."""
    yet = " The reference is not in the plan yet." if reference else ""
    if "title" in row.layout.places:
        return f"this is empty. Say in one line what is promised.{yet}"
    return f"no column of the file is read as this. Say which one holds it, or add it.{yet}"


def _refusal(row: Row, problem: Problem) -> Finding:
    """A problem of an action, at the cell that it is about."""
    key = KEY_OF_FIELD.get(problem.field, problem.field)
    return row.finding("error", key if key in row.layout.places else "", problem.message)
