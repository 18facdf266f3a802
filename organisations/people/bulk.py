"""People from a spreadsheet: what each row says, and what is wrong with it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from python_calamine import CalamineError, CalamineWorkbook

from organisations.matching import plain
from organisations.models import Organisation, Role, User
from organisations.people.actions.invitations import Draft, problem_with
from organisations.people.queries import known_to
from organisations.people.rules import roles_given

MOST_ROWS = 200
MOST_BYTES = 1_000_000
NAMES = {
    "name": ("name", "full name", "person"),
    "email": ("email", "e mail", "email address", "e mail address", "mail", "address"),
    "role": ("role",),
}
LABELS = {"name": "Name", "email": "Email", "role": "Role"}
ROLES = {words: role for role in Role for words in (plain(role.label), plain(role.value))}


@dataclass
class Row:
    """One row of the file: its number there, the words in it, and what is wrong."""

    number: int
    name: str
    email: str
    role: str
    problems: list[str] = field(default_factory=list)

    @property
    def draft(self) -> Draft:
        """The person to invite."""
        return Draft(self.name, self.email.lower(), ROLES[plain(self.role)])


def read(file: UploadedFile) -> list[Row]:
    """The rows of a spreadsheet, unchecked. Raises ValidationError when it cannot be read."""
    if file.size and file.size > MOST_BYTES:
        raise ValidationError("The file is larger than 1 MB. Give one with the three columns only.")
    content = file.read()
    is_excel = (file.name or "").lower().endswith(".xlsx")
    lines = _excel(content) if is_excel else _csv(content)
    table = [(number, line) for number, line in enumerate(lines, start=1) if any(line)]
    if not table:
        raise ValidationError("The file is empty. Its first row says Name, Email and Role.")
    columns = _columns(table[0][1])
    rows = [_row(number, line, columns) for number, line in table[1:]]
    rows = [row for row in rows if row.name or row.email or row.role]
    if not rows:
        raise ValidationError("Below the first row there is nobody.")
    if len(rows) > MOST_ROWS:
        raise ValidationError(f"The file has {len(rows)} people. Give at most {MOST_ROWS} at once.")
    return rows


def check(
    rows: Sequence[Row], *, by: User, organisation: Organisation, today: date
) -> Sequence[Row]:
    """The same rows with what is wrong with each, in words that say what to change."""
    given, known = roles_given(by, organisation, today), known_to(organisation)
    first: dict[str, int] = {}
    for row in rows:
        row.problems = _problems(row, given)
        if earlier := first.get(row.email.lower()):
            row.problems.append(f"{row.email} stands in row {earlier} too. Keep one of them.")
        first.setdefault(row.email.lower(), row.number)
        if not row.problems:
            problem = problem_with(row.draft, given, known)
            row.problems = [problem] if problem else []
    return rows


def _problems(row: Row, given: Sequence[Role]) -> list[str]:
    found = [f"“{LABELS[name]}” is empty. Fill it in." for name in LABELS if not getattr(row, name)]
    if row.email:
        try:
            validate_email(row.email)
        except ValidationError:
            found.append(
                f"“Email”: “{row.email}” is not an email address. Use one such as name@example.org."
            )
    if row.role and ROLES.get(plain(row.role)) not in given:
        accepted = ", ".join(role.label.lower() for role in given)
        found.append(f"“Role”: “{row.role}” is not a role you can give. Use {accepted}.")
    if len(row.name) > 200:
        found.append("“Name” is longer than 200 characters. Shorten it.")
    return found


def _columns(head: Sequence[str]) -> dict[str, int]:
    """Where each column stands, by its heading."""
    found = {}
    for name, known in NAMES.items():
        places = [place for place, words in enumerate(head) if plain(words) in known]
        if places:
            found[name] = places[0]
    missing = [LABELS[name] for name in NAMES if name not in found]
    if missing:
        given = ", ".join(f"“{words}”" for words in head if words)[:200]
        raise ValidationError(
            f"The first row says {given}. It needs a column called "
            f"{' and one called '.join(missing)}."
        )
    return found


def _row(number: int, line: Sequence[str], columns: dict[str, int]) -> Row:
    cells = {name: line[place] if place < len(line) else "" for name, place in columns.items()}
    return Row(number, cells["name"], cells["email"], cells["role"])


def _csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what Excel writes on Windows
    delimiter = (
        ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    )
    try:
        return [_words(line) for line in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except csv.Error as broken:
        raise ValidationError("This is not a CSV file. Save it again as CSV or .xlsx.") from broken


def _excel(content: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        return [_words(line) for line in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, IndexError) as broken:
        raise ValidationError(
            "This file cannot be read as .xlsx. Open it in Excel and save it again."
        ) from broken


def _words(line: Iterable[Any]) -> list[str]:
    return [" ".join(str(cell).split()) for cell in line]
