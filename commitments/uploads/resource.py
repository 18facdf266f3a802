"""What each cell of a row may hold: a django-import-export resource of fields and widgets.

The resource declares the fields and cleans the cells; it does not save. Its own way in writes row
by row (measured at some 270 rows a second) and past permissions, locks and the comparison that the
preview shows. So what is cleaned here becomes drafts (commitments.uploads.drafting), and drafts are
written by commitments.register.actions, as everything is.

A cleaned value is None where the cell is blank, which leaves a commitment as it is; the empty value
of its kind ("", [], the undated date) where the cell says "(empty)", which empties it.
"""

import re
from dataclasses import dataclass
from typing import Any

from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from commitments.dates import UNDATED, FuzzyDate, explain_date, parse_fuzzy_date
from commitments.figures import Figure, parse_figure
from commitments.models import Commitment
from commitments.models.plan import Theme
from commitments.uploads.columns import MILESTONES, milestone_keys
from commitments.uploads.reading import UNCALCULATED
from organisations.matching import Match, OrganisationMatcher

EMPTIED = "(empty)"
# What people put into a cell to say that they have nothing to say.
BLANKS = {"", "-", "–", "—", "n/a"}
# What a spreadsheet program shows when a formula fails.
SHEET_ERRORS = {
    "#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"
}  # fmt: skip
NEVER_WORKED_OUT = (
    "This formula was never worked out. Open the file in your spreadsheet program and save it, or "
    "type the value itself."
)
MOST_KNOWN = 2_000
# Longer texts can be none of these.
_LONGEST_SIGN = max(map(len, (*BLANKS, *SHEET_ERRORS, EMPTIED, UNCALCULATED)))


@dataclass(frozen=True)
class Named:
    """A lead or partner as the cell has it, and what the register makes of the name."""

    text: str
    match: Match


class CellWidget(Widget):
    """A widget that knows blank from emptied, and refuses what a failed formula left behind.

    `read` gets the rest; ValueError says in words what is wrong, given, accepted.
    """

    emptied: Any = ""

    def __init__(self) -> None:
        super().__init__()
        # The same text means the same all through one file: its value, and what is wrong with it.
        # So many of them: a text that comes again comes soon, or in many rows.
        self.known: dict[str, tuple[Any, str]] = {}

    def clean(self, value: Any, row: Any = None, **context: Any) -> Any:
        """The value of a cell; None for a blank one. Raises ValueError."""
        text = value or ""
        if len(text) > _LONGEST_SIGN:
            return self.read(text, **context)
        if text.casefold() in BLANKS:
            return None
        if text.casefold() == EMPTIED:
            return self.emptied
        if text in SHEET_ERRORS:
            raise ValueError(f"{text} is the error of a formula. Type the value itself.")
        if text == UNCALCULATED:
            raise ValueError(NEVER_WORKED_OUT)
        return self.read(text, **context)

    def told(self, text: str, matcher: OrganisationMatcher) -> tuple[Any, str]:
        """The same as `clean`: the value, and what is wrong with it in words, or ""."""
        try:
            found = self.clean(text, matcher=matcher), ""
        except ValueError as problem:
            found = None, str(problem)
        if len(self.known) == MOST_KNOWN:
            self.known.clear()
        self.known[text] = found
        return found

    def read(self, text: str, **context: Any) -> Any:
        """What a cell that holds something says."""
        raise NotImplementedError


class TextWidget(CellWidget):
    """Text of up to `longest` characters. A title is one line, a description may be several."""

    def __init__(self, longest: int | None = None, *, lines: bool = False) -> None:
        super().__init__()
        self.longest = longest
        self.lines = lines

    def told(self, text: str, matcher: OrganisationMatcher) -> tuple[Any, str]:
        if len(text) <= _LONGEST_SIGN:
            return super().told(text, matcher)
        # Sentences are hardly ever the same, and sooner read than remembered.
        try:
            return self.read(text), ""
        except ValueError as problem:
            return None, str(problem)

    def read(self, text: str, **context: Any) -> str:
        if not self.lines and not text.isprintable():  # a line break among them
            text = " ".join(text.split())
        if self.longest and len(text) > self.longest:
            raise ValueError(
                f"this is {len(text):,} characters long. Use at most {self.longest:,}."
            )
        return text


