"""What reminders are about, fetched for many people at once: one class a kind."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.contrib.auth.models import AnonymousUser

from commitments.models import Commitment, Milestone, Plan, Reminder, Round, Upload
from commitments.reminders import ledger
from commitments.reminders.matters import MATTERS, rows_of
from organisations.models import User
from organisations.models.succession import successions_read_once
from organisations.permissions import decides_all, read_memberships

Kind = Reminder.Kind


class Gone(Exception):
    """The thing is done, moved or removed: nothing to be told any more."""


class Unseen(Exception):
    """The person may not see it."""


@dataclass(frozen=True)
class Thing:
    """What one reminder is about. Exactly one of the last four is there; `matter` is a row of the
    model that MATTERS names for its kind."""

    commitment: Commitment | None
    milestone: Milestone | None = None
    round: Round | None = None
    upload: Upload | None = None
    matter: Any = None


# For each person the commitments that they may see, by key.
Seen = Mapping[int, Mapping[int, Commitment]]


class Source(Protocol):
    """The things of one kind. Made with the reminders of that kind, the people they are to and what
    these may see; a fixed number of queries."""

    def __init__(
        self, rows: list[Reminder], people: Mapping[int, User], seen: Seen, today: date
    ) -> None: ...

    def get(self, reminder: Reminder, commitment: Commitment | None) -> Thing:
        """What a reminder is about, `commitment` being the one it belongs to if the person may see
        it. Raises Gone and Unseen."""


class Milestones(Source):
    """Open milestones."""

    def __init__(
        self, rows: list[Reminder], people: Mapping[int, User], seen: Seen, today: date
    ) -> None:
        self.found = Milestone.objects.in_bulk({row.thing_id for row in rows})

    def get(self, reminder: Reminder, commitment: Commitment | None) -> Thing:
        milestone = self.found.get(reminder.thing_id)
        if not milestone or not milestone.is_open or milestone.due_date != reminder.due_on:
            raise Gone
        return Thing(_active(commitment), milestone=milestone)


class Updates(Source):
    """Updates owed in a round."""

    def __init__(
        self, rows: list[Reminder], people: Mapping[int, User], seen: Seen, today: date
    ) -> None:
        plans = {each.plan_id for commitments in seen.values() for each in commitments.values()}
        rounds = Round.objects.filter(plan__in=plans, opens_on__lte=today)
        self.found = {(row.plan_id, row.closes_on): row for row in rounds}

    def get(self, reminder: Reminder, commitment: Commitment | None) -> Thing:
        owing = _active(commitment)
        round_ = self.found.get((owing.plan_id, reminder.due_on))
        reported = owing.standing.reported_on
        if round_ is None or (reported and reported >= round_.opens_on):
            raise Gone
        return Thing(owing, round=round_)


class Uploads(Source):
    """Files that wait. Who may see one is asked person by person: there are few."""

    def __init__(
        self, rows: list[Reminder], people: Mapping[int, User], seen: Seen, today: date
    ) -> None:
        waiting = Upload.objects.filter(state__in=Upload.OPEN)
        keys: dict[int, set[int]] = defaultdict(set)
        for row in rows:
            keys[row.person_id].add(row.thing_id)
        every = waiting.filter(pk__in=set().union(*keys.values()))
        self.waiting = set(every.values_list("pk", flat=True))
        self.found = {
            key: waiting.visible_to(people[key], today)
            .select_related("plan")
            .defer("result")
            .in_bulk(theirs & self.waiting)
            for key, theirs in keys.items()
        }

    def get(self, reminder: Reminder, commitment: Commitment | None) -> Thing:
        if reminder.thing_id not in self.waiting:
            raise Gone
        if (upload := self.found[reminder.person_id].get(reminder.thing_id)) is None:
            raise Unseen
        return Thing(None, upload=upload)


class Matters(Source):
    """Things of which one row says everything, of one kind."""

    def __init__(
        self, rows: list[Reminder], people: Mapping[int, User], seen: Seen, today: date
    ) -> None:
        kind = rows[0].kind
        self.matter = MATTERS[kind]
        self.found = rows_of(kind, {row.thing_id for row in rows})
        keys = [row.pk for row in rows]
        self.ended = ledger.ended(kind, keys, today) if kind in IN_SQL else set()

    def get(self, reminder: Reminder, commitment: Commitment | None) -> Thing:
        return Thing(_active(commitment), matter=self.row(reminder))

    def row(self, reminder: Reminder) -> Any:
        """The row, while it waits and counts from the day of the reminder."""
        row = self.found.get(reminder.thing_id)
        if row is None or not self.matter.is_open(row) or reminder.pk in self.ended:
            raise Gone
        if self.matter.day(row) != reminder.due_on:
            raise Gone
        return row


class Nudges(Matters):
    """Nudges. Who may see the plan is asked person by person: there are few."""

    def __init__(
        self, rows: list[Reminder], people: Mapping[int, User], seen: Seen, today: date
    ) -> None:
        super().__init__(rows, people, seen, today)
        plans = {row.round.plan_id for row in self.found.values()}
        self.plans = {
            key: set(
                Plan.objects.visible_to(people[key], today)
                .filter(pk__in=plans)
                .values_list("pk", flat=True)
            )
            for key in {row.person_id for row in rows}
        }

    def get(self, reminder: Reminder, commitment: Commitment | None) -> Thing:
        row = self.row(reminder)
        if row.round.plan_id not in self.plans[reminder.person_id]:
            raise Unseen
        return Thing(None, matter=row)


# Kinds of which the row alone does not say whether they still wait.
IN_SQL = (Kind.NUDGE, Kind.ACTUAL)
SOURCES: dict[Kind, type[Source]] = {
    Kind.MILESTONE: Milestones,
    Kind.UPDATE: Updates,
    Kind.UPLOAD: Uploads,
    **{Kind(kind): Matters for kind in MATTERS},
    Kind.NUDGE: Nudges,
}


class Things:
    """Everything that some reminders to some people are about: to each what they may see of it.

    A fixed number of queries, but for one more for each different set of roles among the people
    and for each person with a file, and none for kinds that are not in it.
    """

    def __init__(
        self, people: Collection[User], reminders: Iterable[Reminder], today: date
    ) -> None:
        rows = list(reminders)
        by_key = {person.pk: person for person in people}
        self.seen = _seen(people, rows, today)
        self.sources: dict[str, Source] = {}
        for kind, source in SOURCES.items():
            if of_kind := [row for row in rows if row.kind == kind]:
                self.sources[kind] = source(of_kind, by_key, self.seen, today)

    def get(self, reminder: Reminder) -> Thing:
        """What a reminder is about. Raises Gone and Unseen."""
        theirs = self.seen.get(reminder.person_id, {})
        return self.sources[reminder.kind].get(reminder, theirs.get(reminder.commitment_id or 0))


def _seen(people: Collection[User], rows: list[Reminder], today: date) -> Seen:
    """What each of the people may see of the commitments that the rows belong to."""
    about: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row.commitment_id:
            about[row.person_id].add(row.commitment_id)
    if not about:
        return {}
    read_memberships(people)
    with successions_read_once():
        return _seen_alike(people, about, today)


def _seen_alike(people: Collection[User], about: Mapping[int, set[int]], today: date) -> Seen:
    """What everybody may see is asked for once. Of the rest people with the same roles see the
    same, so they are asked for together."""
    every = set().union(*about.values())
    rows = Commitment.objects.select_related("plan", "standing").in_bulk(every)
    public = _keys(AnonymousUser(), every, today)
    alike: dict[object, list[User]] = defaultdict(list)
    for person in people:
        alike[decides_all(person)].append(person)
    seen: dict[int, Mapping[int, Commitment]] = {}
    for group in alike.values():
        theirs = set().union(*(about.get(person.pk, ()) for person in group))
        found = theirs & public
        if rest := theirs - public:
            found |= _keys(group[0], rest, today)
        commitments = {key: rows[key] for key in found}
        seen |= {person.pk: commitments for person in group}
    return seen


def _keys(person: User | AnonymousUser, among: set[int], today: date) -> set[int]:
    visible = Commitment.objects.visible_to(person, today).filter(pk__in=among)
    return set(visible.order_by().values_list("pk", flat=True))


def _active(commitment: Commitment | None) -> Commitment:
    if commitment is None or commitment.state != Commitment.State.ACTIVE:
        raise Unseen
    return commitment
