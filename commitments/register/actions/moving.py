"""Promises that stand: what editing may no longer move, and the one way to move it.

A promise is a commitment's date, a milestone's date, or a measure's target. Once it stands on an
active commitment it is moved by a decision of somebody else than the one who asks
(docs/baseline-changes.md); giving one where none stands, and anything in a draft, is editing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.dates import FuzzyDate
from commitments.figures import format_figure
from commitments.models import Commitment, Measure, Milestone
from commitments.register.actions.drafts import DraftProblems, Problem
from commitments.register.actions.permission import may_edit, require, writes
from commitments.register.actions.wording import in_words
from organisations.models import User


@dataclass(frozen=True)
class Wanted:
    """A move that somebody tried to make by editing: of the commitment's own date, or of the target
    of a `measure`; `to` is what they wrote, for the boxes of the request."""

    words: str
    to: str
    measure: int | None = None


class PromiseStands(DraftProblems):
    """Nothing was written: a promise that stands would have moved. `wanted` says which."""

    def __init__(self, reference: str, wanted: list[Wanted]) -> None:
        self.wanted = wanted
        super().__init__(
            [Problem(reference, "" if one.measure else "target", one.words) for one in wanted]
        )


def is_promised(commitment: Commitment) -> bool:
    """Whether what stands in a commitment is a promise, and no draft of one."""
    return commitment.state == Commitment.State.ACTIVE


def refuse_moves(commitment: Commitment, applied: Mapping[str, Any]) -> None:
    """Raise PromiseStands when flat values (see `snapshots`) would move what stands."""
    if not is_promised(commitment):
        return
    wanted = []
    target = applied.get("target")
    if target is not None and commitment.target_date not in (None, target.last_day):
        wanted.append(
            Wanted(
                f"It is promised for {in_words(commitment.target)}, and that is not moved here. "
                "Ask for another date, or put this one back.",
                target.text,
            )
        )
    for measure in commitment.measures.all():
        if target := applied.get(f"measure-{measure.pk}-target"):
            low, high, qualifier, text = target
            stands = (measure.target_low, measure.target_high)
            if None not in stands and stands != (low, high):
                now = format_figure(*stands, measure.qualifier, measure.unit)
                words = (
                    f"The target of “{measure.name}” is {now}, and that is not moved here. "
                    "Ask for another target, or put this one back."
                )
                wanted.append(
                    Wanted(words, format_figure(low, high, qualifier) or text, measure.pk)
                )
    if wanted:
        raise PromiseStands(commitment.reference, wanted)


@writes
def move_promise(
    *,
    by: User,
    commitment: Commitment,
    today: date,
    milestone: Milestone | None = None,
    measure: Measure | None = None,
    to: FuzzyDate | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> None:
    """Move a promise as it was decided: the date of a milestone or of the commitment `to` a day, or
    the target of a measure to `low` (and `high`, for a range).

    `by` is who decided; whoever calls this has made sure that it was somebody else's wish. The
    database counts the move and keeps the first promise. Raises PermissionDenied.
    """
    require(may_edit(by, commitment, today))
    row = Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    if measure is not None:
        measure.refresh_from_db()
        measure.target_low, measure.target_high = low, low if high is None else high
        words = format_figure(measure.target_low, measure.target_high, "", measure.unit)
        measure.target_text = words[:100]
        measure.save(update_fields=["target_low", "target_high", "target_text"])
        # The commitment's version counts changes of its measures too.
        row.save(update_fields=["title"])
    elif milestone is not None and to is not None:
        milestone.refresh_from_db()
        milestone.baseline = to
        milestone.save(update_fields=[*Milestone.baseline.columns])
    elif to is not None:
        row.target = to
        row.save(update_fields=[*Commitment.target.columns])
