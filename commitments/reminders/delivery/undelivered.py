"""What did not arrive, for those who can do something about it, and trying again."""

from datetime import date

from django.db.models import Q, QuerySet

from commitments.models import Reminder
from commitments.reminders.delivery import refusals
from organisations.models import User
from organisations.permissions import Capability, grant


def looks_after_anybody(user: User, today: date) -> bool:
    """Whether a person is an administrator of any organisation, or of the platform."""
    return bool(grant(user, Capability.MANAGE_ORGANISATION, today))


def people_of(user: User, today: date) -> QuerySet[User]:
    """Those whose accounts a person looks after: everybody for a platform administrator, else the
    people of the organisations that they administer."""
    held = grant(user, Capability.MANAGE_ORGANISATION, today)
    everybody = User.objects.all()
    if held.everywhere:
        return everybody
    members = Q(memberships__organisation__in=held.organisations, memberships__ended_at=None)
    return everybody.filter(pk__in=User.objects.filter(members).values("pk"))


def given_up(user: User, today: date) -> QuerySet[Reminder]:
    """Reminders to those people that were given up, the latest first."""
    failed = Reminder.objects.filter(state=Reminder.State.FAILED, person__in=people_of(user, today))
    return failed.select_related("person", "through", "standing_in_for").order_by("-send_on", "-pk")


def refused(user: User, today: date) -> list[User]:
    """Those people whose present address a mail server has refused."""
    marked = people_of(user, today).filter(refused_at__isnull=False).order_by("name", "pk")
    return [person for person in marked if person.is_refused]


def try_again(*, by: User, reminder: Reminder, today: date) -> bool:
    """Put a reminder that was given up back in the queue, with all its tries before it. False when
    somebody else has done so already, or it is not for this person to do."""
    rows = Reminder.objects.filter(pk=given_up(by, today).filter(pk=reminder.pk).values("pk")[:1])
    planned = rows.filter(state=Reminder.State.FAILED).update(
        state=Reminder.State.PLANNED, attempts=0, next_try_at=None
    )
    return bool(planned)


def use_again(*, by: User, person: User, today: date) -> bool:
    """Use a refused address again; the next planning plans again what was kept back for it. False
    when it is not for this person to say."""
    if not people_of(by, today).filter(pk=person.pk).exists():
        return False
    refusals.lift(person)
    return True
