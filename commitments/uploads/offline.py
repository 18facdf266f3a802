"""The workbook that people take away, fill in and send back: its sheets, and what each column is.

One description for both ways: commitments.uploads.exporting fills it, commitments.uploads.returns
reads it again. Rows are found again by plan, reference and key, whatever people do to their order.
"""

from dataclasses import dataclass

from commitments.models import Milestone, ProgressUpdate
from commitments.models.progress import DECLARED_RATINGS

# What somebody must be allowed to do to a row's commitment to fill in a column of it.
EDIT, REPORT, MOVE = "edit", "report", "move"
# What a cell can hold in a spreadsheet program; a longer text is shown in part, and locked.
LONGEST = 32_000
# What a sheet can hold in a spreadsheet program, besides its headings.
MOST_ROWS = 1_048_575


@dataclass(frozen=True)
class Column:
    """One column: its heading, who may fill it in (nobody when `needs` is empty), and the name of
    the list that its drop-down offers."""

    key: str
    label: str
    width: int = 16
    needs: str = ""
    choices: str = ""
    hidden: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a sheet: its cells as text, what may be done to it, and its plan's code."""

    cells: tuple[str, ...]
    allowed: frozenset[str]
    plan: str


@dataclass(frozen=True)
class Sheet:
    """A sheet on its way out; its rows come one after the other, so that all need not be at hand.
    `kind` is its name in SHEETS: what fills more than one sheet goes on in a second one."""

    name: str
    columns: tuple[Column, ...]
    kind: str


PLAN = Column("plan", "Plan", 10)
REFERENCE = Column("reference", "Reference", 14)
KEY = Column("key", "Row key", 10, hidden=True)
VERSION = Column("version", "Row version", 10, hidden=True)
LATEST = Column("latest", "Row update", 10, hidden=True)
OWED = Column("owed", "Update", 20)

SAID = (
    Column("rating", "Your rating", 14, REPORT, "ratings", hint="Complete, green, amber or red."),
    Column("confidence", "How sure are you", 12, REPORT, "confidence",
           hint="High, medium or low."),
    Column("narrative", "How it is going", 50, REPORT, hint="A few sentences."),
    Column("reason", "Why it is red or amber", 30, REPORT, hint="Needed for red and amber."),
    Column("path_to_green", "Path to green", 30, REPORT,
           hint="What brings it back, and when. Needed for red and amber."),
    Column("difference_reason", "Why your rating differs", 30, REPORT,
           hint="Needed where your rating is another than the evidence rating."),
    Column("risks", "Risks", 30, REPORT),
    Column("next_steps", "Next steps", 30, REPORT),
)  # fmt: skip
# What was said before, beside which people say something new.
LAST_RATING = Column("last_rating", "Last rating", 12)
LAST_NARRATIVE = Column("last_said", "What was said", 40)
LAST_SAID = {LAST_RATING.label, LAST_NARRATIVE.label}
SAID_KEYS = tuple(column.key for column in SAID)

COMMITMENTS = (
    PLAN,
    REFERENCE,
    Column("title", "Commitment", 44, EDIT),
    Column("leads", "Lead organisation", 28),
    Column("target", "By when", 14),
    Column("evidence", "Evidence rating", 14),
    LAST_RATING,
    Column("last_on", "Last update", 12),
    LAST_NARRATIVE,
    *SAID,
    Column("description", "Description", 40, EDIT),
    Column("pillar", "Heading", 24, EDIT, "headings", hint="One of the plan's headings."),
    Column("partners", "Partner organisations", 28),
    Column("staff_groups", "Staff groups", 20, EDIT, hint="Parted by semicolons."),
    Column("senior_responsible_owner", "Senior responsible owner", 20, EDIT),
    Column("source", "Source", 20, EDIT),
    Column("state", "State", 12),
    KEY,
    VERSION,
    LATEST,
)  # fmt: skip
EDITED = tuple(column.key for column in COMMITMENTS if column.needs == EDIT)

MILESTONES = (
    PLAN,
    REFERENCE,
    Column("commitment", "Commitment", 36),
    Column("milestone", "Milestone", 36),
    Column("baseline", "First promised for", 16),
    Column("state", "State", 14, MOVE, "states",
           hint="Not started, in progress, complete or cancelled."),
    Column("forecast", "Now expected", 16, MOVE,
           hint="When it is now expected: 28/02/2027, March 2027 or 2027/28."),
    Column("actual_on", "Reached on", 14, MOVE, hint="The day when it was reached."),
    Column("note", "Note", 40, MOVE),
    KEY,
    VERSION,
)  # fmt: skip
MOVED = tuple(column.key for column in MILESTONES if column.needs == MOVE)

FIGURES = (
    PLAN,
    REFERENCE,
    Column("commitment", "Commitment", 36),
    Column("measure", "Measure", 36),
    Column("unit", "Unit", 14),
    Column("goal", "Target", 20),
    Column("last_value", "Last figure", 12),
    Column("last_period", "It was for", 14),
    Column("value", "New figure", 12, REPORT, hint="One number."),
    Column("period", "For when", 16, REPORT, hint="Such as March 2026, 2025/26 or 28/02/2026."),
    KEY,
    VERSION,
)  # fmt: skip

# The sheets by name. A .csv file holds the first alone.
SHEETS = {"Commitments": COMMITMENTS, "Milestones": MILESTONES, "Figures": FIGURES}

LISTS = {
    "ratings": [label for _, label in DECLARED_RATINGS],
    "confidence": list(ProgressUpdate.Confidence.labels),
    "states": list(Milestone.State.labels),
}

GUIDANCE = (
    "White cells are for you to fill in; grey ones are locked, for they cannot be changed here.",
    "Say how a commitment goes under “Your rating” to “Next steps”. Rows left empty there say "
    "nothing new, and that is fine.",
    "Move milestones on the sheet “Milestones”, and give actuals on the sheet “Figures”.",
    "A blank cell leaves a value as it is. To empty a value, write (empty) in its cell.",
    "Rows may be sorted, or deleted: what is not in the file stays as it is. Most programs want "
    "the protection of the sheet taken off for that; it has no password.",
    "Hidden columns at the end tell what you had before you. Leave them as they are.",
    "When you are done, save the file and send it back in the tracker, under “Send back a "
    "workbook”. You see what it does before it does it. What somebody else changed meanwhile is "
    "shown beside yours.",
)
