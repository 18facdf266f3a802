"""The workbook to fill in: headings, drop-downs, an example, and a sheet of guidance."""

import io
from datetime import date
from typing import Any

import xlsxwriter

from commitments.models import Plan
from commitments.models.plan import Theme
from commitments.uploads.columns import COLUMNS, MILESTONE, MILESTONE_DATE, Column, letters
from commitments.uploads.reading import MAX_ROWS
from commitments.uploads.resource import EMPTIED
from commitments.uploads.rows import EXAMPLE
from organisations.models import Organisation
from workforce_tracker.spreadsheets import safe_cell

MILESTONES_OFFERED = 3


def offered_columns() -> list[Column]:
    """The columns of the template, in order."""
    columns = [column for column in COLUMNS if column.guidance]
    for number in range(1, MILESTONES_OFFERED + 1):
        for each in (MILESTONE, MILESTONE_DATE):
            label = each.label.replace("Milestone", f"Milestone {number}")
            example = each.example if number == 1 else ""
            columns.append(Column(each.key, label, (), each.guidance, example, each.width))
    return columns


def template_workbook(plan: Plan | None, today: date) -> bytes:
    """The workbook as bytes; with a plan, its headings are in the drop-down. Two queries."""
    stream = io.BytesIO()
    # Every text stays text: no formulas, links or numbers made of it.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet("Commitments")
        guidance = book.add_worksheet("Guidance")
        lists = book.add_worksheet("Lists")
        columns = offered_columns()
        ranges = _write_lists(book, lists, plan, today)
        _write_commitments(book, sheet, columns, ranges)
        _write_guidance(book, guidance, columns, plan)
        lists.hide()
        sheet.activate()
    return stream.getvalue()


def _write_commitments(
    book: Any, sheet: Any, columns: list[Column], ranges: dict[str, str]
) -> None:
    heading = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D8DDE0", "border": 1}
    )
    example = book.add_format({"italic": True, "font_color": "#4C6272", "valign": "top"})
    # As text, so that 2026/27 and March 2026 stay what somebody typed.
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.label, heading)
        value = EXAMPLE if column.key == "reference" else column.example
        sheet.write_string(1, place, safe_cell(value), example)
        if column.key in ranges:
            sheet.data_validation(1, place, MAX_ROWS, place, _choice(column, ranges[column.key]))
    sheet.write_comment(1, 0, "An example. It is not read; delete it or leave it.")
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.repeat_rows(0)


def _choice(column: Column, source: str) -> dict[str, Any]:
    """A drop-down. Only themes are a closed list: other names may be new, or several in a cell."""
    closed = column.key == "theme"
    return {
        "validate": "list",
        "source": source,
        "error_type": "stop" if closed else "information",
        "error_title": column.label,
        "error_message": (
            "Use Train, Retain or Reform."
            if closed
            else "This is not on the list. It can be used all the same."
        ),
        "show_error": closed,
    }


def _write_lists(book: Any, sheet: Any, plan: Plan | None, today: date) -> dict[str, str]:
    """The sheet behind the drop-downs; gives each list's range by the key of its column."""
    headings = list(plan.pillars.values_list("name", flat=True)) if plan else []
    bodies = Organisation.objects.open_on(today).values_list("name", flat=True)
    lists = {"pillar": headings, "theme": list(Theme.labels), "lead": list(bodies)}
    bold = book.add_format({"bold": True})
    ranges = {}
    for place, (key, values) in enumerate(lists.items()):
        sheet.write_string(0, place, {"pillar": "Headings", "theme": "Themes"}.get(key, "Bodies"),
                           bold)  # fmt: skip
        for row, value in enumerate(values, 1):
            sheet.write_string(row, place, safe_cell(value))
        if values:
            letter = letters(place)
            ranges[key] = f"=Lists!${letter}$2:${letter}${len(values) + 1}"
    return ranges


def _write_guidance(book: Any, sheet: Any, columns: list[Column], plan: Plan | None) -> None:
    title = book.add_format({"bold": True, "font_size": 16})
    bold = book.add_format({"bold": True, "bg_color": "#D8DDE0", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    strong = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 2, 44)
    sheet.write_string(0, 0, "How to fill in this workbook", title)
    lines = [
        f"For: {plan.title} ({plan.code})" if plan else "For any plan.",
        "One row for each commitment, on the first sheet. Rows may be in any order.",
        "A row whose reference is already in the plan changes that commitment: only what the row "
        "says. A blank cell leaves a value as it is.",
        f"To empty a value, write {EMPTIED} in its cell.",
        "Nothing is removed from a plan by leaving it out of the file.",
        "Columns may be left out or put in another order. Columns that are not known are not read, "
        "and named before you apply the file.",
        "Nothing changes until you have seen what would, and applied it.",
    ]
    for number, line in enumerate(lines, 2):
        sheet.write_string(number, 0, safe_cell(line))
    start = len(lines) + 3
    for place, head in enumerate(("Heading of the sheet", "What goes into it", "Such as")):
        sheet.write_string(start, place, head, bold)
    for number, column in enumerate(columns, start + 1):
        sheet.write_string(number, 0, column.label, strong)
        sheet.write_string(number, 1, column.guidance, wrapped)
        sheet.write_string(number, 2, safe_cell(column.example), wrapped)
