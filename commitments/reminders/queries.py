"""What became of reminders, and what comes next: of a commitment, and of a person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from commitments.dates import FuzzyDate
from commitments.models import Commitment, Milestone, Reminder, Review, Round, Upload
from commitments.reminders import ledger
from commitments.reminders.ladder import label
from commitments.reminders.matters import MATTERS, rows_of
from commitments.reminders.wording import due_date
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability, grant

Kind = Reminder.Kind
# Of what a person answers for, as many of the nearest milestones count for "what comes next".
NEAREST = 200
# Days late up to which something may still have a stage to come.
LOOK_BACK = 60
SHOWN_OF_PERSON = 50


@dataclass(frozen=True)
class Line:
    """One reminder on a page: who about what at which stage, and what became of it.

    `reminder` is empty for one that is still to come, `path` where there is nothing to open.
    """

    person: User
    kind: str
    title: str
    about: str
    due: FuzzyDate | date
    path: str
    is_demonstration: bool
    through: Organisation | None
    standing_in_for: User | None
    stage: str
    send_on: date
    hold: str = ""
    reminder: Reminder | None = None

    @property
    def since(self) -> str:
        """The word before its date."""
        if self.kind == Kind.UPLOAD:
            return "brought"
        matter = MATTERS.get(self.kind)
        return (matter and matter.since) or "due"

    @property
    def on(self) -> date:
        """The day it is for: not before the one that it counts from, which may be one off."""
        if self.since != "due" and isinstance(self.due, date):
            return max(self.send_on, self.due)
        return self.send_on

    @property
    def your_part(self) -> str:
        """Why you, as a sentence without its stop."""
        if self.standing_in_for:
            return f"You stand in for {self.standing_in_for}"
        if self.through:
            part = "lead the programme at" if self.is_escalation else self._part
            return f"You {part} {self.through}"
        if self.is_escalation:
            return "You are the senior responsible owner"
        matter = MATTERS.get(self.kind)
        own = matter.own if matter else "you own it"
        return own[:1].upper() + own[1:]

    @property
    def their_part(self) -> str:
        """Why this person, in a few words."""
        if self.standing_in_for:
            return f"stands in for {self.standing_in_for}"
        if self.through:
            part = "lead the programme at" if self.is_escalation else self._part
            verb, _, rest = part.partition(" ")
            return f"{verb}s {rest} {self.through}"
        if self.is_escalation:
            return "senior responsible owner"
        return "in person" if self.kind in MATTERS else "owner"

    @property
    def _part(self) -> str:
        matter = MATTERS.get(self.kind)
        return matter.part if matter else "report for"

    @property
    def is_escalation(self) -> bool:
        return self.stage.startswith("escalation")


@dataclass
class Names:
    """What the lines of one page are called: everything in it may be shown to who asks."""

    commitments: dict[int, Commitment]
    milestones: dict[int, Milestone] = field(default_factory=dict)
    rounds: dict[tuple[int, date], Round] = field(default_factory=dict)
    uploads: dict[int, Upload] = field(default_factory=dict)
    matters: dict[str, dict[int, Any]] = field(default_factory=dict)

    def add(self, things: Iterable[tuple[str, int]]) -> "Names":
        """Fetch what the kinds and keys name. Two queries, and one for each further kind."""
        named = set(things)
        keys = {pk for kind, pk in named if kind == Kind.MILESTONE}
        for matter in MATTERS:
            if of_kind := {pk for kind, pk in named if kind == matter}:
                self.matters[matter] = rows_of(matter, of_kind)
        seen = Milestone.objects.filter(commitment__in=self.commitments)
        self.milestones = seen.in_bulk(keys)
        plans = {commitment.plan_id for commitment in self.commitments.values()}
        rounds = Round.objects.filter(plan__in=plans)
        self.rounds = {(row.plan_id, row.closes_on): row for row in rounds}
        return self

    def describe(
        self, kind: str, pk: int, commitment_id: int | None, due_on: date
    ) -> tuple[str, str, FuzzyDate | date, str, bool]:
        """Title, what it belongs to, its date, its address and whether it is made up."""
        if kind == Kind.UPLOAD:
            if upload := self.uploads.get(pk):
                address = reverse("upload", args=[pk])
                return upload.filename, upload.plan_title, due_on, address, False
            return "A file that you may no longer see", "", due_on, "", False
        commitment = self.commitments.get(commitment_id or 0)
        if matter := MATTERS.get(kind) if commitment or kind == Kind.NUDGE else None:
            if (row := self.matters.get(kind, {}).get(pk)) is None:
                return "Something that was removed", str(commitment or ""), due_on, "", False
            # The plan of a nudge is not named: the person may no longer see it.
            where = str(commitment or row.organisation)
            title, made_up = matter.title(row), getattr(row, "is_demonstration", False)
            return title, where, due_on, matter.path(row, commitment), made_up
        if commitment is None:
            return "Something that you may no longer see", "", due_on, "", False
        about, path = str(commitment), commitment.get_absolute_url()
        if kind == Kind.UPDATE:
            row = self.rounds.get((commitment.plan_id, due_on))
            title = f"Update for {row.name}" if row else "Update for a round that was moved"
            address = reverse("progress_add", args=[commitment.plan.code, commitment.reference])
            return title, about, due_on, address, commitment.is_demonstration
        milestone = self.milestones.get(pk)
        if milestone is None:
            return "A milestone that was removed", about, due_on, path, False
        # As the source gives it, unless it has moved since.
        due = due_date(milestone) if milestone.due_date == due_on else due_on
        return milestone.title, about, due, path, milestone.is_demonstration


def reminders_of(commitment: Commitment) -> QuerySet[Reminder]:
    """The ledger's rows about a commitment, the newest first."""
    return commitment.reminders.select_related("person", "through", "standing_in_for")


