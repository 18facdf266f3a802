"""The corpus: small files in the shapes that people send, made afresh for every run of the tests.

The commitments in them are real ones, from commitments/data; the layouts are those of workbooks
that plans are kept in. What each file should come to is in expected.json, under the same name.
`python -m tests.commitments.uploads.corpus.make FOLDER` writes them all, to look at.
"""

import csv
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.commitments.uploads.corpus.writers import (
    Shown,
    ods,
    rewritten,
    text,
    with_raised,
    xls,
    xlsx,
)

DATA = Path("commitments/data/published_plan_commitments.csv")
FILES: dict[str, Callable[[], bytes]] = {}


def file(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Put a maker into the corpus under the name that the file has."""

    def keep(maker: Callable[[], bytes]) -> Callable[[], bytes]:
        assert name not in FILES, name
        FILES[name] = maker
        return maker

    return keep


def real(*keys: str, count: int = 3, start: int = 0) -> list[list[Any]]:
    """Rows of the NHS Long Term Workforce Plan, with these fields of the published data."""
    with DATA.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["plan"] == "LTWP"]
    return [[row[key] for key in keys] for row in rows[start : start + count]]


HEADS = ["Reference", "Commitment", "Heading", "Lead organisation", "Target value", "Unit",
         "Baseline value", "By when"]  # fmt: skip
KEYS = ("reference", "title", "pillar", "lead_org", "target_value", "target_unit",
        "baseline_value", "target_date")  # fmt: skip


def plain() -> list[list[Any]]:
    """A table without anything odd."""
    return [HEADS, *real(*KEYS)]


SHORT = ["Ref", "Action", "Lead", "By when"]


def short(count: int = 3, start: int = 0) -> list[list[Any]]:
    """Four columns of it."""
    return real("reference", "title", "lead_org", "target_date", count=count, start=start)


# --- formats ------------------------------------------------------------------------------------
file("plain.xlsx")(lambda: xlsx(Plan=plain()))
file("plain.xls")(lambda: xls(Plan=plain()))
file("plain.ods")(lambda: ods(Plan=plain()))
file("plain.csv")(lambda: text(plain()).encode())
file("with-mark.csv")(lambda: text(plain()).encode("utf-8-sig"))
file("utf-16.txt")(lambda: text(plain(), "\t").encode("utf-16"))
file("utf-16-without-mark.csv")(lambda: text(plain()).encode("utf-16-le"))
file("windows.csv")(lambda: text(plain()).encode("cp1252"))
file("tabs.tsv")(lambda: text(plain(), "\t", "\n").encode())
file("semicolons.csv")(lambda: text([SHORT, *short()], ";").encode())
file("bars.txt")(lambda: text([SHORT, *short()], "|", "\n").encode())
file("says-its-separator.csv")(lambda: b"sep=;\r\n" + text([SHORT, *short()], ";").encode())
file("workbook-called.csv")(lambda: xlsx(Plan=plain()))
file("text-called.xlsx")(lambda: text(plain()).encode())
file("old-called-new.xlsx")(lambda: xls(Plan=plain()))
file("opendocument-called.xls")(lambda: ods(Plan=plain()))


@file("macros.xlsm")
def macros() -> bytes:
    content = xlsx(Plan=[SHORT, *short()])
    content = rewritten(content, "xl/vbaProject.bin", lambda _: b"\xd0\xcf\x11\xe0 AutoOpen")
    return rewritten(
        content,
        "[Content_Types].xml",
        lambda xml: xml.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
    )


# --- headings -----------------------------------------------------------------------------------
@file("titles-above.xlsx")
def titles_above() -> bytes:
    above = [
        ["NHS Long Term Workforce Plan: actions of our system", None, None, None],
        ["Draft for the People Board, 14 October 2026", None, None, None],
        [],
    ]
    return xlsx(merged=[(0, 0, 0, 3)], Plan=[*above, SHORT, *short()])


TOP = ["Ref", "Action", "Lead", "Target", None, "Milestone 1", None, "Milestone 2", None]
BOTTOM = [None, None, None, "Value", "Date", "What", "Date", "What", "Date"]
STEPS = [
    ["Regional plan agreed", "30/09/2026", "First intake", "September 2027"],
    ["Business case", "Q3 2026/27", "", ""],
    ["", "", "Review", "2028"],
]


def two_rows() -> list[list[Any]]:
    rows = real("reference", "title", "lead_org", "target_value", "target_date")
    return [[*row, *steps] for row, steps in zip(rows, STEPS, strict=True)]


AREAS = [(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4), (1, 5, 1, 6), (1, 7, 1, 8)]
file("two-rows-of-headings.xlsx")(
    lambda: xlsx(merged=AREAS, Plan=[["Workforce actions"], TOP, BOTTOM, *two_rows()])
)
file("two-rows-of-headings.xls")(
    lambda: xls(merged=AREAS, Plan=[["Workforce actions"], TOP, BOTTOM, *two_rows()])
)
file("two-rows-of-headings.csv")(lambda: text([TOP, BOTTOM, *two_rows()]).encode())
file("synonyms.xlsx")(
    lambda: xlsx(Plan=[
        ["Action no.", "Agreed action", "Workstream", "Accountable organisation",
         "Working with", "Timescale*"],
        *real("reference", "title", "pillar", "lead_org", "partner_orgs", "target_date"),
    ])
)  # fmt: skip
file("longer-headings.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref.", "Action", "Which organisation leads (lead organisation and contact)",
         "Due date agreed at board", "Comments"],
        *[[*row, "On the agenda"] for row in short()],
    ])
)  # fmt: skip
file("told-by-content.csv")(
    lambda: text([
        ["Our ref in full", "What", "Body answering", "Finish", "RAG"],
        *[[*row, "Amber"] for row in short(4)],
    ]).encode()
)  # fmt: skip
file("objective-and-action.xlsx")(
    lambda: xlsx(Plan=[
        ["Objective", "Ref", "Action", "Due"],
        *[["Grow the workforce", *row] for row in real("reference", "title", "target_date")],
    ])
)  # fmt: skip
file("misnamed.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref", "Action", "Target", "Priority"],
        *[[*row, "High"] for row in real("reference", "title", "target_date", count=4)],
    ])
)  # fmt: skip
file("no-title-column.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref", "What we will do", "Due"], *real("reference", "description", "target_date")
    ])
)  # fmt: skip
file("line-breaks-in-headings.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref\n(do not change)", "Action\n", "Lead\norganisation", "By when?\n(month and year)"],
        *short(),
    ])
)  # fmt: skip
file("no-headings.xlsx")(lambda: xlsx(Plan=short(5)))
file("headings-only.csv")(lambda: text([SHORT]).encode())
file("same-thing-twice.csv")(
    lambda: text([
        ["Ref", "Action", "Due date", "Deadline"], ["A-1", "One", "2027", "2028"]
    ]).encode()
)  # fmt: skip


# --- layouts ------------------------------------------------------------------------------------
@file("spacers.xlsx")
def spacers() -> bytes:
    rows: list[list[Any]] = [[None, "Ref", None, "Action", None, None, "Lead", "By when"]]
    for row in short():
        rows += [[None, row[0], None, row[1], None, None, row[2], row[3]], []]
    return xlsx(Plan=[[], [], *rows])


@file("totals.xlsx")
def totals() -> bytes:
    heads = ["Ref", "Action", "Target", "Unit"]
    keys = ("reference", "title", "target_value", "target_unit")
    return xlsx(Plan=[
        heads, *real(*keys, count=2), [None, "Subtotal", 25000, "places per year"],
        *real(*keys, count=2, start=5), [None, "Subtotal: nursing", 93858, None],
        ["Grand total", None, 118858, None],
    ])  # fmt: skip


@file("sections.xlsx")
def sections() -> bytes:
    return xlsx(
        merged=[(1, 0, 1, 3), (4, 0, 4, 3)],
        Plan=[
            SHORT, ["Growing the workforce", None, None, None], *short(2),
            ["Looking after our people", None, None, None], *short(1, 2),
        ],
    )  # fmt: skip


file("sections-unmerged.csv")(
    lambda: text([
        SHORT, ["Growing the workforce", "", "", ""], *short(2),
        ["Looking after our people", "", "", ""], *short(1, 2),
    ]).encode()
)  # fmt: skip
file("sections-in-words.csv")(
    lambda: text([
        SHORT[1:], ["Priority 1: growing the workforce", "", ""],
        *real("title", "lead_org", "target_date", count=2),
        ["Priority 2 – looking after our people", "", ""],
        *real("title", "lead_org", "target_date", count=1, start=2),
    ]).encode()
)  # fmt: skip
MERGED_DOWN = [
    ["Heading", "Ref", "Action", "Milestone", "Milestone date"],
    ["Training", "LTWP-001", "Medical school places – interim step", "Bids invited", "June 2026"],
    [None, None, None, "Places awarded", "March 2027"],
    [None, "LTWP-002", "Medical school places – doubled", "Plan agreed", "2027/28"],
]
DOWN = [(1, 0, 3, 0), (1, 1, 2, 1), (1, 2, 2, 2)]
file("merged-down.xlsx")(lambda: xlsx(merged=DOWN, Plan=MERGED_DOWN))
file("merged-down.xls")(lambda: xls(merged=DOWN, Plan=MERGED_DOWN))
file("merged-down.ods")(lambda: ods(merged=DOWN, Plan=MERGED_DOWN))


@file("footnotes.xlsx")
def footnotes() -> bytes:
    return xlsx(Plan=[
        ["Ref", "Action¹", "Lead", "Target", "Unit", "By when*"],
        ["LTWP-001", "Medical school places – interim step²", "NHS England†", "10,000*",
         "places per year", "2028/29[3]"],
        ["LTWP-002", "Medical school places – doubled", "NHS England*", "15,000", "m²", "2031/32"],
        [],
        ["¹ As in the published plan"],
        ["* Subject to funding"],
        ["Source: NHS Long Term Workforce Plan"],
    ])  # fmt: skip


file("raised-figures.xlsx")(
    lambda: with_raised(
        [SHORT, *short()],
        {(1, 1): ("Medical school places – interim step", "1"), (2, 2): ("NHS England", "2")},
    )
)
file("headings-again.csv")(lambda: text([SHORT, *short(2), SHORT, *short(1, 2)]).encode())
file("numbers-of-columns.xlsx")(lambda: xlsx(Plan=[SHORT, ["(a)", "(b)", "(c)", "(d)"], *short()]))
file("trailing-blanks.xlsx")(
    lambda: xlsx(Plan=[
        [f"{head}  " for head in SHORT],
        *[[f"\u00a0{cell} \u200b" for cell in row] + ["", " ", None] for row in short()],
        [" ", "\u00a0", None, ""], [None, " "],
    ])
)  # fmt: skip
file("several-sheets.xlsx")(
    lambda: xlsx(
        Cover=[["Workforce actions"], ["Version 3"]],
        North=[SHORT, *short(2)],
        South=[["Actions in the south"], [], SHORT, *short(2, 2)],
        Lists=[["Organisations"], ["NHS England"], ["Leeds City Council"]],
    )
)
file("hidden.xlsx")(
    lambda: xlsx(hide=["Old", "C"], Plan=[SHORT, *short()], Old=[SHORT, *short(2, 5)])
)
file("partners-in-columns.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref", "Action", "Partner 1", "Partner 2", "Partner 3"],
        ["LTWP-001", "Medical school places – interim step", "Leeds City Council", "RY6", None],
        ["LTWP-002", "Medical school places – doubled", "RY6", None, "NHS England"],
    ])
)  # fmt: skip


# --- milestones ---------------------------------------------------------------------------------
NUMBERED = ["Ref", "Action", "Milestone 1", "Date 1", "Milestone 2", "Date 2"]
IN_COLUMNS = [
    ["LTWP-001", "Medical school places – interim step", *STEPS[0]],
    ["LTWP-002", "Medical school places – doubled", *STEPS[1]],
]
file("milestones-numbered.xlsx")(lambda: xlsx(Plan=[NUMBERED, *IN_COLUMNS]))
file("milestones-unnumbered.csv")(
    lambda: text([
        ["Ref", "Action", "Milestone", "By when", "Milestone", "By when"], *IN_COLUMNS
    ]).encode()
)  # fmt: skip
file("milestones-below.csv")(
    lambda: text([
        ["Ref", "Action", "Lead", "Milestone", "Milestone date"],
        ["LTWP-001", "Medical school places – interim step", "NHS England", "Bids", "June 2026"],
        ["", "", "", "Places awarded", "March 2027"],
        ["LTWP-002", "Medical school places – doubled", "NHS England", "Plan agreed", "2027/28"],
        ["LTWP-002", "Medical school places – doubled", "NHS England", "First intake", "2029"],
    ]).encode()
)  # fmt: skip
file("milestones-below-with-dates.csv")(
    lambda: text([
        ["Commitment", "Milestone", "Target date"],
        ["Medical school places – interim step", "Bids", "June 2026"],
        ["", "Places awarded", "March 2027"],
        ["Medical school places – doubled", "Plan agreed", "2027/28"],
    ]).encode()
)  # fmt: skip
file("milestones-on-a-sheet.xlsx")(
    lambda: xlsx(
        Plan=[SHORT, *short()],
        Milestones=[
            ["Commitment reference", "Title", "Baseline date"],
            ["LTWP-001", "Bids invited", "June 2026"], ["ltwp-001", "Awarded", "March 2027"],
            ["LTWP-003", "First intake", date(2026, 9, 1)],
        ],
    )
)  # fmt: skip
file("milestones-by-title.xlsx")(
    lambda: xlsx(
        Actions=[["Action", "Lead", "Due"], *real("title", "lead_org", "target_date")],
        Key_milestones=[
            ["Action", "Milestone", "Due"],
            ["Medical school places – doubled", "Plan agreed", "2027/28"],
            ["Medical school places – halved", "No such thing", "2027"],
        ],
    )
)  # fmt: skip
file("milestones-of-none.xlsx")(
    lambda: xlsx(
        Plan=[SHORT, *short(1)],
        Milestones=[["Ref", "Milestone", "Date"], ["", "Lost", "2027"], ["LTWP-001", "", "2027"]],
    )
)


# --- cells --------------------------------------------------------------------------------------
file("days.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref", "Action", "By when"],
        ["A-1", "A day", date(2027, 2, 28)],
        ["A-2", "A month", Shown(date(2027, 3, 1), "mmm-yy")],
        ["A-3", "A month in words", Shown(date(2027, 3, 1), "mmmm yyyy")],
        ["A-4", "A year", Shown(date(2027, 1, 1), "yyyy")],
        ["A-5", "A number that is a year", 2027],
        ["A-6", "A day with its name", Shown(date(2027, 3, 5), "ddd d mmm yyyy")],
    ])
)  # fmt: skip
file("days.ods")(
    lambda: ods(Plan=[
        ["Ref", "Action", "By when"], ["A-1", "A day", date(2027, 2, 28)],
        ["A-2", "A month", Shown(date(2027, 3, 1), "mmm-yy")],
    ])
)  # fmt: skip
file("days.xls")(
    lambda: xls(Plan=[
        ["Ref", "Action", "By when"], ["A-1", "A day", date(2027, 2, 28)],
        ["A-2", "A month", Shown(date(2027, 3, 1), "mmmm yyyy")],
    ])
)  # fmt: skip
file("days-as-numbers.csv")(
    lambda: text([
        ["Ref", "Action", "By when", "Milestone", "Milestone date"],
        ["A-1", "One", "46112", "Step", "45930"], ["A-2", "Two", "2027", "", ""],
    ]).encode()
)  # fmt: skip
file("numbers-as-text.xlsx")(
    lambda: xlsx(Plan=[
        ["Ref", "Action", "Target", "Unit", "Baseline"],
        ["A-1", "One", "15,000", "places", "7\u00a0500"], ["A-2", "Two", " 9.5 ", "%", "10.50"],
        [3, "Three", 1e6, "pounds", 0.1 + 0.2],
    ])
)  # fmt: skip
SHARES = [
    ["Ref", "Action", "Target", "Unit"],
    ["A-1", "Vacancy rate", Shown(0.05, "0%"), "of posts"],
    ["A-2", "Turnover", Shown(0.105, "0.0%"), None],
    ["A-3", "A share", 0.05, "share"],
]
file("percentages.xlsx")(lambda: xlsx(Plan=SHARES))
file("percentages.xls")(lambda: xls(Plan=SHARES))
file("percentages.ods")(lambda: ods(Plan=SHARES))
file("en-dashes.csv")(
    lambda: text([
        ["Ref", "Action", "Target", "Unit", "By when"],
        ["A–1", "Nursing – vacancy rate", "9–10.5", "%", "2026–27"],
        ["A–2", "Staff – in post", "1,300 – 1,400", "posts", "Q1–Q2 2027"],
    ]).encode("cp1252")
)  # fmt: skip


@file("formulas.xlsx")
def formulas() -> bytes:
    content = xlsx(Plan=[
        ["Ref", "Action", "Target", "Unit"], ["A-1", "Worked out", "=5*1000", "places"],
        ["A-2", "Never worked out", "=6*1000", "places"], ["A-3", "Failed", "=1/0", "places"],
    ])  # fmt: skip
    return rewritten(content, "xl/worksheets/sheet1.xml", lambda xml: (
        xml.replace(b"<f>5*1000</f><v>0</v>", b"<f>5*1000</f><v>5000</v>")
        .replace(b"<f>6*1000</f><v>0</v>", b"<f>6*1000</f>")
        .replace(b"<f>1/0</f><v>0</v>", b"<f>1/0</f><v>#DIV/0!</v>")
        .replace(b'<c r="C4">', b'<c r="C4" t="e">')
    ))  # fmt: skip


file("failed-formulas.xls")(
    lambda: xls(Plan=[
        ["Ref", "Action", "Target", "By when"], ["A-1", "Failed", "=1/0", "2027"],
        ["A-2", "Lost", 5, "#REF!"],
    ])
)  # fmt: skip
file("formulas-in-text.csv")(
    lambda: text([SHORT, ["A-1", "'=SUM(A1:A9)", "'@NHS England", "2027"]]).encode()
)


# --- problems -----------------------------------------------------------------------------------
file("blank-title.xlsx")(
    lambda: xlsx(Plan=[
        [*SHORT, "Milestone 1", "Milestone 1 date"],
        ["LTWP-001", None, "NHS England", "2028/29", None, None],
        ["LTWP-002", "Medical school places – doubled", None, "31/02/2031", None, "2027"],
    ])
)  # fmt: skip
file("the-same-error.csv")(
    lambda: text([
        [*SHORT, "Theme"], *[[*row, "Grow"] for row in short(4)],
    ]).encode()
)  # fmt: skip
file("reference-twice.csv")(lambda: text([SHORT, *short(2), *short(1)]).encode())
file("errors-on-two-sheets.xlsx")(
    lambda: xlsx(
        North=[SHORT, ["A-1", "One", "", "31/02/2027"]],
        South=[SHORT, ["B/1", "Two", "", "2027"]],
    )
)


def main(folder: Path) -> None:
    """Write every file into a folder."""
    from tests.commitments.uploads.corpus import hostile

    folder.mkdir(parents=True, exist_ok=True)
    for name, maker in (FILES | hostile.FILES).items():
        (folder / name).write_bytes(maker())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
