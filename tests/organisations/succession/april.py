"""The register as it was before April 2026, derived from the shipped one, and what is counted when
the mergers of that day are replayed."""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from commitments.answering import answers
from commitments.inheriting import waiting_parties
from commitments.models import Party
from organisations.loading import ORGANISATIONS, OVERLAPS
from organisations.models import Organisation

LAST_DAY, FIRST_DAY = date(2026, 3, 31), date(2026, 4, 1)
CLOSED = "integrated care board"


def closed_boards() -> list[str]:
    """The codes of the boards that closed on the last day of March 2026."""
    return [
        row["code"]
        for row in _rows(ORGANISATIONS)
        if row["kind"] == CLOSED and row["closed"] == LAST_DAY.isoformat()
    ]


def register_of_2025(folder: Path) -> tuple[Path, Path]:
    """The two files as they would have been: bodies opened since left out, what closed on that day
    or later open again without a successor, bodies below their board of then, areas of 2024."""
    rows = _rows(ORGANISATIONS)
    later = {row["code"] for row in rows if row["opened"][:10] > LAST_DAY.isoformat()}
    kept = []
    for row in rows:
        if row["code"] in later:
            continue
        if row["closed"] >= LAST_DAY.isoformat():
            row |= {"closed": "", "successor_code": ""}
        if row["parent_code"] in later:
            row["parent_code"] = row["notes"].partition("ICB before 2026-04-01: ")[2][:3]
        kept.append(row)
    areas = [row for row in _rows(OVERLAPS) if row["edition"] == "2024"]
    return _write(folder / "organisations.csv", kept), _write(folder / "overlaps.csv", areas)


@dataclass(frozen=True)
class Count:
    """What became of the parties of one closed board."""

    code: str
    name: str
    parties: int
    answered: dict[str, int]
    waiting: int
    lost: int


def count(parties, asking, today: date) -> list[Count]:
    """For each closed board: by whom its parties are answered, how many wait, how many are lost
    (neither, or answered by more than one body)."""
    waiting = set(waiting_parties(asking, today).values_list("pk", flat=True))
    found = {code: Counter[str]() for code in closed_boards()}
    rows = parties.select_related("organisation", "assigned_to")
    for answer in answers(rows, today):
        tally = found[answer.party.organisation.code]
        tally["parties"] += 1
        is_waiting = answer.party.pk in waiting
        if is_waiting and not answer.now:
            tally["waiting"] += 1
        elif len(answer.now) == 1 and not is_waiting:
            tally[answer.now[0].code] += 1
        else:
            tally["lost"] += 1
    names = dict(Organisation.objects.values_list("code", "name"))
    return [
        Count(
            code,
            names[code],
            tally.pop("parties", 0),
            waiting=tally.pop("waiting", 0),
            lost=tally.pop("lost", 0),
            answered=dict(tally),
        )
        for code, tally in found.items()
    ]


def parties_of_closed():
    """Every party that one of the closed boards is."""
    return Party.objects.filter(organisation__code__in=closed_boards())


def table(counts: list[Count]) -> str:
    """The same as the table of docs/figures/april-2026.md."""
    lines = [
        "| Closed board | Commitments, as lead or partner | Answered by | To assign | Lost |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in counts:
        by = ", ".join(f"{code}: {number}" for code, number in sorted(row.answered.items())) or "–"
        lines.append(
            f"| {row.name} ({row.code}) | {row.parties} | {by} | {row.waiting} | {row.lost} |"
        )
    totals = [sum(getattr(row, name) for row in counts) for name in ("parties", "waiting", "lost")]
    answered = sum(sum(row.answered.values()) for row in counts)
    lines.append(
        f"| **All {len(counts)}** | {totals[0]} | {answered} | {totals[1]} | {totals[2]} |"
    )
    return "\n".join(lines)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path