def reminders_to(person: User) -> QuerySet[Reminder]:
    """The ledger's rows to one person, the newest first."""
    rows = Reminder.objects.filter(person=person)
    return rows.select_related("person", "through", "standing_in_for")


def names_for(person: User, reminders: Iterable[Reminder], today: date) -> Names:
    """What a person may be shown of some reminders to them. Constant in queries."""
    rows = list(reminders)
    seen = Commitment.objects.visible_to(person, today).select_related("plan")
    uploads = Upload.objects.visible_to(person, today).select_related("plan").defer("result")
    return Names(
        seen.in_bulk({row.commitment_id for row in rows if row.commitment_id}),
        uploads=uploads.in_bulk({row.thing_id for row in rows if row.kind == Kind.UPLOAD}),
    ).add((row.kind, row.thing_id) for row in rows)


def as_lines(reminders: list[Reminder], names: Names) -> list[Line]:
    """Rows of the ledger as a page shows them."""
    return [
        Line(
            row.person,
            row.kind,
            *names.describe(row.kind, row.thing_id, row.commitment_id, row.due_on),
            through=row.through,
            standing_in_for=row.standing_in_for,
            stage=label(row.stage),
            send_on=row.send_on,
            reminder=row,
        )
        for row in reminders
    ]


def to_come(commitment: Commitment, today: date) -> list[Line]:
    """The next reminder of each thing to each person, as things stand. Constant in
    queries; nothing for a draft or a withdrawn commitment."""
    return _as_lines(ledger.to_come([commitment.pk], today), {commitment.pk: commitment})


def to_come_for(person: User, today: date) -> list[Line]:
    """What comes next to one person, the soonest first: of the nearest milestones and of the
    answers awaited from them. Constant in queries."""
    held = grant(person, Capability.REPORT, today)
    bodies = Succession.objects.predecessors_of(held.organisations, today)
    seen = Commitment.objects.visible_to(person, today).filter(state=Commitment.State.ACTIVE)
    near = Milestone.objects.open().filter(
        Q(owner=person)
        | Q(organisation__in=bodies)
        | Q(organisation=None, commitment__in=Commitment.objects.answered_by(bodies, "lead")),
        commitment__in=seen,
        due_date__isnull=False,
    )
    soon = near.filter(due_date__gte=today - timedelta(days=LOOK_BACK)).order_by("due_date", "pk")
    keys = set(soon.values_list("commitment", flat=True)[:NEAREST])
    reviewed = grant(person, Capability.REVIEW, today).organisations
    sides = Succession.objects.predecessors_of(reviewed, today)
    awaited = Review.objects.awaited().filter(
        organisation__in=sides, update__commitment__in=seen.order_by().values("pk")
    )
    near_days = awaited.order_by("due_on", "pk").values_list("update__commitment", flat=True)
    keys |= set(near_days[:NEAREST])
    owed = [row for row in ledger.to_come(keys, today) if row.person_id == person.pk]
    return _as_lines(owed[:SHOWN_OF_PERSON], seen.select_related("plan").in_bulk(keys))


def _as_lines(owed: list[ledger.Owed], commitments: dict[int, Commitment]) -> list[Line]:
    names = Names(commitments).add((row.kind, row.thing_id) for row in owed)
    others = {row.standing_in_for_id for row in owed if row.standing_in_for_id}
    people = User.objects.in_bulk({row.person_id for row in owed} | others)
    bodies = Organisation.objects.in_bulk({row.through_id for row in owed if row.through_id})
    return [
        Line(
            people[row.person_id],
            row.kind,
            *names.describe(row.kind, row.thing_id, row.commitment_id, row.due_on),
            through=bodies.get(row.through_id or 0),
            standing_in_for=people.get(row.standing_in_for_id or 0),
            stage=row.label,
            send_on=row.send_on,
            hold=Reminder.Cause(row.hold).label if row.hold else "",
        )
        for row in owed
    ]
