"""Answers in a file, for a file that is imported without a page: a draft of it, and reading it.

The draft has every question with null for an answer, and under "questions" what each is about and
what may be answered. A null is no answer; "questions" is not read.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from commitments.uploads.answers import Answers
from commitments.uploads.check import Checked
from commitments.uploads.layout import SheetProposal, is_certain, propose
from commitments.uploads.naming import codes_in
from commitments.uploads.reading import Table
from organisations.models import Organisation

MOST_BYTES = 10_000_000


def read_answers(path: Path) -> Answers:
    """The answers in a file. Raises ValueError in plain words, and OSError."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} is too large to be a file of answers.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise ValueError(f"{path} is not JSON: {problem}.") from problem
    if isinstance(data, dict):
        data.pop("questions", None)
        data["columns"] = _whole_sheets(data.get("columns"))
    answers = Answers.from_json(data)
    codes = {code for answer in answers.names.values() for code in codes_in(answer)}
    known = set(Organisation.objects.filter(code__in=codes).values_list("code", flat=True))
    if unknown := sorted(codes - known):
        raise ValueError(f'In "names", "{unknown[0]}" is the code of no organisation.')
    if answers.withdraw and not answers.reason:
        raise ValueError('In "withdraw", say under "reason" why these are withdrawn.')
    return answers


def _whole_sheets(columns: Any) -> Any:
    """The sheets of which every column is answered; of the others, what is certain is read."""
    if not isinstance(columns, dict):
        return columns
    whole = {
        sheet: of
        for sheet, of in columns.items()
        if not isinstance(of, dict) or None not in of.values()
    }
    return whole or None


def draft_answers(
    tables: Sequence[Table], checked: Checked, answers: Answers | None
) -> dict[str, Any]:
    """What may be answered about a file: what has been, and null for the rest."""
    given = answers or Answers()
    asked = [finding for finding in checked.questions if finding.group]
    draft: dict[str, Any] = given.as_json()
    for finding in asked:
        draft[finding.group].setdefault(finding.key, None)
    proposals = propose(tables)
    if given.columns is None and not is_certain(proposals):
        draft["columns"] = {each.sheet: _columns(each) for each in proposals if each.columns}
    draft["withdraw"]["references"] = given.withdraw
    draft["questions"] = [
        *(question for each in proposals for question in _about_columns(each)),
        *(
            {
                "answer_under": f"{finding.group}: {finding.key}",
                "message": finding.message,
                "choices": _choices(finding.choices or finding.suggestions, finding.group),
            }
            for finding in asked
        ),
        {
            "answer_under": "withdraw: references",
            "message": "Commitments of the plan that the file leaves out. They stay, unless named.",
            "choices": {each["reference"]: each["title"] for each in checked.missing},
        },
    ]
    return draft


def _choices(choices: Sequence[tuple[str, str]], group: str) -> dict[str, str]:
    more = {"": "Keep it as text"} if group == "names" else {}
    return dict(choices) | more


def _columns(proposal: SheetProposal) -> dict[str, str | None]:
    return {
        column.letter: column.field if column.is_certain else None for column in proposal.columns
    }


def _about_columns(proposal: SheetProposal) -> list[dict[str, Any]]:
    return [
        {
            "answer_under": f"columns: {proposal.sheet}: {column.letter}",
            "message": f'"{column.heading}" {column.reason}',
            "choices": {column.field: column.label or "Not read", "": "Not read"},
        }
        for column in proposal.columns
        if not column.is_certain
    ]
