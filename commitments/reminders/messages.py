"""What a reminder says: one message for everything that is due to one person on one day.

Every word is worked out in Python, item by item, so that an item which cannot be told spoils
neither the message nor the others; the templates only set them out, as text and as HTML.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from commitments.dates import FuzzyDate, Precision, format_fuzzy
from commitments.models import Commitment, Milestone, Reminder
from organisations.models import User
from workforce_tracker.templatetags.words import day, plural, weekday, when

FOLDER = "commitments/reminders/email"


@dataclass(frozen=True)
class Item:
    """One milestone in a message, in words."""

    reminder: Reminder
    title: str
    late: bool
    urgency: str
    due: str
    commitment: str
    plan: str
    url: str
    why: str
    is_demonstration: bool


@dataclass
class Digest:
    """What one person is to be told, the latest first.

    `unseen` are reminders of commitments that the person may not see; `faulty` those that could not
    be put into words, with the error; `settled` those whose milestone changed since they were
    planned, which the next planning withdraws.
    """

    person: User
    today: date
    items: list[Item] = field(default_factory=list)
    unseen: list[Reminder] = field(default_factory=list)
    settled: list[Reminder] = field(default_factory=list)
    faulty: list[tuple[Reminder, Exception]] = field(default_factory=list)

    @property
    def late(self) -> int:
        """How many of them are past their date."""
        return sum(item.late for item in self.items)

    @property
    def heading(self) -> str:
        """The message in one line."""
        if len(self.items) == 1:
            item = self.items[0]
            return f"{item.urgency}: {item.title}"
        late = f", {self.late} of them late" if self.late else ""
        return f"{plural(len(self.items), 'milestone')} to look at{late}"

    def message(self, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
        """The e-mail. Its Message-ID is that of the oldest reminder in it, so that a message which
        a crash makes us send again is recognised by the receiving side."""
        context = {"digest": self, "site_url": settings.SITE_URL}
        host = urlsplit(settings.SITE_URL).hostname or "localhost"
        first = min((item.reminder for item in self.items), key=lambda reminder: reminder.pk)
        message = EmailMultiAlternatives(
            subject=self.heading,
            body=render_to_string(f"{FOLDER}/digest.txt", context),
            to=[formataddr((self.person.name, self.person.email))],
            headers={
                "Message-ID": f"<{first.message_id}@{host}>",
                "List-Id": f"Reminders <reminders.{host}>",
                "Auto-Submitted": "auto-generated",
            },
            connection=connection,
        )
        message.attach_alternative(render_to_string(f"{FOLDER}/digest.html", context), "text/html")
        return message


def digest(person: User, reminders: Iterable[Reminder], today: date) -> Digest:
    """Sort one person's reminders into what can be told today, starting from what they may see.

    Constant in queries. Give the reminders with `through` at hand.
    """
    waiting = list(reminders)
    seen = Commitment.objects.visible_to(person, today).select_related("plan")
    commitments = seen.in_bulk({reminder.commitment_id for reminder in waiting})
    milestones = Milestone.objects.in_bulk({reminder.thing_id for reminder in waiting})
    made = Digest(person, today)
    for reminder in waiting:
        commitment = commitments.get(reminder.commitment_id)
        milestone = milestones.get(reminder.thing_id)
        if milestone is None or not milestone.is_open or milestone.due_date != reminder.due_on:
            made.settled.append(reminder)
        elif commitment is None or commitment.state != Commitment.State.ACTIVE:
            made.unseen.append(reminder)
        else:
            try:
                made.items.append(_item(reminder, milestone, commitment, person, today))
            except Exception as error:  # whatever is wrong with it is wrong with it alone
                made.faulty.append((reminder, error))
    made.items.sort(key=lambda item: (item.reminder.due_on, item.reminder.pk))
    return made


def due_date(milestone: Milestone) -> FuzzyDate:
    """The date that a milestone's lateness is counted from, as its source gives it."""
    return milestone.forecast if milestone.forecast.is_dated else milestone.baseline


def _item(
    reminder: Reminder, milestone: Milestone, commitment: Commitment, person: User, today: date
) -> Item:
    due = due_date(milestone)
    return Item(
        reminder=reminder,
        title=" ".join(milestone.title.split()),
        late=reminder.due_on < today,
        urgency=urgency(due, today),
        due=_in_full(due),
        commitment=f"{commitment.reference} {commitment.title}",
        plan=commitment.plan.title,
        url=f"{settings.SITE_URL}{commitment.get_absolute_url()}",
        why=_why(reminder, milestone, person),
        is_demonstration=milestone.is_demonstration,
    )


def urgency(due: FuzzyDate, today: date) -> str:
    """How a date stands to today: "Late by 12 days", "Due tomorrow", "Due in 6 working days"."""
    words = when(due, today)
    if words.endswith(" late"):
        return f"Late by {words.removesuffix(' late')}"
    return f"Due {words}"


def _in_full(due: FuzzyDate) -> str:
    if due.precision == Precision.DAY:
        return weekday(due.last_day)
    return f"{format_fuzzy(due)} ({day(due.last_day)} at the latest)"


def _why(reminder: Reminder, milestone: Milestone, person: User) -> str:
    if milestone.owner_id == person.pk:
        return "you own this milestone"
    if reminder.through is None:
        return "you owned this milestone when this reminder was planned"
    return f"you report for {reminder.through}, which answers for it"
