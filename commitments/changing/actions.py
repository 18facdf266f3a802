"""Ask to move a promise, decide, object, withdraw.

The commitment is locked first and the request after it, so that of two people who decide at once
the second finds what the first decided.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.changing.queries import Promise, may_object_for, same_target, speaks_for
from commitments.changing.states import BASELINE_CHANGE
from commitments.dates import UNDATED, FuzzyDate
from commitments.models import BaselineChange, Commitment, Measure, Milestone, Objection
from commitments.register.actions import may_edit, may_move, move_promise, writes
from organisations.models import Organisation, User

OVERTAKEN = "What was promised changed before it was decided, and it was asked again."
RELATED = ("commitment__plan", "milestone", "measure", "asked_by", "organisation", "decided_by")


@writes
def ask(
    *,
    by: User,
    promise: Promise,
    reason: str,
    today: date,
    to: FuzzyDate = UNDATED,
    low: Decimal | None = None,
    high: Decimal | None = None,
    is_demonstration: bool = False,
) -> BaselineChange:
    """Ask to move what stands: a date `to` another one, or a target to `low` (and `high`).

    Who reports or edits may ask. The same again by the same person gives the request that waits;
    one that was overtaken is withdrawn. Raises ValidationError by field, and PermissionDenied.
    """
    if not may_move(by, promise.commitment, today):
        raise PermissionDenied
    promise = _locked(promise)
    if problem := promise.why_not:
        raise ValidationError(problem)
    low, high = (low, low if high is None else high) if promise.measure else (None, None)
    _refuse_what_moves_nothing(promise, to, low, high, today)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": "Say why it has to move: whoever decides reads this."})
    if waiting := _waiting(promise):
        same = (waiting.to_date, waiting.to_low, waiting.to_high) == (to.last_day, low, high)
        if same and waiting.asked_by_id == by.pk:
            return waiting
        raise ValidationError(
            f"{waiting.asked_by} asked to move this to {waiting.to_words} already, and that waits "
            "for a decision. Another one can be asked for after it."
        )
    organisation = speaks_for(by, promise.commitment, today)
    if organisation is None:
        raise ValidationError("Nobody answers for this commitment yet, so nobody could decide.")
    change = BaselineChange(
        commitment=promise.commitment,
        milestone=promise.milestone,
        measure=promise.measure,
        was_low=promise.measure.target_low if promise.measure else None,
        was_high=promise.measure.target_high if promise.measure else None,
        to_low=low,
        to_high=high,
        reason=reason,
        organisation=organisation,
        asked_by=by,
        is_demonstration=is_demonstration,
    )
    change.was, change.to = promise.date, to
    change.save()
    return change


def _locked(promise: Promise) -> Promise:
    """The same as it stands now, its commitment locked."""
    rows = Commitment.objects.select_for_update(of=("self",), no_key=True)
    commitment = rows.select_related("plan__owner").get(pk=promise.commitment.pk)
    milestone: Milestone | None = None
    measure: Measure | None = None
    if promise.milestone:
        milestone = commitment.milestones.get(pk=promise.milestone.pk)
    if promise.measure:
        measure = commitment.measures.get(pk=promise.measure.pk)
    return Promise(commitment, milestone, measure)


def _refuse_what_moves_nothing(
    promise: Promise, to: FuzzyDate, low: Decimal | None, high: Decimal | None, today: date
) -> None:
    if promise.measure:
        if low is None:
            raise ValidationError({"to": "Say which target it should become, such as 1,500."})
        if same_target(promise.measure, low, high):
            raise ValidationError({"to": f"It is {promise.now} now. Give another target."})
        return
    if to.last_day is None:
        raise ValidationError({"to": "Say to which date it should move, such as 28/02/2027."})
    if to.last_day == promise.date.last_day:
        raise ValidationError({"to": f"It is promised for {promise.now} now. Give another date."})
    if to.last_day < today:
        raise ValidationError(
            {"to": f"{to.text} has passed. A promise moves to a day from today on."}
        )


def _waiting(promise: Promise) -> BaselineChange | None:
    """The request that waits for this. One that was overtaken gives way to the one now asked."""
    waiting = promise.asked().select_related(*RELATED).filter(state=BaselineChange.State.ASKED)
    row = waiting.first()
    if row is not None and row.is_overtaken:
        row.state = BASELINE_CHANGE.target("withdraw", row.state)
        row.decision_note = OVERTAKEN
        row.save(update_fields=["state", "decision_note"])
        return None
    return row


@writes
def decide(
    *, by: User, change: BaselineChange, approve: bool, note: str, today: date
) -> BaselineChange:
    """Approve a change, which moves the promise at once, or refuse it and say why.

    Who may edit the commitment decides, never the person who asked. Where a party objects, the
    approval has to say why it goes ahead. Raises ValidationError in words, and PermissionDenied.
    """
    row = _row(change)
    if not may_edit(by, row.commitment, today):
        raise PermissionDenied
    state = BASELINE_CHANGE.target("approve" if approve else "refuse", row.state)
    if row.asked_by_id == by.pk:
        raise ValidationError("You asked for this, so somebody else has to decide.")
    note = note.strip()
    if approve and row.why_not:
        raise ValidationError(row.why_not)
    if not approve and not note:
        raise ValidationError({"note": "Say why it is refused."})
    if approve and not note and (against := row.objections.select_related("organisation")):
        names = " and ".join(str(one.organisation) for one in against)
        raise ValidationError({"note": f"{names} objected. Say why it goes ahead all the same."})
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.decision_note = note
    row.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
    if approve:
        what: dict[str, Any] = {"milestone": row.milestone, "measure": row.measure}
        move_promise(
            by=by, commitment=row.commitment, to=row.to, low=row.to_low, high=row.to_high,
            today=today, **what,
        )  # fmt: skip
    return row


@writes
def withdraw(*, by: User, change: BaselineChange, today: date) -> BaselineChange:
    """Take back what one asked for oneself. Raises ValidationError, and PermissionDenied."""
    row = _row(change)
    if row.asked_by_id != by.pk:
        raise PermissionDenied
    row.state = BASELINE_CHANGE.target("withdraw", row.state)
    row.save(update_fields=["state"])
    return row


@writes
def object_to(
    *, by: User, change: BaselineChange, organisation: Organisation, reason: str, today: date
) -> Objection:
    """Say on behalf of a party of a joint commitment, or of the body that speaks for all councils,
    that it does not agree, and why. It stops nothing: whoever approves answers it. The same body
    once; the same again gives what it said.

    Raises ValidationError by field, and PermissionDenied.
    """
    row = _row(change)
    said = row.objections.filter(organisation=organisation).first()
    if said and said.by_id == by.pk:
        return said
    if not row.is_open:
        now = row.get_state_display().lower()
        raise ValidationError(f"This baseline change is now: {now}. Nothing was done.")
    if said:
        raise ValidationError(f"{said.by} objected for {organisation} already.")
    if organisation not in may_object_for(by, row, today):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": "Say why: whoever decides has to answer it."})
    return Objection.objects.create(
        change=row, organisation=organisation, by=by, reason=reason.strip()
    )


def _row(change: BaselineChange) -> BaselineChange:
    """The request as it stands, its commitment locked before it."""
    Commitment.objects.select_for_update(no_key=True).get(pk=change.commitment_id)
    rows = BaselineChange.objects.select_for_update(of=("self",))
    return rows.select_related(*RELATED).get(pk=change.pk)
