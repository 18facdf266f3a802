"""What callers hand to the actions, and what they get back.

A draft says how a commitment should be. Only what it names is compared and written: a value that is
missing from `values`, or None elsewhere, stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from commitments.dates import UNDATED, FuzzyDate
from organisations.models import Organisation, User


@dataclass(frozen=True)
class PartyDraft:
    """A lead or a partner. Without an organisation it is a class ("NHS trusts"), and `side` says
    which side such bodies are on, if that can be told."""

    role: str
    name: str
    organisation: Organisation | None = None
    side: str = ""


@dataclass(frozen=True)
class MeasureDraft:
    """A number to be judged by. It is matched with a measure of the commitment by `pk`, else by
    name; measures that no draft names are kept. A `rhythm` of None leaves the one that stands."""

    name: str
    unit: str = ""
    direction: str = "at_least"
    qualifier: str = ""
    baseline_value: Decimal | None = None
    baseline: FuzzyDate = UNDATED
    target_low: Decimal | None = None
    target_high: Decimal | None = None
    target_text: str = ""
    pk: int | None = None
    rhythm: str | None = None


@dataclass(frozen=True)
class MilestoneDraft:
    """A dated step, matched by title within its commitment. None leaves a value as it is."""

    title: str
    baseline: FuzzyDate | None = None
    forecast: FuzzyDate | None = None
    actual_on: date | None = None
    state: str | None = None
    owner: User | None = None
    organisation: Organisation | None = None
    source: str = ""
    note: str = ""
    is_demonstration: bool = False


@dataclass
class CommitmentDraft:
    """One commitment as somebody wants it to be; `values` are model fields by name.

    Parties, when given, replace those that stand. `theme` maps the pillar to Train, Retain or
    Reform, unless somebody has mapped it already.
    """

    reference: str
    values: dict[str, Any]
    pillar: str | None = None
    theme: str | None = None
    parties: Sequence[PartyDraft] | None = None
    measures: Sequence[MeasureDraft] | None = None
    milestones: Sequence[MilestoneDraft] = ()


class FieldChange(NamedTuple):
    """One value before and after, in the words of a page."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class MilestoneChange:
    """What a save would do to one milestone: `kind` is "new" or "changed"."""

    title: str
    kind: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Change:
    """What a save would do to one commitment: `kind` is "new", "changed" or "unchanged"."""

    reference: str
    title: str
    kind: str
    fields: list[FieldChange] = field(default_factory=list)
    milestones: list[MilestoneChange] = field(default_factory=list)


@dataclass(frozen=True)
class SaveResult:
    """What a save did; the lists hold references."""

    new: list[str]
    changed: list[str]
    unchanged: list[str]
    milestones_new: int
    milestones_changed: int


@dataclass(frozen=True)
class Problem:
    """Why one draft cannot be saved. `field` is the value's name, or "" for the whole draft."""

    reference: str
    field: str
    message: str


class DraftProblems(ValidationError):
    """Everything that is wrong with the drafts of one call; nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__([f"{found.reference}: {found.message}" for found in problems])
