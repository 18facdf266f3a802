"""Who answers today for what somebody promised: the party as its source names it, and whoever took
over since.

A split hands nothing over by itself, so what a divided body promised waits for a person to assign
it; a class of bodies ("NHS trusts") answers for nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from commitments.models import Party
from organisations.models import Organisation, Succession


@dataclass(frozen=True)
class Answer:
    """A party, and who answers for it on a day. `now` is empty when nobody does."""

    party: Party
    now: tuple[Organisation, ...]
    is_closed: bool = False

    @property
    def is_class(self) -> bool:
        """Whether the source names a kind of body rather than one body."""
        return self.party.organisation is None and self.party.assigned_to is None

    @property
    def is_waiting(self) -> bool:
        """Whether a person has to say who answers for it."""
        return not self.is_class and not self.now

    @property
    def has_passed(self) -> bool:
        """Whether somebody else answers than the one who promised."""
        return bool(self.now) and self.now != (self.party.organisation,)

    @property
    def full_name(self) -> str:
        """The body's name in the register, where the source calls it something else."""
        known = self.party.organisation
        if known is None or known.name.casefold() == self.party.name.casefold():
            return ""
        return known.name


def answers(parties: Iterable[Party], today: date) -> list[Answer]:
    """Who answers for each party on a day. One query, however many parties there are; give them
    with `organisation` and `assigned_to` at hand."""
    rows = Succession.objects.filter(on__lte=today).select_related("successor")
    successors: dict[int, list[Organisation]] = defaultdict(list)
    for row in rows.exclude(kind=Succession.Kind.SPLIT):
        successors[row.predecessor_id].append(row.successor)
    return [_answer(party, successors, today) for party in parties]


def _answer(party: Party, successors: dict[int, list[Organisation]], today: date) -> Answer:
    start = party.assigned_to or party.organisation
    if start is None:
        return Answer(party, ())
    now: dict[int, Organisation] = {}
    queue, seen = [start], set[int]()
    while queue:
        body = queue.pop(0)
        if body.pk in seen:
            continue
        seen.add(body.pk)
        if onward := successors[body.pk]:
            queue.extend(onward)
        elif not body.is_closed(today):
            now[body.pk] = body
    return Answer(party, tuple(now.values()), is_closed=not now)
