"""What a reminder says: one message for everything that is due to one person on one day.

Every word is worked out in Python, item by item, so that an item which cannot be told spoils
neither the message nor the others; the templates only set them out, as text and as HTML.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from commitments.models import Reminder
from commitments.reminders import unsubscribing
from commitments.reminders.delivery.names import host, message_name
from commitments.reminders.things import Gone, Things, Unseen
from commitments.reminders.wording import GROUPS, Item, item_of
from organisations.models import Membership, Role, User
from workforce_tracker.templatetags.words import plural

FOLDER = "commitments/reminders/email"


@dataclass
class Group:
    """The items about which somebody can do the same. `why` is empty where it differs by item."""

    heading: str
    advice: str
    items: list[Item]

    @property
    def why(self) -> str:
        """Why the person is told, where it is the same for all."""
        reasons = {item.why for item in self.items}
        return reasons.pop() if len(reasons) == 1 else ""

    @property
    def returns(self) -> list[tuple[str, str]]:
        """The returns in which all of it can be said offline: name and address."""
        found = {item.return_url: item.round for item in self.items if item.return_url}
        return [(name, address) for address, name in found.items()]


class Leads(dict[int, list[User]]):
    """The programme leads of organisations by name, each organisation's asked for once."""

    def __missing__(self, organisation: int) -> list[User]:
        held = Membership.objects.current().filter(
            organisation=organisation, role=Role.PROGRAMME_LEAD
        )
        by_name = held.select_related("user").order_by("user__name")
        self[organisation] = [membership.user for membership in by_name]
        return self[organisation]


@dataclass
class Digest:
    """What one person is to be told, the most urgent first.

    `unseen` are reminders of what the person may not see; `faulty` those that could not be put
    into words, with the error; `settled` those whose thing changed since they were planned, which
    the next planning withdraws.
    """

    person: User
    today: date
    leads: Leads = field(default_factory=Leads)
    items: list[Item] = field(default_factory=list)
    unseen: list[Reminder] = field(default_factory=list)
    settled: list[Reminder] = field(default_factory=list)
    faulty: list[tuple[Reminder, Exception]] = field(default_factory=list)

    @property
    def late(self) -> int:
        """How many of them are past their date."""
        return sum(item.late for item in self.items)

    @property
    def groups(self) -> list[Group]:
        """The items by what can be done about them."""
        sorted_ = {key: [i for i in self.items if i.group == key] for key in GROUPS}
        return [Group(*GROUPS[key], items) for key, items in sorted_.items() if items]

    @property
    def heading(self) -> str:
        """The message in one line."""
        if len(self.items) == 1:
            item = self.items[0]
            return _in_one_line(f"{item.urgency}: {item.title}")
        return self.summary

    @property
    def summary(self) -> str:
        """How much there is, and how much of it is late."""
        kinds = {item.reminder.kind for item in self.items}
        noun = "milestone" if kinds == {Reminder.Kind.MILESTONE} else "thing"
        late = f", {self.late} of them late" if self.late and len(self.items) > 1 else ""
        return f"{plural(len(self.items), noun)} to look at{late}"

    def message(self, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
        """The e-mail. Its Message-ID follows from the reminders in it, so that a message which a
        crash makes us send again is recognised by the receiving side. Answers go to the programme
        lead of whoever keeps the plan of the most urgent item."""
        stop = f"{settings.SITE_URL}{unsubscribing.address(self.person)}"
        context = {
            "digest": self,
            "groups": self.groups,
            "site_url": settings.SITE_URL,
            "choices_url": f"{settings.SITE_URL}{reverse('reminder_choices')}",
            "stop_url": stop,
        }
        message = EmailMultiAlternatives(
            subject=self.heading,
            body=render_to_string(f"{FOLDER}/digest.txt", context),
            to=[_address(self.person)],
            reply_to=self._reply_to(),
            headers={
                "Message-ID": f"<{message_name(item.reminder for item in self.items)}>",
                "List-Id": f"Reminders <reminders.{host()}>",
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
            connection=connection,
        )
        message.attach_alternative(render_to_string(f"{FOLDER}/digest.html", context), "text/html")
        return message

    def _reply_to(self) -> list[str]:
        owner = next((item.plan_owner_id for item in self.items if item.plan_owner_id), None)
        if owner is None:
            return []
        lead = next((each for each in self.leads[owner] if each != self.person), None)
        return [_address(lead)] if lead else []


def _in_one_line(text: str) -> str:
    """Text that people typed, without the line breaks that no header may have."""
    return " ".join(text.split())


def _address(person: User) -> str:
    return formataddr((_in_one_line(person.name), person.email))


def digest(
    person: User, reminders: Iterable[Reminder], today: date, things: Things, leads: Leads
) -> Digest:
    """Sort one person's reminders into what can be told today, starting from what they may see:
    `things` are what the reminders are about. Give them with `through` and `standing_in_for` at
    hand; no queries then."""
    made = Digest(person, today, leads)
    for reminder in reminders:
        try:
            made.items.append(item_of(reminder, things.get(reminder), person, today))
        except Gone:
            made.settled.append(reminder)
        except Unseen:
            made.unseen.append(reminder)
        except Exception as error:  # whatever is wrong with it is wrong with it alone
            made.faulty.append((reminder, error))
    order = list(GROUPS)
    made.items.sort(
        key=lambda item: (order.index(item.group), item.reminder.due_on, item.reminder.pk)
    )
    return made
