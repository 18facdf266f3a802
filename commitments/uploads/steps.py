"""Milestones that do not stand in the row of their commitment: in rows below it, or on a sheet of
their own. Pure functions over rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from commitments.uploads.columns import MILESTONES, milestone_keys
from commitments.uploads.findings import Finding, Row
from commitments.uploads.resource import quoted

MOST = MILESTONES[-1]


def pairs_of(row: Row) -> list[tuple[str, str]]:
    """The keys of a row's milestones and their dates, in order, as far as it has any."""
    numbers = sorted({int(key.split("_")[1]) for key in row.cells if key.startswith("milestone_")})
    return [milestone_keys(number) for number in numbers]


def attach(main: Row, step: Row) -> Finding | None:
    """Give a commitment's row the milestones of another row, behind its own. Where their cells are
    stays known. A finding when they are too many."""
    pairs = pairs_of(step)
    if main.milestones + len(pairs) > MOST:
        return step.finding("error", pairs[0][0], (
            f"{main.place} has more than {MOST} milestones with this one. "
            f"Keep the {MOST} that matter most."
        ))  # fmt: skip
    for pair in pairs:
        main.milestones += 1
        for own, key in zip(milestone_keys(main.milestones), pair, strict=True):
            main.elsewhere[own] = (step, key)
            if key in step.cells:
                main.cells[own] = step.cells[key]
    return None


class Below:
    """Rows of a sheet as they come, those that only go on with the commitment above joined to it.

    A row goes on when it has a milestone and nothing else, or says again what the row above says
    (a merged cell over both, the same reference) with another milestone.
    """

    def __init__(self) -> None:
        self.main: Row | None = None
        self.joined: list[str] = []
        self.problems: list[Finding] = []

    def takes(self, row: Row, covered: Collection[str]) -> bool:
        """Whether the row was joined to the one above. `covered` are the keys of cells that a
        merged cell covers."""
        main = self.main
        if main is None or not row.milestones or _is_another(row, main, covered):
            self.main = row
            return False
        own = {
            key: text
            for key, text in row.cells.items()
            if not key.startswith("milestone_") and key not in covered
        }
        again = all(main.cells.get(key) == text for key, text in own.items())
        same = not own or ("reference" in own and again)
        if not same or _steps(row) <= _steps(main):
            self.main = row
            return False
        if problem := attach(main, row):
            self.problems.append(problem)
        self.joined.append(row.place)
        return True


def _is_another(row: Row, main: Row, covered: Collection[str]) -> bool:
    """Whether a row names another commitment than the one above: what nearly every row does."""
    return any(
        key in row.cells and key not in covered and row.cells[key] != main.cells.get(key)
        for key in ("reference", "title")
    )


def _steps(row: Row) -> set[tuple[str, str]]:
    return {(row.cells.get(title, ""), row.cells.get(day, "")) for title, day in pairs_of(row)}


def attach_sheets(rows: list[Row], steps: Iterable[Row]) -> Iterator[Finding]:
    """Give the milestones of their own sheets to their commitments, by reference, else by title. A
    commitment that the file does not have otherwise becomes a row of its own, which changes what
    the plan has under that reference. Findings for those that belong to none."""
    by_reference: dict[str, Row] = {}
    by_title: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if "reference" in row.cells:
            by_reference.setdefault(row.cells["reference"].casefold(), row)
        by_title[row.cells.get("title", "").casefold()].append(row)
    for step in steps:
        reference = step.cells.get("reference", "")
        found = by_reference.get(reference.casefold()) if reference else None
        if reference and found is None:
            keys: tuple[str, ...] = ("reference", "plan")
            own = {key: step.cells[key] for key in keys if key in step.cells}
            found = Row(step.layout, step.index, own, step.one_of_several)
            by_reference[reference.casefold()] = found
            rows.append(found)
        elif not reference:
            meant = by_title.get(step.cells.get("title", "").casefold(), [])
            if len(meant) != 1 or "title" not in step.cells:
                yield _of_none(step, meant)
                continue
            found = meant[0]
        if found is not None and (problem := attach(found, step)):
            yield problem


def _of_none(step: Row, meant: Sequence[Row]) -> Finding:
    title = step.cells.get("title", "")
    key = "reference" if "reference" in step.layout.places else "title"
    if not title:
        words = "this is empty. Say which commitment the milestone belongs to."
    elif meant:
        words = f"{len(meant)} commitments are called {quoted(title)}. Give the reference as well."
    else:
        words = (
            f"no commitment in this file is called {quoted(title)}. Give its reference, or its "
            "title as it stands on the other sheet."
        )
    return step.finding("error", "title" if title and "title" in step.layout.places else key, words)
