"""Who an organisation is: its place, where it came from, what it became, and who works in it.

Everything that its page says but for its commitments. `identify` is constant in queries.
"""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser

from organisations import queries
from organisations.kinds import TRUST_KINDS
from organisations.lineage import Event, Lineage
from organisations.models import Alias, Membership, Organisation, Succession, User
from organisations.permissions import Capability, holds, roles_of

PEOPLE_SHOWN = 12  # the rest are on the page about people


@dataclass(frozen=True)
class Identity:
    """An organisation on a day.

    `ids` are the body and all whose commitments passed to it. `origin` is what it was made from on
    the day it opened, `gained` what it took over later. `now` are the bodies at the end of its
    chain, none for an open one; `answers_now` the one that answers for all it promised.
    """

    body: Organisation
    lineage: Lineage
    ids: set[int]
    place: queries.Place
    is_closed: bool
    since: str
    origin: Event | None
    gained: list[Event]
    events: list[Event]
    now: list[Organisation]
    passing: str
    answers_now: Organisation | None
    members: list[queries.Group]
    names: list[Alias]
    former_names: list[Alias]
    codes: list[Alias]

    @property
    def was_split(self) -> bool:
        """Whether it was divided, so that what it promised waits for a person to assign it."""
        return self.passing == Succession.Kind.SPLIT


def identify(body: Organisation, today: date) -> Identity:
    """Everything about a body that came through `queries.with_place`."""
    lineage = Lineage.load(today)
    ids = Succession.objects.predecessors_of([body.pk], today)
    origins = lineage.origins(body)
    origin = next((event for event in origins if event.on == body.opened), None)
    onward = lineage.after(body)
    is_closed = body.is_closed(today)
    end = lineage.answering_now(body)
    aliases = list(body.aliases.all())
    last_day = body.closed if is_closed and body.closed else today
    return Identity(
        body=body,
        lineage=lineage,
        ids=ids,
        place=queries.place_of(body),
        is_closed=is_closed,
        since=_since(body, origin),
        origin=origin,
        gained=[event for event in origins if event is not origin],
        events=lineage.events(body),
        now=[other for other in lineage.now(body) if other.pk != body.pk],
        passing=onward[0].kind if onward else "",
        answers_now=None if end is None or end.is_closed(today) else end,
        members=queries.members_of(body, ids, last_day),
        names=[a for a in aliases if a.kind in (Alias.Kind.OFFICIAL, Alias.Kind.SHORT)],
        former_names=[a for a in aliases if a.kind == Alias.Kind.FORMER],
        codes=[a for a in aliases if a.kind == Alias.Kind.CODE],
    )


def people_of(
    body: Organisation, asking: User | AnonymousUser, today: date
) -> list[Membership] | None:
    """The people of a body with their roles, for its own members and for those who manage them;
    None for everybody else."""
    is_member = any(held.organisation_id == body.pk for held in roles_of(asking, today))
    if not is_member and not holds(asking, Capability.MANAGE_MEMBERS, body, today):
        return None
    # Whoever belonged to a body that passed on whole belongs to this one now.
    ids = Succession.objects.predecessors_of([body.pk], today)
    current = Membership.objects.current().filter(organisation__in=ids).select_related("user")
    return list(current.order_by("user__name", "role")[:PEOPLE_SHOWN])


def _since(body: Organisation, origin: Event | None) -> str:
    """The day it opened, as exactly as it is known. The source's day for trusts is that of their
    wave, not of the trust as it is, so it is left out unless a succession confirms it."""
    if body.opened is None or (body.kind in TRUST_KINDS and origin is None):
        return ""
    return body.opened_text or f"{body.opened.day} {body.opened:%B %Y}"
