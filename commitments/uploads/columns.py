"""What a sheet can hold: its fields, and what people call them. Pure functions."""

import re
from dataclasses import dataclass
from functools import lru_cache

MILESTONES = range(1, 31)


@dataclass(frozen=True)
class Column:
    """One thing a sheet can hold: its key, the heading of the template, what else people call it,
    and what the template's guidance says of it."""

    key: str
    label: str
    synonyms: tuple[str, ...]
    guidance: str = ""
    example: str = ""
    width: int = 20


COLUMNS = (
    Column("reference", "Reference", ("ref", "id", "ref no", "reference number", "action ref",
           "commitment reference", "action number", "no", "number", "action id", "commitment id",
           "commitment ref", "ref number", "reference no", "commitment no", "action no", "item no",
           "item", "unique reference", "commitment number", "action reference"),
           "The commitment's own number. A row whose reference is already in the plan changes that "
           "commitment; another adds one. Left empty, the row is new and gets the next number.",
           "LTWP-002", 14),
    Column("title", "Commitment", ("title", "action", "commitment title", "action title", "pledge",
           "commitments", "actions", "promise", "priority action", "deliverable", "objective",
           "initiative", "agreed action", "proposed action", "recommendation",
           "planned action", "key action", "key actions", "commitment action"),
           "What is promised, in one line of up to 300 letters.",
           "15,000 medical school places a year", 44),
    Column("description", "Description", ("detail", "details", "action description",
           "commitment description", "what we will do", "action detail", "more detail"),
           "More about it, in as many words as it needs.",
           "Double the yearly number of medical school places", 44),
    Column("pillar", "Heading", ("pillar", "heading pillar", "workstream", "plan heading",
           "priority", "programme", "chapter", "strand", "priority area"),
           "The heading it stands under in the plan. One that the plan does not have yet is added.",
           "Growing the workforce", 24),
    Column("theme", "Theme", ("train retain reform", "theme train retain reform"),
           "Train, Retain or Reform.", "Train", 12),
    Column("lead", "Lead organisation", ("lead", "owner", "lead org", "lead body", "led by",
           "responsible organisation", "lead partner", "organisation", "accountable organisation",
           "lead organisations", "action owner", "lead partner organisation", "responsible body",
           "accountable body", "lead agency", "lead organisation s", "who leads"),
           "Who promises it: the name, a former name or the code of an organisation. Several are "
           "parted by semicolons. A class of bodies, such as NHS trusts, is kept as text.",
           "NHS England", 34),
    Column("lead_code", "Lead organisation code", ("lead org code", "lead code", "ods code",
           "organisation code")),
    Column("partners", "Partner organisations", ("partners", "partner", "partner orgs",
           "delivered with", "delivery partners", "with", "supporting organisations",
           "key partners", "partner organisation", "in partnership with", "working with",
           "partner organisation s", "other partners", "supporting partners"),
           "Who delivers it with the lead, parted by semicolons.",
           "Department for Education; Medical schools", 34),
    Column("target_value", "Target value", ("target", "target number", "target figure",
           "goal", "ambition"),
           "A number, a range such as 9–10.5, or words such as over 1,300.", "15000", 14),
    Column("target_unit", "Unit", ("units", "target unit", "measure", "unit of measure", "metric"),
           "What the number counts.", "places per year", 18),
    Column("baseline_value", "Baseline value", ("baseline", "starting value", "current value",
           "baseline figure"),
           "The number from which it starts.", "7500", 14),
    Column("baseline_date", "Baseline date", ("baseline year", "baseline as at"),
           "When that number was true.", "2022", 14),
    Column("target_date", "By when", ("target date", "due", "due date", "deadline", "when",
           "timescale", "completion date", "end date", "date due", "timeframe", "target year",
           "delivery date", "complete by", "target completion", "target completion date",
           "completion", "timeline", "timescales", "complete by when"),
           "As the plan says it: 28/02/2027, March 2026, Q3 2026/27, 2031/32 or summer 2027.",
           "2031/32", 14),
    Column("staff_groups", "Staff groups", ("staff group", "workforce group", "profession",
           "professions", "staff"),
           "Who it is about, parted by semicolons.", "Doctors", 20),
    Column("source", "Source", ("source reference", "page", "document", "where in the document"),
           "Where it stands in the document.", "Page 30", 24),
    # What the published plans in commitments/data carry besides.
    Column("plan_reference", "Number in the plan", ("plan reference",)),
    Column("confidence", "Confidence", ()),
    Column("lead_basis", "Lead basis", ()),
    Column("row_type", "Row type", ()),
    Column("plan", "Plan", ("plan code",)),
)  # fmt: skip
MILESTONE = Column(
    "milestone", "Milestone", (),
    f"A step on the way. Up to {MILESTONES[-1]} of them: Milestone 1, Milestone 1 date, "
    "Milestone 2, and so on.",
    "Regional plan agreed", 30,
)  # fmt: skip
MILESTONE_DATE = Column(
    "milestone_date", "Milestone date", (),
    "When the step is promised. For a milestone that the plan has already, when it is now "
    "expected: the date first promised stays beside it.",
    "30/09/2026", 16,
)  # fmt: skip

