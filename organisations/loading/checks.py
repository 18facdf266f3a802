"""What is wrong with the files as a whole: bodies that nobody knows, and parents in a circle."""

from collections.abc import Iterator, Mapping, Sequence

from organisations.kinds import COUNCIL_KINDS, Kind
from organisations.loading.files import Overlap, Problem, Row
from organisations.models import Organisation

NOT_KNOWN = "is not the code of an organisation in this file or in the register."


def check_organisations(rows: Sequence[Row], known: Mapping[str, Organisation]) -> list[Problem]:
    """Parents and successors that do not exist, and bodies that stand below or follow themselves.

    `known` are the organisations of the register by their codes in capitals.
    """
    codes = {row.code.upper() for row in rows} | set(known)
    return [
        Problem(row.file, message, row.number, column, value)
        for row in rows
        for column, value, message in _of_row(row, codes)
    ] + _circles(rows)


def check_overlaps(
    overlaps: Sequence[Overlap], rows: Sequence[Row], known: Mapping[str, Organisation]
) -> list[Problem]:
    """Overlaps of what is not a council with what is not a board."""
    kinds: dict[str, str] = {code: body.kind for code, body in known.items()}
    kinds |= {row.code.upper(): row.kind for row in rows}
    problems = []
    for overlap in overlaps:
        for column, code, wanted, noun in (
            ("council_code", overlap.council_code, COUNCIL_KINDS, "a council"),
            ("icb_code", overlap.board_code, (Kind.ICB,), "an integrated care board"),
        ):
            kind = kinds.get(code.upper())
            if kind not in wanted:
                message = f"is not {noun}." if kind else NOT_KNOWN
                problems.append(Problem(overlap.file, message, overlap.number, column, code))
    return problems


def _of_row(row: Row, codes: set[str]) -> Iterator[tuple[str, str, str]]:
    if row.parent_code and row.parent_code.upper() not in codes:
        yield "parent_code", row.parent_code, NOT_KNOWN
    for code in row.successor_codes:
        if code.upper() not in codes:
            yield "successor_code", code, NOT_KNOWN
        elif code.upper() == row.code.upper():
            yield "successor_code", code, "is this organisation itself."


def _circles(rows: Sequence[Row]) -> list[Problem]:
    """One problem for each body from which the parents lead back to itself."""
    parents = {row.code.upper(): row.parent_code.upper() for row in rows}
    problems = []
    for row in rows:
        seen: set[str] = set()
        code = parents[row.code.upper()]
        while code and code not in seen and code != row.code.upper():
            seen.add(code)
            code = parents.get(code, "")
        if code == row.code.upper():
            message = "leads back to this organisation: a body cannot stand below itself."
            problems.append(Problem(row.file, message, row.number, "parent_code", row.parent_code))
    return problems
