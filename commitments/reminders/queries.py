"""What became of a commitment's reminders, and what comes next."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from commitments.dates import FuzzyDate
from commitments.models import Commitment, Milestone, Reminder
from commitments.reminders import ledger
from commitments.reminders.ladder import LABELS
from commitments.reminders.messages import due_date
from organisations.models import Organisation, User


@dataclass(frozen=True)
class Line:
    """One reminder on a page: who about what at which stage, and what became of it.

    `reminder` is empty for one that is still to come. `milestone` is empty once it was removed.
    """

    person: User
    milestone: Milestone | None
    through: Organisation | None
    stage: str
    due_on: date
    send_on: date
    reminder: Reminder | None = None

    @property
    def due(self) -> FuzzyDate | date:
        """The date it was about: as the source gives it, unless the milestone has moved since."""
        if self.milestone is None or self.milestone.due_date != self.due_on:
            return self.due_on
        return due_date(self.milestone)


def reminders_of(commitment: Commitment) -> QuerySet[Reminder]:
    """The ledger's rows about a commitment, the newest first."""
    return commitment.reminders.select_related("person", "through")


def as_lines(reminders: list[Reminder]) -> list[Line]:
    """Rows of the ledger with their milestones: one query for all of them."""
    milestones = Milestone.objects.in_bulk({reminder.thing_id for reminder in reminders})
    return [
        Line(
            person=reminder.person,
            milestone=milestones.get(reminder.thing_id),
            through=reminder.through,
            stage=LABELS.get(reminder.stage, reminder.stage),
            due_on=reminder.due_on,
            send_on=reminder.send_on,
            reminder=reminder,
        )
        for reminder in reminders
    ]


def to_come(commitment: Commitment, today: date) -> list[Line]:
    """The next reminder of each open milestone to each person, as things stand. Constant in
    queries; nothing for a draft or a withdrawn commitment."""
    owed = ledger.to_come(commitment.pk, today)
    people = User.objects.in_bulk({row.person_id for row in owed})
    milestones = Milestone.objects.in_bulk({row.milestone_id for row in owed})
    bodies = Organisation.objects.in_bulk({row.through_id for row in owed if row.through_id})
    return [
        Line(
            person=people[row.person_id],
            milestone=milestones[row.milestone_id],
            through=bodies[row.through_id] if row.through_id else None,
            stage=LABELS[row.stage],
            due_on=row.due_on,
            send_on=row.send_on,
        )
        for row in owed
    ]