# Columns of the shipped plans that say again what another column says.
IGNORED = {"plan title", "publisher", "published date", "target date iso", "target date precision"}


@lru_cache
def milestone_keys(number: int) -> tuple[str, str]:
    """The keys of one milestone's title and date."""
    return f"milestone_{number}", f"milestone_{number}_date"


def _label_table() -> dict[str, str]:
    labels = {column.key: column.label for column in COLUMNS}
    for number in MILESTONES:
        title, day = milestone_keys(number)
        labels |= {title: f"Milestone {number}", day: f"Milestone {number} date"}
    return labels


LABELS = _label_table()


def fold(heading: str) -> str:
    """A heading without what people add to it: capitals, marks, line breaks, "(required)"."""
    plain = re.sub(r"[^a-z0-9]+", " ", heading.casefold()).strip()
    return re.sub(r" (required|optional|mandatory)$", "", plain)


def _names() -> dict[str, str]:
    names = {}
    for column in COLUMNS:
        for name in (column.key, column.label, *column.synonyms):
            names[fold(name)] = column.key
    return names


_NAMES = _names()
_RANKS = {
    fold(name): rank
    for column in COLUMNS
    for rank, name in enumerate((column.key, column.label, *column.synonyms))
}
# Names that say nothing inside a longer heading: "No" in "No of places", "with" in "Agreed with".
_MUTE = {
    "no", "number", "id", "with", "when", "page", "staff", "goal", "measure", "priority",
    "programme", "organisation", "document", "plan", "current value", "metric", "heading",
    "commitment", "action", "commitments", "actions", "strand", "chapter", "title", "target",
    "confidence", "detail", "ref", "item", "completion", "objective",
}  # fmt: skip
_TELLING = tuple(name for name in _NAMES if name not in _MUTE)
_NUMBERED = r" ?(?P<number>[1-9]|[12][0-9]|30)?"
_DATE = r"(?:target |planned |due )?(?:date|due|by when|deadline|completion date)"
_MILESTONE = re.compile(
    rf"(?P<first>{_DATE} (?:of |for )?)?(?:key )?(?:milestone|ms|step)s?{_NUMBERED}"
    rf"(?: (?:title|name|description))?(?P<date> {_DATE})?"
)


@lru_cache(maxsize=4096)
def key_of(heading: str) -> str | None:
    """What a heading stands for, or None. Words in brackets are tried with and without."""
    without_brackets = re.sub(r"\([^()]*\)|\[[^][]*\]", " ", heading)
    for name in (fold(heading), fold(without_brackets)):
        if found := _NAMES.get(name):
            return found
        if match := _MILESTONE.fullmatch(name):
            return milestone_keys(int(match["number"] or 1))[bool(match["date"] or match["first"])]
    return None


@lru_cache(maxsize=4096)
def words_within(heading: str) -> tuple[str, str]:
    """The field whose longest name stands inside a heading, and that name: "Lead body for delivery"
    holds "lead body". Two empty texts when none does."""
    words = f" {fold(heading)} "
    inside = [name for name in _TELLING if f" {name} " in words]
    name = max(inside, key=len, default="")
    return (_NAMES[name], name) if name else ("", "")


def rank_of(heading: str) -> int:
    """How far down its field's names a heading stands: an "Action" beside an "Objective" is the
    commitment."""
    return _RANKS.get(fold(heading), len(_RANKS))


def is_needless(heading: str) -> bool:
    """Whether a column is known to say again what another column says."""
    return fold(heading) in IGNORED


def letters(place: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
