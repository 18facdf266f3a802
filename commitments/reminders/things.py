"""What reminders are about, fetched for one person: milestones, updates owed, uploads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from commitments.models import Commitment, Milestone, Reminder, Round, Upload
from organisations.models import User

Kind = Reminder.Kind


class Gone(Exception):
    """The thing is done, moved or removed: nothing to be told any more."""


class Unseen(Exception):
    """The person may not see it."""


@dataclass(frozen=True)
class Thing:
    """What one reminder is about. Exactly one of the last three is there."""

    commitment: Commitment | None
    milestone: Milestone | None = None
    round: Round | None = None
    upload: Upload | None = None


@dataclass
class Things:
    """Everything that some reminders to one person are about: what they may see of it."""

    commitments: dict[int, Commitment] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    rounds: dict[tuple[int, date], Round] = field(default_factory=dict)
    uploads: dict[int, Upload] = field(default_factory=dict)
    all_uploads: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, person: User, reminders: Iterable[Reminder], today: date) -> Self:
        """Fetch for a list of reminders; a fixed number of queries, and none for kinds that are not
        in it."""
        rows = list(reminders)
        ids = {kind: {row.thing_id for row in rows if row.kind == kind} for kind in Kind}
        made = cls()
        if about := {row.commitment_id for row in rows if row.commitment_id}:
            seen = Commitment.objects.visible_to(person, today)
            made.commitments = seen.select_related("plan", "standing").in_bulk(about)
        if ids[Kind.MILESTONE]:
            made.milestones = Milestone.objects.in_bulk(ids[Kind.MILESTONE])
        if ids[Kind.UPDATE]:
            plans = {commitment.plan_id for commitment in made.commitments.values()}
            rounds = Round.objects.filter(plan__in=plans, opens_on__lte=today)
            made.rounds = {(row.plan_id, row.closes_on): row for row in rounds}
        if ids[Kind.UPLOAD]:
            waiting = Upload.objects.filter(state=Upload.State.CHECKED)
            made.all_uploads = set(waiting.in_bulk(ids[Kind.UPLOAD]))
            seen_uploads = waiting.visible_to(person, today).select_related("plan")
            made.uploads = seen_uploads.defer("result").in_bulk(made.all_uploads)
        return made

    def get(self, reminder: Reminder) -> Thing:
        """What a reminder is about. Raises Gone and Unseen."""
        if reminder.kind == Kind.UPLOAD:
            if reminder.thing_id not in self.all_uploads:
                raise Gone
            if reminder.thing_id not in self.uploads:
                raise Unseen
            return Thing(None, upload=self.uploads[reminder.thing_id])
        commitment = self.commitments.get(reminder.commitment_id or 0)
        if reminder.kind == Kind.MILESTONE:
            milestone = self.milestones.get(reminder.thing_id)
            if not milestone or not milestone.is_open or milestone.due_date != reminder.due_on:
                raise Gone
            return Thing(_active(commitment), milestone=milestone)
        found = _active(commitment)
        round_ = self.rounds.get((found.plan_id, reminder.due_on))
        reported = found.standing.reported_on
        if round_ is None or (reported and reported >= round_.opens_on):
            raise Gone
        return Thing(found, round=round_)


def _active(commitment: Commitment | None) -> Commitment:
    if commitment is None or commitment.state != Commitment.State.ACTIVE:
        raise Unseen
    return commitment