class ChoiceWidget(CellWidget):
    """One of a list, by its key or its label, whatever the capitals."""

    def __init__(self, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self.labels = [label for _, label in choices]
        self.keys = {name.casefold(): key for key, label in choices for name in (key, label)}

    def read(self, text: str, **context: Any) -> str:
        if text.casefold() not in self.keys:
            accepted = f"{', '.join(self.labels[:-1])} or {self.labels[-1]}"
            raise ValueError(f"{quoted(text)} is not known. Use {accepted}.")
        return self.keys[text.casefold()]


class FuzzyDateWidget(CellWidget):
    """A date as people write it; words that are no date are kept, undated."""

    emptied = UNDATED

    def read(self, text: str, **context: Any) -> FuzzyDate:
        if problem := explain_date(text):
            raise ValueError(problem)
        if len(text) > 100:
            raise ValueError(f"this is {len(text)} characters long. Use at most 100.")
        return parse_fuzzy_date(text)


class FigureWidget(CellWidget):
    """A number, a range, or words that are neither ("double"), which are kept."""

    emptied = Figure("")

    def read(self, text: str, **context: Any) -> Figure:
        if len(text) > 100:
            raise ValueError(f"this is {len(text)} characters long. Use at most 100.")
        return parse_figure(_digits(text))


class NumberWidget(CellWidget):
    """One number and nothing else."""

    emptied = Figure("")

    def read(self, text: str, **context: Any) -> Figure:
        figure = parse_figure(_digits(text))
        if figure.low is None or figure.high is not None:
            raise ValueError(f"{quoted(text)} is not a number. Use digits, such as 7500 or 9.5.")
        return figure


class NamesWidget(CellWidget):
    """Organisations in one cell, each matched with the register."""

    emptied: list[Named] = []

    def read(self, text: str, **context: Any) -> list[Named]:
        matcher: OrganisationMatcher = context["matcher"]
        names = matcher.split_names(text)
        if long := next((name for name in names if len(name) > 200), None):
            raise ValueError(
                f"{quoted(long)} is {len(long)} characters long. Use at most 200 for one "
                "organisation, and a semicolon between two."
            )
        return [Named(name, match) for name in names for match in matcher.all_meant(name)]


class ListWidget(CellWidget):
    """Words parted by semicolons or line breaks."""

    emptied: list[str] = []

    def read(self, text: str, **context: Any) -> list[str]:
        words = [" ".join(word.split()) for word in text.replace("\n", ";").split(";")]
        if long := next((word for word in words if len(word) > 100), None):
            raise ValueError(f"{quoted(long)} is {len(long)} characters long. Use at most 100.")
        return list(dict.fromkeys(word for word in words if word))


def _field(key: str, widget: CellWidget) -> Field:
    return Field(attribute=key, column_name=key, widget=widget)


class Values(dict[str, Any]):
    """The values of a row by key: None for what the row does not say."""

    def __missing__(self, key: str) -> None:
        return None


class CommitmentResource(Resource):
    """The fields of a row, by the keys of commitments.uploads.columns."""

    reference = _field("reference", TextWidget(40))
    title = _field("title", TextWidget(300))
    description = _field("description", TextWidget(lines=True))
    pillar = _field("pillar", TextWidget(200))
    theme = _field("theme", ChoiceWidget(list(Theme.choices)))
    lead = _field("lead", NamesWidget())
    lead_code = _field("lead_code", TextWidget(200))
    partners = _field("partners", NamesWidget())
    target_value = _field("target_value", FigureWidget())
    target_unit = _field("target_unit", TextWidget(100))
    baseline_value = _field("baseline_value", NumberWidget())
    baseline_date = _field("baseline_date", FuzzyDateWidget())
    target_date = _field("target_date", FuzzyDateWidget())
    staff_groups = _field("staff_groups", ListWidget())
    source = _field("source", TextWidget(lines=True))
    plan_reference = _field("plan_reference", TextWidget(40))
    confidence = _field("confidence", TextWidget(10))
    lead_basis = _field("lead_basis", ChoiceWidget(list(Commitment.Basis.choices)))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        steps, days = TextWidget(300), FuzzyDateWidget()
        for number in MILESTONES:
            title, day = milestone_keys(number)
            self.fields[title] = _field(title, steps)
            self.fields[day] = _field(day, days)
        self.widgets: dict[str, CellWidget] = {
            key: field.widget for key, field in self.fields.items()
        }

    def clean_cells(
        self, cells: dict[str, str], matcher: OrganisationMatcher
    ) -> tuple[Values, list[tuple[str, str]]]:
        """The values of a row, by key, and what is wrong with the others as (key, words).

        A key that the row has no cell for is None, like a blank cell.
        """
        values = Values()
        problems = []
        widgets = self.widgets
        for key, text in cells.items():
            widget = widgets.get(key)
            if widget is None:
                continue
            value, problem = widget.known.get(text) or widget.told(text, matcher)
            if problem:
                problems.append((key, problem))
            else:
                values[key] = value
        return values, problems


_PARTED = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?(?: ?%)?")


def _digits(text: str) -> str:
    """A number whose thousands are parted by blanks, "15 000", without them."""
    return text.replace(" ", "") if _PARTED.fullmatch(text) else text


def quoted(text: str) -> str:
    """What somebody gave, short enough to read in a sentence."""
    text = " ".join(text.split())
    return f'"{text[:57]}…"' if len(text) > 60 else f'"{text}"'
