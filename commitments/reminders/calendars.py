"""Dates for calendar programs (iCalendar, RFC 5545): one milestone, a person's, a plan's.

Every event is a whole day: the last one that its date can mean, with the source's words beside it
where they mean more than a day. The identifier stays the same when the date moves, so that a
calendar moves the event instead of showing two.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from icalendar import Calendar, Event

from commitments.dates import Precision, format_fuzzy
from commitments.models import CalendarFeed, Commitment, Milestone, Party, Plan, Round
from commitments.reminders.wording import due_date
from organisations.models import Succession, User
from organisations.permissions import Capability, grant

# What a calendar program fetches again and again has to have an end.
AT_MOST = 2_000
LOOK_BACK = timedelta(days=366)
PRODUCT = "-//Workforce Tracker//EN"


def of_feed(feed: CalendarFeed, today: date, now: datetime) -> bytes:
    """What a feed's address answers: what its person may see today of their own dates, or of the
    feed's plan. Constant in queries."""
    person = feed.person
    seen = Commitment.objects.visible_to(person, today).filter(state=Commitment.State.ACTIVE)
    milestones: QuerySet[Milestone] = Milestone.objects.filter(
        commitment__in=seen.filter(plan=feed.plan) if feed.plan else seen,
        due_date__gte=today - LOOK_BACK,
    )
    rounds: QuerySet[Round] = Round.objects.filter(closes_on__gte=today - LOOK_BACK)
    if feed.plan:
        plans = Plan.objects.visible_to(person, today).filter(pk=feed.plan.pk)
        rounds = rounds.filter(plan__in=plans)
        name = feed.plan.title if plans else "A plan that you may no longer see"
    else:
        milestones, rounds = _of_person(person, milestones, rounds, today)
        name = "Workforce commitments"
    chosen = milestones.exclude(state=Milestone.State.CANCELLED).select_related("commitment__plan")
    return _calendar(
        name,
        [milestone_event(milestone, now) for milestone in chosen.order_by("due_date")[:AT_MOST]]
        + [_round_event(row, now) for row in rounds.select_related("plan")[:AT_MOST]],
    )


def of_milestone(milestone: Milestone, now: datetime) -> bytes:
    """One milestone with a date, with its commitment and plan at hand."""
    return _calendar("", [milestone_event(milestone, now)])


def milestone_event(milestone: Milestone, now: datetime) -> Event:
    """A dated milestone as an event."""
    due, commitment = due_date(milestone), milestone.commitment
    words = [f"{commitment.reference} {commitment.title}", commitment.plan.title]
    if due.precision != Precision.DAY:
        words.insert(0, f"Due {format_fuzzy(due)}; this is the last day that it can mean.")
    if milestone.is_demonstration:
        words.append("Demonstration: this milestone is made up.")
    done = milestone.state == Milestone.State.COMPLETE
    title = f"{'Complete: ' if done else ''}{milestone.title}"
    url = f"{settings.SITE_URL}{commitment.get_absolute_url()}"
    assert due.last_day is not None
    event = _event(f"milestone-{milestone.pk}", title, due.last_day, words, url, now)
    event.add("sequence", milestone.version)
    return event


def _round_event(row: Round, now: datetime) -> Event:
    url = f"{settings.SITE_URL}{reverse('plan', args=[row.plan.code])}"
    words = [row.plan.title, "Updates are due by the end of this day."]
    return _event(f"round-{row.pk}", f"{row.name} closes", row.closes_on, words, url, now)


def _event(key: str, title: str, day: date, words: Iterable[str], url: str, now: datetime) -> Event:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    event = Event()
    event.add("uid", f"{key}@{host}")
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", title)
    event.add("description", "\n".join([*words, url]))
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    return event


def _calendar(name: str, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if name:
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _of_person(
    person: User, milestones: QuerySet[Milestone], rounds: QuerySet[Round], today: date
) -> tuple[QuerySet[Milestone], QuerySet[Round]]:
    """What a person owns, what nobody owns and their organisations answer for, and the rounds in
    which these owe updates."""
    bodies = grant(person, Capability.REPORT, today).organisations
    bodies = frozenset(Succession.objects.predecessors_of(bodies, today))
    led = Commitment.objects.answered_by(set(bodies), Party.Role.LEAD)
    led = led.filter(state=Commitment.State.ACTIVE)
    theirs = Q(organisation__in=bodies) | Q(organisation=None, commitment__in=led)
    owed = Exists(led.filter(plan=OuterRef("plan")))
    return milestones.filter(Q(owner=person) | Q(owner=None) & theirs), rounds.filter(owed)
