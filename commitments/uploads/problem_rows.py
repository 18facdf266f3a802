"""What is kept of problems and questions for the page of a check, and the rows with problems as
they stand in the file. Pure functions."""

from collections.abc import Iterable, Sequence
from typing import Any

from commitments.uploads.rows import Finding, Row

MOST_ROWS = 100
# What an upload keeps of a file in which everything is wrong; the numbers are kept in full.
MOST_ERRORS = 10_000
MOST_TO_CONFIRM = 2_000


def kept_errors(errors: Sequence[Finding]) -> list[dict[str, Any]]:
    """The errors that are kept with an upload."""
    return [finding.as_json() for finding in errors[:MOST_ERRORS]]


def kept_questions(questions: Iterable[Finding]) -> list[dict[str, Any]]:
    """The questions that are kept with an upload: of a name that is asked about the first cell, and
    in `count` how many there are; of what can only be confirmed, the first."""
    names: dict[str, dict[str, Any]] = {}
    kept = []
    confirmed = 0
    for finding in questions:
        if finding.group == "names" and finding.key in names:
            names[finding.key]["count"] += 1
            continue
        if not finding.group:
            confirmed += 1
            if confirmed > MOST_TO_CONFIRM:
                continue
        kept.append(finding.as_json() | {"count": 1})
        if finding.group == "names":
            names[finding.key] = kept[-1]
    return kept


def problem_rows(errors: Sequence[Finding], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The first rows with errors, sheet by sheet, every cell as it stands in the file."""
    wrong: dict[tuple[str, int], set[str]] = {}
    for finding in errors:
        wrong.setdefault((finding.sheet, finding.row), set()).add(finding.cell)
    sheets: dict[str, dict[str, Any]] = {}
    shown = [row for row in rows if (row.sheet, row.number) in wrong]
    for row in shown[:MOST_ROWS]:
        layout = row.layout
        places = sorted(layout.places.values())
        heads = [layout.heads[place] for place in places]
        sheet = sheets.setdefault(row.sheet, {"sheet": row.sheet, "headings": heads, "rows": []})
        addresses = {layout.cell(row.index, key): layout.places[key] for key in layout.places}
        cells = [
            {"at": at, "text": _short(_cell(row, place)),
             "wrong": at in wrong[row.sheet, row.number]}
            for at, place in sorted(addresses.items(), key=lambda pair: pair[1])
        ]  # fmt: skip
        sheet["rows"].append({"number": row.number, "cells": cells})
    return list(sheets.values())


def _cell(row: Row, place: int) -> str:
    cells = row.layout.table.rows[row.index]
    return cells[place] if place < len(cells) else ""


def _short(text: str) -> str:
    return f"{text[:117]}…" if len(text) > 120 else text
