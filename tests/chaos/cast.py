"""Ten thousand people with a milestone each, and which reminders they are owed while the clock goes
through two changes of the clocks, a weekend and the bank holidays of Christmas and Easter.

What is owed is written down here by hand, from docs/reminders.md, and not asked of the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection

from commitments.dates import FuzzyDate, Precision, is_working_day
from commitments.models import Commitment, Ladder, Milestone
from organisations.models import Membership, Role, User
from tests import factories
from workforce_tracker.clock import LONDON


@dataclass(frozen=True)
class Season:
    """A few days that the clock visits; `early` and `late` are working days in them.

    Three sorts of milestone: due seven working days after `early`, seven after `late`, and on a day
    off between the two, whose last working day before is `early`.
    """

    name: str
    days: tuple[date, ...]
    early: date
    late: date
    due_after_early: date
    due_after_late: date
    due_on_day_off: date


SEASONS = (
    Season(
        "the clocks go back on a Sunday",
        (date(2026, 10, 23), date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)),
        early=date(2026, 10, 23),
        late=date(2026, 10, 26),
        due_after_early=date(2026, 11, 3),
        due_after_late=date(2026, 11, 4),
        due_on_day_off=date(2026, 10, 24),
    ),
    Season(
        "Christmas, with two bank holidays",
        (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 29)),
        early=date(2026, 12, 24),
        late=date(2026, 12, 29),
        due_after_early=date(2027, 1, 7),
        due_after_late=date(2027, 1, 8),
        due_on_day_off=date(2026, 12, 25),
    ),
    Season(
        "Easter, and the clocks go forward",
        (date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 28), date(2027, 3, 30)),
        early=date(2027, 3, 25),
        late=date(2027, 3, 30),
        due_after_early=date(2027, 4, 7),
        due_after_late=date(2027, 4, 8),
        due_on_day_off=date(2027, 3, 28),
    ),
)
# Before anybody's hour, at it, and late enough after it for the tries that back off.
HOURS = (time(6, 30), time(8, 0), time(8, 10), time(8, 50), time(12, 10))
# On a day off: within the hour that is there twice or not at all when the clocks change, and later.
HOURS_OFF = (time(1, 30), time(8, 0))


def moments(day: date) -> list[datetime]:
    """When the clock stops on a day."""
    hours = HOURS if is_working_day(day) else HOURS_OFF
    return [datetime.combine(day, hour, LONDON) for hour in hours]


@dataclass
class Cast:
    """What is owed: the day of each (e-mail address, stage). And those with something special."""

    owed: dict[tuple[str, str], date]
    odd: str
    keeper: str


def make(recipients: int, seasons: Sequence[Season]) -> Cast:
    """Fill the database with people for these seasons; returns what is owed to whom."""
    keeper = User.objects.create_user("keeper@chaos.example", name="Keeper")
    body = factories.organisation("Chaos Trust")
    Membership.objects.create(user=keeper, organisation=body, role=Role.ADMINISTRATOR)
    plan = factories.plan("CHAOS")
    Ladder.objects.create(plan=plan, milestone_days=[-7, -1, 0, 1, 7, 14])
    promise = factories.commitment(plan, body)
    # No address leads to this one, so nothing about it can be put into words.
    odd = factories.commitment(plan, body)
    Commitment.objects.filter(pk=odd.pk).update(reference="CHAOS/002")
    cast = Cast({}, odd="p000000@chaos.example", keeper=keeper.email)
    people = User.objects.bulk_create(
        [
            User(email=f"p{number:06}@chaos.example", name=f"Person {number}", password="!")
            for number in range(recipients)
        ]
    )
    Membership.objects.bulk_create(
        [Membership(user=person, organisation=body, role=Role.CONTRIBUTOR) for person in people]
    )
    milestones = []
    for number, person in enumerate(people):
        season, sort = seasons[number % len(seasons)], number // len(seasons) % 10
        is_odd = person.email == cast.odd
        due, stages = _sort(season, 0 if is_odd else sort)
        if not is_odd:
            cast.owed |= {(person.email, stage): day for stage, day in stages.items()}
        milestones.append(
            Milestone(
                commitment=odd if is_odd else promise,
                title=f"Step of {person.name}",
                baseline=FuzzyDate(due.isoformat(), due, Precision.DAY),
                owner=person,
            )
        )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no triggers: ten times faster
        Milestone.objects.bulk_create(milestones, batch_size=2000)
        # Made long ago by the moved clock, which begins before the real one or after it.
        cursor.execute("UPDATE commitments_milestone SET created_at = '2026-10-01'")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    return cast


def _sort(season: Season, sort: int) -> tuple[date, dict[str, date]]:
    """Of ten people one has a date on a day off, and the rest are reminded of one to come: the due
    date, and the stages owed with the day of each."""
    if sort == 9:
        return season.due_on_day_off, {"on_day": season.early, "after_1": season.late}
    if sort % 2:
        return season.due_after_late, {"before_7": season.late}
    return season.due_after_early, {"before_7": season.early}


def end(season: Season) -> None:
    """The season's milestones are complete, so nothing more is owed about them."""
    dates = [season.due_after_early, season.due_after_late, season.due_on_day_off]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Milestone.objects.filter(due_date__in=dates).update(
            state=Milestone.State.COMPLETE, actual_on=season.late
        )
        cursor.execute("SET session_replication_role = origin")
