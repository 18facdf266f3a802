"""Freeze rounds once all answers were due, and reopen one with a reason."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.utils import timezone

from commitments.coverage import State, owing
from commitments.models import Commitment, ProgressUpdate, Review, Round, Snapshot, SnapshotRow
from commitments.ratings import evidence_rating
from commitments.register.actions.permission import may_run, require, writes
from commitments.review import actions as reviews
from organisations.kinds import Side
from organisations.models import Succession, User

log = logging.getLogger(__name__)
AT_ONCE = 1000


@dataclass
class Closed:
    """What a run did: how many rounds it froze, and those it could not."""

    frozen: int = 0
    faults: list[str] = field(default_factory=list)


def close_rounds(today: date) -> Closed:
    """Note the silence of those who did not answer in time, then freeze every round whose answers
    were due before today. Safe to run at any time, twice, or after days without a run; a round that
    cannot be frozen does not stop the others."""
    done = Closed()
    reviews.mark_silence(today=today)
    due = Round.objects.filter(answers_due_on__lt=today)
    for row in due.exclude(pk__in=Round.objects.frozen().values("pk")).order_by("pk"):
        try:
            done.frozen += freeze(round=row, today=today) is not None
        except DatabaseError as fault:
            log.exception("round %s was not frozen", row.pk)
            done.faults.append(f"{row}: {fault}")
    return done


@writes
def freeze(*, round: Round, by: User | None = None, today: date) -> Snapshot | None:
    """Keep what stands in a round for good; None where that was done already. By the product."""
    with pghistory.context(round=round.pk):
        row = Round.objects.select_for_update().get(pk=round.pk)
        if Round.objects.frozen().filter(pk=row.pk).exists():
            return None
        snapshot = Snapshot.objects.create(round=row, taken_by=by)
        rows = _rows(snapshot, row, today)
        SnapshotRow.objects.bulk_create(rows, batch_size=AT_ONCE)
        snapshot.counts = Counter(one.state for one in rows)
        snapshot.save(update_fields=["counts"])
    return snapshot


@writes
def reopen_round(
    *, by: User, round: Round, reason: str, answers_due_on: date, today: date
) -> Round:
    """Take updates and answers in a frozen round again, until a day. Updates that come are late;
    what was frozen stays on record, and the next close freezes it anew.

    Raises ValidationError by field, PermissionDenied unless the organisation keeps the plan.
    """
    require(may_run(by, round.plan, today))
    row = Round.objects.select_for_update().get(pk=round.pk)
    snapshot = row.snapshots.filter(reopened_at=None).first()
    if snapshot is None:
        raise ValidationError(f"“{row}” is not frozen, so it need not be reopened.")
    problems = {}
    if not reason.strip():
        problems["reason"] = "Say why the round is reopened."
    if answers_due_on < today:
        problems["answers_due_on"] = (
            f"{answers_due_on:%d/%m/%Y} has passed. Give a day from today on."
        )
    if problems:
        raise ValidationError(problems)
    snapshot.reopened_at, snapshot.reopened_by = timezone.now(), by
    snapshot.reopened_reason = reason.strip()
    snapshot.save()
    row.answers_due_on = answers_due_on
    row.save(update_fields=["answers_due_on"])
    return row


def _rows(snapshot: Snapshot, round_: Round, today: date) -> list[SnapshotRow]:
    """One row for each lead that owed an update. After mergers two leads may be one body now."""
    found = list(
        owing([round_.pk], Commitment.objects.all(), today).values(
            "commitment_id", "answering", "state", "update_id", "came_late",
            is_joint=F("commitment__standing__is_joint"),
        )
    )  # fmt: skip
    heirs = Succession.objects.heirs({row["answering"] for row in found}, today)
    rated = Commitment.objects.filter(plan=round_.plan_id).annotate(shown=evidence_rating(today))
    evidence = dict(rated.order_by().values_list("pk", "shown"))
    updates = _updates([row["update_id"] for row in found if row["update_id"]])
    rows = {}
    for row in found:
        body = heirs.get(row["answering"])
        organisation_id = body.pk if body else row["answering"]
        rows[row["commitment_id"], organisation_id] = SnapshotRow(
            snapshot=snapshot,
            commitment_id=row["commitment_id"],
            organisation_id=organisation_id,
            update_id=row["update_id"],
            state=row["state"],
            is_late=row["came_late"] or row["state"] == State.LATE,
            is_joint=row["is_joint"],
            evidence_rating=evidence[row["commitment_id"]],
            **updates.get(row["update_id"], {}),
        )
    return list(rows.values())


def _updates(keys: list[int]) -> dict[int, dict[str, Any]]:
    """What the snapshot keeps of each update: its rating, and who was heard on it. The council side
    was heard when one of its bodies reported or answered."""
    given = Q(reviews__state__in=Review.GIVEN)
    council_answered = Review.objects.filter(
        update=OuterRef("pk"),
        state__in=Review.GIVEN,
        organisation__side=Side.LOCAL_GOVERNMENT,
    )
    rows: Any = ProgressUpdate.objects.filter(pk__in=keys).order_by()
    rows = rows.values("pk", "joint_state", declared_rating=F("rating")).annotate(
        asked=Count("reviews", filter=~Q(reviews__state=Review.State.DROPPED)),
        heard=Count("reviews", filter=given),
        council_side_heard=Case(
            When(organisation__side=Side.LOCAL_GOVERNMENT, then=Value(True)),
            When(Exists(council_answered), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        ),
    )
    return {row["pk"]: {name: row[name] for name in row if name != "pk"} for row in rows}
