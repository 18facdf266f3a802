"""Ask the partners of a joint commitment, and stop asking: after a submit, a return, a change of
parties or of organisations, and when the time for answers is over."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from commitments.models import Commitment, Dispute, ProgressUpdate, Review, Round, Standing
from commitments.register.actions import writes
from commitments.review.actions.keeping import (
    end_dispute,
    keep_joint_state,
    locked,
    touched_by,
)
from commitments.review.asking import Asked, due_on, is_frozen, who_is_asked, why_dropped
from commitments.review.states import REVIEW
from organisations.models import Succession, User

BATCH = 500
OUTSTANDING = (Review.State.AWAITED, Review.State.NO_ANSWER)


@writes
def ask(*, update: ProgressUpdate, by: User | None, today: date) -> list[Review]:
    """Ask everybody who is to answer an update that was just submitted; gives what was asked.

    Asking twice changes nothing. What the same organisation said earlier in the round is no longer
    asked about, and a dispute about what it said ends: this is the revised update.
    """
    row = locked(update.pk)
    own = Succession.objects.predecessors_of([row.organisation_id], today)
    older = ProgressUpdate.objects.filter(
        commitment=row.commitment_id, organisation__in=own, round=row.round
    ).exclude(pk=row.pk)
    _drop(Review.objects.filter(update__in=older), "A newer update was given.")
    disputes = Dispute.objects.open().filter(commitment=row.commitment_id)
    for dispute in disputes.filter(update__organisation__in=own).exclude(update=row):
        end_dispute(dispute, "revise", by)
    asked = who_is_asked(row, today)
    known = set(row.reviews.values_list("organisation", flat=True))
    made = _add(row, [one for pk, one in asked.items() if pk not in known], today)
    keep_joint_state({*touched_by(row), *older.values_list("pk", flat=True)})
    return made


@writes
def forget(*, update: ProgressUpdate, reason: str, by: User | None, today: date) -> int:
    """Stop asking about an update that does not stand any more; gives how many were still asked.

    Answers that were given stay on record. A dispute ends when its update was withdrawn; after a
    return or a replacement it goes on until the next update of that organisation is submitted.
    """
    row = locked(update.pk)
    number = _drop(row.reviews.all(), reason)
    if row.state == ProgressUpdate.State.WITHDRAWN:
        for dispute in Dispute.objects.open().filter(update=row):
            end_dispute(dispute, "withdraw", by, reason)
    keep_joint_state(touched_by(row))
    return number


@writes
def refresh(*, commitment: Commitment, by: User | None, today: date) -> None:
    """Ask those who are to be asked now, after its parties or their organisations changed.

    Whoever is a partner no longer is not asked any more, with the reason; whoever took over from
    them, or is new, is asked in their place. What was said stays said, and a dispute goes on. A
    frozen round stays as it was.
    """
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    standing = commitment.updates.standing()
    latest = standing.first()
    # What is over stays as it was: old updates to which nobody is still to answer.
    newest = Q(pk=latest.pk if latest else None)
    still_asked = Q(reviews__state=Review.State.AWAITED) | newest & Q(reviews__isnull=False)
    to_be_asked = newest & Q(round__answers_due_on__gte=today)
    rows = standing.filter(still_asked | to_be_asked).order_by("pk")
    for pk in rows.values_list("pk", flat=True).distinct():
        row = locked(pk)
        if not is_frozen(row):
            follow_organisations(row, today)
    keep_joint_state([latest.pk] if latest else [])


def refresh_all(commitments: set[int], by: User | None, today: date) -> None:
    """`refresh` for those of many commitments of which anything has been reported."""
    reported = Commitment.objects.filter(pk__in=commitments, standing__latest_update__isnull=False)
    for commitment in reported.order_by("pk"):
        refresh(commitment=commitment, by=by, today=today)


@writes
def reschedule(*, round: Round, by: User | None, today: date) -> int:
    """After a round was extended: answers that are still awaited are due on its new day, where that
    is later. Gives how many moved."""
    list(
        Commitment.objects.filter(updates__round=round)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .values_list("pk")
    )
    awaited = Review.objects.awaited().filter(update__round=round)
    return awaited.filter(due_on__lt=round.answers_due_on).update(due_on=round.answers_due_on)


def mark_silence(*, today: date) -> int:
    """Record as "no answer" every answer whose day has passed; gives how many.

    Organisations that changed meanwhile are followed first, so that whoever answers now is asked.
    In batches, each whole; running it again finds what is left.
    """
    closed = Q(organisation__closed__lt=today) | Q(update__organisation__closed__lt=today)
    changed = Review.objects.awaited().filter(closed).values("update__commitment")
    for commitment in Commitment.objects.filter(pk__in=changed).order_by("pk"):
        refresh(commitment=commitment, by=None, today=today)
    overdue = Review.objects.awaited().filter(due_on__lt=today).order_by("update__commitment")
    number = 0
    while batch := list(overdue.values_list("update__commitment", flat=True).distinct()[:BATCH]):
        number += _silence(batch, today)
    return number


@transaction.atomic
def _silence(commitments: list[int], today: date) -> int:
    in_order = Commitment.objects.filter(pk__in=commitments).order_by("pk")
    list(in_order.select_for_update(no_key=True).values_list("pk"))
    rows = Review.objects.awaited().filter(due_on__lt=today, update__commitment__in=commitments)
    updates = set(rows.values_list("update", flat=True))
    answered = ProgressUpdate.objects.filter(pk__in=updates).order_by("pk")
    list(answered.select_for_update(no_key=True).values_list("pk"))
    silent = REVIEW.target("fall silent", Review.State.AWAITED)
    number = rows.order_by().update(state=silent)
    keep_joint_state(updates)
    return number


def _drop(reviews, reason: str) -> int:  # type: ignore[no-untyped-def]
    """Stop asking where no answer was given."""
    rows = reviews.filter(state__in=OUTSTANDING).order_by()
    dropped = REVIEW.target("drop", Review.State.AWAITED)
    return rows.update(state=dropped, dropped_reason=reason.strip())


def _add(update: ProgressUpdate, asked: list[Asked], today: date) -> list[Review]:
    return Review.objects.bulk_create(
        Review(
            update=update,
            organisation=one.body,
            for_sector=one.for_sector,
            due_on=due_on(update, today),
            is_demonstration=update.is_demonstration,
        )
        for one in asked
    )


def follow_organisations(update: ProgressUpdate, today: date) -> None:
    """For a locked update: stop asking those who are not to be asked any more, and ask those who
    are."""
    asked = who_is_asked(update, today)
    is_joint = Standing.objects.filter(commitment=update.commitment_id, is_joint=True).exists()
    reviews = list(update.reviews.select_related("organisation", "update__organisation"))
    # A body that answered before it became another has answered.
    given = {review.organisation_id for review in reviews if review.state in Review.GIVEN}
    heirs = Succession.objects.heirs(given, today)
    answered = given | {heir.pk for heir in heirs.values()}
    for review in reviews:
        if review.state in OUTSTANDING and review.organisation_id not in asked:
            review.state = REVIEW.target("drop", review.state)
            review.dropped_reason = why_dropped(review, is_joint, today)
            review.save()
        elif review.state == Review.State.DROPPED and review.organisation_id in asked:
            review.state = REVIEW.target("ask again", review.state)
            review.dropped_reason, review.due_on = "", due_on(update, today)
            review.save()
    known = {review.organisation_id for review in reviews} | answered
    _add(update, [one for pk, one in asked.items() if pk not in known], today)
    keep_joint_state([update.pk])
