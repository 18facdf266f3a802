"""A change of organisations as it is planned, what is wrong with it, and what is registered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from organisations.models import Membership, Organisation, Succession
from organisations.succession.effects import Effect, Line

Kind = Succession.Kind
DAY = timedelta(days=1)
SHOWN = 100


@dataclass(frozen=True)
class Reorganisation:
    """Who takes over from whom on a day. A successor without a primary key is still to be opened:
    it opens with the change."""

    kind: str
    on: date
    predecessors: tuple[Organisation, ...]
    successors: tuple[Organisation, ...]
    note: str = ""

    @property
    def last_day(self) -> date:
        """The last day of those that close."""
        return self.on - DAY

    @property
    def is_split(self) -> bool:
        """Whether somebody has to say afterwards who answers for what."""
        return self.kind == Kind.SPLIT

    @property
    def opened(self) -> list[Organisation]:
        """The successors that open with the change."""
        return [body for body in self.successors if body.pk is None]

    @property
    def sentence(self) -> str:
        """The change in words."""
        old, new = in_words(self.predecessors), in_words(self.successors)
        if self.is_split:
            return f"{old} is divided between {new}"
        if self.kind == Kind.RENAME:
            return f"{old} becomes {new}"
        verb = "become" if len(self.predecessors) > 1 else "becomes"
        return f"{old} {verb} part of {new}"


def in_words(bodies: Iterable[Organisation]) -> str:
    """ "A, B and C"; names with commas of their own are kept apart by semicolons."""
    names = [body.name for body in bodies]
    if len(names) < 2:
        return "".join(names)
    separator = "; " if any("," in name for name in names) else ", "
    return f"{separator.join(names[:-1])} and {names[-1]}"


def on_day(day: date) -> str:
    """A day in a sentence."""
    return f"{day.day} {day:%B %Y}"


def check(change: Reorganisation) -> None:
    """Raise ValidationError with everything that keeps a change from being registered.

    Asks for the bodies as they are now; call it with their rows locked to be sure.
    """
    problems = [*_shape(change), *_of_predecessors(change), *_of_successors(change)]
    if not problems and _leads_back(change):
        problems.append(
            "That would lead in a circle: what these bodies promised would come back to a body "
            "that has closed."
        )
    if problems:
        raise ValidationError(problems)


def _shape(change: Reorganisation) -> list[str]:
    old, new = change.predecessors, change.successors
    problems = []
    if not old:
        problems.append("Name the body that closes.")
    if not new:
        problems.append("Name the body that takes over, or open one.")
    codes = [body.code.upper() for body in (*old, *new)]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        problems.append(f"{code} stands here twice. A body cannot take over from itself.")
    if change.kind == Kind.SPLIT and (len(old) > 1 or len(new) == 1):
        problems.append(
            "A split has one body that closes and two or more that take over. If everything goes "
            "to one body, it is a merger or a transfer."
        )
    if change.kind in (Kind.RENAME, Kind.TRANSFER) and (len(old) > 1 or len(new) > 1):
        problems.append(
            f"A {change.kind} has one body that closes and one that takes over. Several that "
            "become one are a merger; one that becomes several is a split."
        )
    if change.kind == Kind.MERGER and len(new) > 1:
        problems.append("A merger has one body that takes over. One that becomes several is split.")
    return problems


def _of_predecessors(change: Reorganisation) -> list[str]:
    problems = []
    known = Succession.objects.filter(predecessor__in=[b.pk for b in change.predecessors])
    onward = {row.predecessor_id: row for row in known.select_related("successor")}
    later = Succession.objects.filter(
        successor__in=[b.pk for b in change.predecessors], on__gte=change.on
    ).select_related("predecessor")
    joining = {row.successor_id: row for row in later}
    for body in change.predecessors:
        if row := onward.get(body.pk):
            problems.append(
                f"{body} passes to {row.successor} on {on_day(row.on)} already. Reverse that first "
                "if it is wrong."
            )
        elif body.closed and body.closed != change.last_day:
            problems.append(
                f"{body} has {on_day(body.closed)} as its last day. To say who took over from it, "
                f"give the day after, {on_day(body.closed + DAY)}."
            )
        if body.opened and change.on <= body.opened:
            problems.append(f"{body} opened on {on_day(body.opened)}. Give a day after that one.")
        if joining_row := joining.get(body.pk):
            problems.append(
                f"{body} takes over from {joining_row.predecessor} on {on_day(joining_row.on)}, "
                f"so it cannot close before. Give a later day."
            )
    return problems


def _of_successors(change: Reorganisation) -> list[str]:
    problems = []
    for body in change.successors:
        if body.pk is None:
            taken = Organisation.objects.filter(code__iexact=body.code).first()
            if taken:
                problems.append(
                    f"{body.code} is the code of {taken} already. Name that body among those that "
                    "take over, or give another code."
                )
        elif body.opened and body.opened > change.on:
            problems.append(
                f"{body} opens on {on_day(body.opened)}, after the day given. Give that day or a "
                "later one."
            )
        elif body.closed and body.closed < change.on:
            problems.append(
                f"{body} closes on {on_day(body.closed)}, before the day given, so it cannot take "
                "over."
            )
    return problems


def _leads_back(change: Reorganisation) -> bool:
    onward: dict[int, set[int]] = {}
    for old, new in Succession.objects.values_list("predecessor_id", "successor_id"):
        onward.setdefault(old, set()).add(new)
    closing = {body.pk for body in change.predecessors}
    queue = [body.pk for body in change.successors if body.pk is not None]
    seen: set[int] = set()
    while queue:
        current = queue.pop()
        if current in closing:
            return True
        if current not in seen:
            seen.add(current)
            queue += onward.get(current, ())
    return False


@dataclass(frozen=True)
class Registered:
    """Successions that belong together: all that pass into one body in the same way on a day, or
    the parts of one split."""

    successions: tuple[Succession, ...]

    @property
    def first(self) -> Succession:
        return self.successions[0]

    @property
    def change(self) -> Reorganisation:
        """The same as it could have been planned."""
        old = {row.predecessor_id: row.predecessor for row in self.successions}
        new = {row.successor_id: row.successor for row in self.successions}
        first = self.first
        return Reorganisation(
            first.kind, first.on, tuple(old.values()), tuple(new.values()), first.note
        )


def registered(successions: Iterable[Succession]) -> list[Registered]:
    """Successions by what was registered together, in the order in which they come."""
    groups: dict[tuple[object, ...], list[Succession]] = {}
    for row in successions:
        is_split = row.kind == Kind.SPLIT
        meeting = row.predecessor_id if is_split else row.successor_id
        groups.setdefault((row.kind, row.on, meeting), []).append(row)
    return [Registered(tuple(rows)) for rows in groups.values()]


def together_with(succession: Succession) -> Registered:
    """All that was registered with one succession."""
    same = Succession.objects.filter(kind=succession.kind, on=succession.on)
    if succession.kind == Kind.SPLIT:
        same = same.filter(predecessor=succession.predecessor_id)
    else:
        same = same.filter(successor=succession.successor_id)
    return Registered(tuple(same.select_related("predecessor", "successor")))


def own_effects(change: Reorganisation) -> list[Effect]:
    """What a change does to the register and to the people in it."""
    bodies = [body.pk for body in change.predecessors]
    members = list(
        Membership.objects.current()
        .filter(organisation__in=bodies)
        .select_related("user", "organisation")
        .order_by("organisation__name", "user__name")
    )
    below = Organisation.objects.filter(parent__in=bodies).open_on(change.on)
    return [_members(change, members), _below(change, list(below))]


def _members(change: Reorganisation, members: list[Membership]) -> Effect:
    if change.is_split:
        words = (
            "They keep their roles in the body that closes. Nobody is carried over: invite each to "
            "the body they go to."
        )
    else:
        words = (
            f"From {on_day(change.on)} they hold the same roles in {in_words(change.successors)}. "
            "They sign in as before."
        )
    lines = [
        Line(f"{m.user}, {m.get_role_display().lower()}", remark=m.organisation.name)
        for m in members[:SHOWN]
    ]
    return Effect(
        "Memberships", len(members), words if members else "Nobody has a role there.", lines,
        asks_a_person=change.is_split and bool(members),
    )  # fmt: skip


def _below(change: Reorganisation, below: list[Organisation]) -> Effect:
    if not below:
        words = "No body stands below them."
    elif change.is_split:
        words = (
            "They belong to the system of neither successor until the register says to which. Load "
            "a register file that does, or change each of them."
        )
    else:
        words = f"They count as members of the system of {in_words(change.successors)}."
    lines = [Line(body.name, body.get_absolute_url()) for body in below[:SHOWN]]
    return Effect("Bodies below", len(below), words, lines, change.is_split and bool(below))


def own_dependants(successions: Iterable[Succession]) -> list[Line]:
    """What in the register itself hangs on successions: what happened to a successor later."""
    rows = list(successions)
    onward = Succession.objects.filter(
        predecessor__in={row.successor_id for row in rows}, on__gte=rows[0].on
    )
    return [
        Line(
            f"{row.predecessor} passes to {row.successor} on {on_day(row.on)}. Reverse that first.",
            row.predecessor.get_absolute_url(),
        )
        for row in onward.select_related("predecessor", "successor")
    ]
