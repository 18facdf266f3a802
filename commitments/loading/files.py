"""The two kinds of file, read row by row: commitments, and milestones of commitments."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

COMMITMENT_COLUMNS = frozenset(
    {
        "plan", "plan_title", "publisher", "published_date", "reference", "pillar", "title",
        "description", "target_value", "target_unit", "baseline_value", "baseline_date",
        "target_date", "staff_group", "lead_org", "partner_orgs", "source", "confidence",
        "lead_org_code", "lead_basis", "plan_reference", "row_type",
    }
)  # fmt: skip
MILESTONE_COLUMNS = frozenset(
    {
        "plan", "commitment_reference", "title", "baseline_date", "baseline_text", "actual_date",
        "status", "source",
    }
)  # fmt: skip
ROW_TYPES = ("commitment", "progress", "context")

Row = dict[str, str]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file."""

    file: str
    row: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}{f', row {self.row}' if self.row else ''}: {self.message}"


@dataclass
class PlanRows:
    """Everything that the files say of one plan, in their order."""

    code: str
    commitments: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)
    milestones: list[Row] = field(default_factory=list)


def read_files(files: Sequence[Path]) -> tuple[list[PlanRows], list[Problem]]:
    """The plans of all files together, so that the order of the files does not matter."""
    plans: dict[str, PlanRows] = {}
    problems: list[Problem] = []
    for file in files:
        for number, row in _rows(file, problems):
            if problem := _problem_of(row):
                problems.append(Problem(file.name, number, problem))
                continue
            plan = plans.setdefault(row["plan"], PlanRows(row["plan"]))
            if "commitment_reference" in row:
                plan.milestones.append(row)
            elif row["row_type"] == "commitment":
                plan.commitments.append(row)
            else:
                plan.notes.append(row)
    return list(plans.values()), problems


def _rows(file: Path, problems: list[Problem]) -> Iterator[tuple[int, Row]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            columns = set(reader.fieldnames or ())
            wanted = MILESTONE_COLUMNS if "commitment_reference" in columns else COMMITMENT_COLUMNS
            if missing := wanted - columns:
                names = ", ".join(sorted(missing))
                problems.append(Problem(file.name, 1, f"These columns are missing: {names}."))
                return
            for row in reader:
                given = {name: (value or "").strip() for name, value in row.items() if name}
                yield reader.line_num, given
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(file.name, None, f"This cannot be read as CSV in UTF-8: {error}."))


def _problem_of(row: Row) -> str | None:
    if not row["plan"]:
        return "The plan's code is missing."
    if "commitment_reference" in row:
        if not row["commitment_reference"] or not row["title"]:
            return "A milestone needs its commitment's reference and a title."
        return None
    if not row["reference"] or not row["title"]:
        return "A row needs a reference and a title."
    if row["row_type"] not in ROW_TYPES:
        return f'Row type "{row["row_type"]}" is not known. Use {", ".join(ROW_TYPES)}.'
    return None
