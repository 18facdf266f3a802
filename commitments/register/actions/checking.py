"""What a draft must be before anything is written, each refusal in words to act on."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from commitments.dates import FuzzyDate
from commitments.models import Commitment, Measure, Milestone, Party
from commitments.register.actions.drafts import (
    CommitmentDraft,
    MeasureDraft,
    MilestoneDraft,
    Problem,
)
from commitments.register.actions.wording import label_of

# What PostgreSQL cannot hold in a text: the zero byte, and halves of a surrogate pair.
_UNKEPT = re.compile(r"[\x00\ud800-\udfff]")
# What a draft's `values` may name; "target" stands for its three columns.
SETTABLE = frozenset(
    {
        "title", "description", "target", "staff_groups", "source", "plan_reference", "lead_basis",
        "confidence", "state", "draft_of", "senior_responsible_owner", "is_demonstration",
    }
)  # fmt: skip


def explain_reference(reference: str, *, longest: int = 40) -> str | None:
    """Why a reference (or a plan's code) cannot be used, or None.

    It is part of an address, and read aloud in meetings: no character that ends an address's part,
    nothing invisible.
    """
    if not reference:
        return "Give it a reference, such as JFP-001."
    if len(reference) > longest:
        return f'"{reference}" is {len(reference)} characters long. Use at most {longest}.'
    if found := next((sign for sign in "/?#\\" if sign in reference), None):
        return (
            f'"{reference}" has a {found} in it. '
            "Use letters, digits, spaces, full stops and hyphens, such as JFP-001."
        )
    if reference != reference.strip() or not reference.isprintable():
        return f'"{reference.strip()}" has a blank or an invisible character too many. Retype it.'
    if reference in (".", ".."):
        return f'"{reference}" cannot be told from a full stop. Use letters or digits as well.'
    return None


def problems_of(drafts: Sequence[CommitmentDraft], today: date) -> Iterator[Problem]:
    """Everything wrong with drafts that shows without looking at what is stored."""
    times = Counter(draft.reference.upper() for draft in drafts)
    for draft in drafts:
        if unknown := set(draft.values) - SETTABLE:
            raise TypeError(f"A draft cannot set {', '.join(sorted(unknown))}.")
        if problem := explain_reference(draft.reference):
            yield Problem(draft.reference, "reference", problem)
        elif times[draft.reference.upper()] > 1:
            yield Problem(
                draft.reference,
                "reference",
                f"This reference is given {times[draft.reference.upper()]} times. "
                "Give each commitment a reference of its own.",
            )
        for field, message in _problems_inside(draft, today):
            yield Problem(draft.reference, field, message)


def _problems_inside(draft: CommitmentDraft, today: date) -> Iterator[tuple[str, str]]:
    for name, value in draft.values.items():
        if message := _explain_value(Commitment, name, value):
            yield name, message
    if "title" in draft.values and not draft.values["title"].strip():
        yield "title", "Give it a title: what is promised, in a few words."
    for party in draft.parties or ():
        field = "leads" if party.role == Party.Role.LEAD else "partners"
        if message := _explain_value(Party, "name", party.name):
            yield field, message
    for measure in draft.measures or ():
        yield from (("measures", message) for message in explain_measure(measure))
    if not draft.milestones:
        return
    titles: dict[str, MilestoneDraft] = {}
    for milestone in draft.milestones:
        first = titles.setdefault(milestone.title.strip().casefold(), milestone)
        if first is not milestone:
            yield "milestones", f'Milestone "{first.title}" is given twice. Keep one of them.'
        yield from (("milestones", message) for message in explain_milestone(milestone, today))


def explain_measure(draft: MeasureDraft) -> Iterator[str]:
    """What is wrong with a measure by itself."""
    if not draft.name.strip():
        yield "Give the measure a name: what is counted."
    for name in ("name", "unit", "direction", "qualifier", "target_text", "baseline", "rhythm"):
        if message := _explain_value(Measure, name, getattr(draft, name)):
            yield message
    low, high = draft.target_low, draft.target_high
    if low is not None and high is not None and high < low:
        yield f'The target of "{draft.name}" goes from {low} to {high}. Put the lower number first.'
    for number in (low, high, draft.baseline_value):
        if number is not None and (abs(number) >= 10**16 or number != round(number, 4)):
            yield f"{number} has more digits than can be kept. Use at most 4 after the point."


def explain_milestone(draft: MilestoneDraft, today: date) -> Iterator[str]:
    """What is wrong with a milestone by itself."""
    if not draft.title.strip():
        yield "Give the milestone a title: what will have been done."
    for name in ("title", "baseline", "forecast", "state"):
        if message := _explain_value(Milestone, name, getattr(draft, name)):
            yield message
    if draft.actual_on and draft.actual_on > today:
        yield (
            f'"{draft.title}" cannot have been reached on {draft.actual_on:%d/%m/%Y}, '
            "which is still to come. Give a day up to today, or leave it empty."
        )
    if draft.actual_on and draft.state not in (None, Milestone.State.COMPLETE):
        yield f'"{draft.title}" has a day when it was reached, so its state is complete.'


def _explain_value(model: type[models.Model], name: str, value: Any) -> str | None:
    """Why a value does not fit its column, or None."""
    if not value:
        return None
    if not isinstance(value, str):
        is_date = isinstance(value, FuzzyDate)
        return _explain_length(name, value.text, 100) if is_date else None
    accepted, longest = _column(model, name)
    if _UNKEPT.search(value):
        return f"{label_of(name)} has a character in it that cannot be kept. Retype it."
    if accepted and value not in accepted:
        return f'{label_of(name)}: "{value}" is not known. Use {", ".join(accepted)}.'
    return _explain_length(name, value, longest)


def _explain_length(name: str, text: str, longest: int | None) -> str | None:
    if longest is None or len(text) <= longest:
        return None
    return f"{label_of(name)} is {len(text)} characters long. Use at most {longest}."


@cache
def _column(model: type[models.Model], name: str) -> tuple[tuple[str, ...], int | None]:
    """What a column takes: the closed list it chooses from, and how long a text may be."""
    try:
        column = model._meta.get_field(name)
    except FieldDoesNotExist:
        return (), None
    if not isinstance(column, models.Field):
        return (), None
    accepted = tuple(str(key) for key, _ in column.flatchoices) if column.choices else ()
    return accepted, column.max_length
