"""Every file of the corpus through the same check as the product, beside what it should come to.

expected.json has, for each file: `refused` with the whole line that is said of it; else
`commitments` as one line each, and where there are any `asked` (columns that a person is shown
because they are not certain), `errors`, `questions` and `notes`. `python -m pytest ... ` with
CORPUS=write in the environment writes the file anew, to be read line by line before it is kept.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from commitments.register.actions import CommitmentDraft
from commitments.uploads.answers import Answers
from commitments.uploads.check import check
from commitments.uploads.findings import Entry
from commitments.uploads.layout import explain_mapping, is_certain, mapping_of, propose
from commitments.uploads.reading import Unreadable, read_safely
from tests import factories
from tests.commitments.uploads.corpus import hostile, make
from tests.conftest import TODAY, Bodies, Cast

TABLE = Path(__file__).parent / "corpus" / "expected.json"
EXPECTED = json.loads(TABLE.read_text()) if TABLE.exists() else {}
FILES = make.FILES | hostile.FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_to_what_it_should(name: str, cast: Cast, bodies: Bodies) -> None:
    plan = factories.plan("LTWP", owner=bodies.board, title="NHS Long Term Workforce Plan")
    outcome = _outcome(name, plan, cast)
    if os.environ.get("CORPUS") == "write":
        _write(name, outcome)
    assert outcome == EXPECTED[name]


def test_every_outcome_has_its_file() -> None:
    assert list(EXPECTED) == list(FILES)
    assert len(FILES) >= 40


def _outcome(name: str, plan: Any, cast: Cast) -> dict[str, Any]:
    try:
        tables = read_safely(FILES[name](), name)
        proposals = propose(tables)
        certain = is_certain(proposals)
        mapping = mapping_of(proposals)
        problems = [] if certain else explain_mapping(proposals, mapping)
        if problems:
            return {"refused": " ".join(problems)}
        answers = Answers(columns=None if certain else mapping)
        entries: list[Entry] = []
        checked = check(
            tables, plan=plan, by=cast.lead, today=TODAY, answers=answers,
            take=lambda part: entries.extend(part.entries),
        )  # fmt: skip
    except Unreadable as refused:
        return {"refused": str(refused)}
    asked = [
        f"{proposal.sheet}!{column.letter} {column.heading!r} -> {column.field or 'not read'}: "
        + column.reason
        for proposal in proposals
        for column in proposal.columns
        if proposal.kind != "other" and not column.is_certain
    ]
    found = {
        "asked": asked,
        "commitments": [
            _line(entry.draft) if entry.draft else f"{entry.row.place} waits for an answer"
            for entry in entries
        ],
        "errors": [finding.message for finding in checked.errors],
        "questions": [finding.message for finding in checked.questions],
        "notes": checked.notes,
    }
    return {key: value for key, value in found.items() if value}


def _line(draft: CommitmentDraft) -> str:
    """A draft in one line: what a person would read out."""
    parts = [draft.reference, draft.values.get("title", "(as it is)")]
    if draft.pillar:
        parts.append(f"under {draft.pillar}")
    for party in draft.parties or ():
        parts.append(f"{party.role}: {party.name}{'' if party.organisation else ' (text)'}")
    for measure in draft.measures or ():
        is_range = measure.target_high not in (None, measure.target_low)
        high = f" to {measure.target_high}" if is_range else ""
        from_ = f" from {measure.baseline_value}" if measure.baseline_value is not None else ""
        parts.append(f"target: {measure.target_low}{high} {measure.unit}{from_}".rstrip())
    if target := draft.values.get("target"):
        parts.append(f"by {target.text} ({target.precision.label}, {target.last_day})")
    for step in draft.milestones or ():
        when = step.baseline.text if step.baseline else "no date"
        parts.append(f"step: {step.title} ({when})")
    return " | ".join(parts)


def _write(name: str, outcome: dict[str, Any]) -> None:
    EXPECTED[name] = outcome
    ordered = {each: EXPECTED[each] for each in FILES if each in EXPECTED}
    TABLE.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")
