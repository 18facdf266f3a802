"""What is made up, as tables. Days are working days from the day of placing; negative is past."""

from dataclasses import dataclass
from decimal import Decimal

PLAN_CODE = "DEMO-WY"
PLAN_TITLE = "West Yorkshire system delivery plan (demonstration)"
MARK = "Demonstration: "
BOARD, COUNCIL, TRUST = "QWO", "E08000035", "RY6"
LEAD_PERSON, COUNCIL_PERSON, TRUST_PERSON = (
    "lead@demo.example",
    "council@demo.example",
    "trust@demo.example",
)
# All organisations that are spoken of: they have to be in the register.
CODES = (BOARD, COUNCIL, TRUST, "RR8", "RGD", "E08000032", "NAT-LGA", "QOQ")


@dataclass(frozen=True)
class Step:
    """A made-up milestone: promised for, now expected and reached on, in working days from now."""

    title: str
    promised: int
    expected: int | None = None
    reached: int | None = None
    person: str = ""
    code: str = ""
    begun: bool = False


@dataclass(frozen=True)
class Number:
    """A made-up measure: target, planned and actual values, by months from now."""

    name: str
    unit: str
    baseline: Decimal
    target: Decimal
    planned: tuple[tuple[int, int], ...]
    actual: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Promise:
    """A made-up commitment. `months` is when it is promised for."""

    number: int
    title: str
    description: str
    pillar: str
    months: int
    leads: tuple[str, ...]
    partners: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    measure: Number | None = None


@dataclass(frozen=True)
class Said:
    """A made-up progress update on a promise, in the name of an organisation."""

    number: int
    person: str
    code: str
    rating: str
    confidence: str
    narrative: str
    reason: str = ""
    path_to_green: str = ""
    next_steps: str = ""


# A class of bodies, kept as text.
COUNCILS = "West Yorkshire councils"

PROMISES = (
    Promise(
        1,
        "one induction for new starters in health and social care",
        "Made up. New starters of the board, the trusts and the council share their first week.",
        "Train",
        9,
        (BOARD,),
        (COUNCIL, TRUST),
        (
            Step("content agreed with all partners", -45, None, -40, LEAD_PERSON, BOARD),
            Step("first shared week held", -8, -8, None, LEAD_PERSON, BOARD, begun=True),
            Step("shared week offered every month", 2, None, None, LEAD_PERSON, BOARD),
        ),
    ),
    Promise(
        2,
        "one bank for community nurses and home care",
        "Made up. One bank fills shifts of the trust's community teams and of home care.",
        "Retain",
        12,
        (TRUST,),
        (COUNCIL, "RR8"),
        (
            Step("terms agreed between partners", -30, None, -25, TRUST_PERSON, TRUST),
            Step("booking system open to both", -15, -1, None, TRUST_PERSON, TRUST, begun=True),
            Step("first hundred people on the bank", 7, None, None, TRUST_PERSON, TRUST),
        ),
        Number(
            "Shifts filled by the shared bank",
            "% of shifts",
            Decimal(40),
            Decimal(80),
            ((-9, 45), (-6, 50), (-3, 58), (3, 68), (6, 75)),
            ((-9, 44), (-6, 49), (-3, 54)),
        ),
    ),
    Promise(
        3,
        "a route from care worker to nursing associate",
        "Made up. Care workers of the council's providers can train while they stay in work.",
        "Train",
        18,
        (COUNCIL,),
        (BOARD, TRUST),
        (
            Step("route described and costed", -60, -50, None, COUNCIL_PERSON, COUNCIL, begun=True),
            Step("first cohort begins", 35, 60, None, COUNCIL_PERSON, COUNCIL),
        ),
    ),
    Promise(
        4,
        "leaver interviews done the same way everywhere",
        "Made up. Trusts and councils ask people who leave the same questions.",
        "Retain",
        1,
        (BOARD,),
        ("RGD", "E08000032"),
        (
            Step("questions agreed", -50, None, -48, LEAD_PERSON, BOARD),
            Step("in use in all organisations", -12, None, -10, LEAD_PERSON, BOARD),
        ),
    ),
    Promise(
        5,
        "one place to apply for jobs across the system",
        "Made up. Nothing is dated, measured or reported yet.",
        "Reform",
        24,
        (BOARD,),
        (COUNCILS,),
    ),
)

UPDATES = (
    Said(
        3,
        COUNCIL_PERSON,
        COUNCIL,
        "amber",
        "medium",
        "Made up. Providers are behind the idea. The costing has taken longer than we planned.",
        "Made up. Two providers have not sent their numbers.",
        "Made up. Numbers by the end of the month, then one meeting to close the costing.",
        "Made up. Meet the two providers.",
    ),
    Said(
        4,
        LEAD_PERSON,
        BOARD,
        "complete",
        "high",
        "Made up. All organisations use the same questions since this month.",
    ),
)

# Milestones on published commitments of the two signed-in organisations and a neighbour, so that
# home pages, lists and reminders have something that is due.
ON_PUBLISHED = (
    ("LCH-WS-001", Step("bank fill rate agreed", -10, None, None, TRUST_PERSON, TRUST)),
    ("LCH-WS-003", Step("leavers' survey analysed", -30, 1, None, TRUST_PERSON, TRUST, begun=True)),
    ("LCH-WS-009", Step("flexible working week held", 5, None, None, TRUST_PERSON, TRUST)),
    ("LCH-WS-018", Step("joint recruitment day", 30, None, None, TRUST_PERSON, TRUST)),
    ("WY-JFP-001", Step("workforce plan drafts received", -4, None, None, LEAD_PERSON, BOARD)),
    ("WY-JFP-002", Step("next modelling workshop held", 1, None, None, LEAD_PERSON, BOARD)),
    ("WY-JFP-003", Step("plans read together with councils", 7, None, None, LEAD_PERSON, BOARD)),
    ("LTHT-PP-001", Step("retention plan reviewed", -40, None, None, "", "RR8")),
)  # fmt: skip
