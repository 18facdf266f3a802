"""Milestones that another one could wait on."""

from datetime import date

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from commitments.models import Commitment, Milestone
from organisations.models import User

SHOWN = 20
SHORTEST = 3


def candidates(user: User, milestone: Milestone, words: str, today: date) -> list[Milestone]:
    """Open milestones that somebody may see, of other commitments first, whose title has the words,
    or whose commitment has them or begins with them in its reference. One query."""
    if len(words) < SHORTEST:
        return []
    return list(_found(user, words, today).exclude(pk=milestone.pk)[:SHOWN])


def one(user: User, key: str, today: date) -> Milestone | None:
    """The milestone with this key, if somebody may see it."""
    if not key.isdecimal() or len(key) > 18:
        return None
    return _visible(user, today).filter(pk=int(key)).first()


def _found(user: User, words: str, today: date) -> "QuerySet[Milestone]":
    # Each half by its own index, then together: an OR over two tables would read all milestones.
    titled = Milestone.objects.annotate(capitals=Upper("title")).filter(
        capitals__contains=words.upper()
    )
    promised = Commitment.objects.filter(
        Q(search=SearchQuery(words, config="english")) | Q(reference__istartswith=words)
    )
    theirs = Milestone.objects.filter(commitment__in=promised.values("pk"))
    either = titled.order_by().values("pk").union(theirs.order_by().values("pk"))
    rows = _visible(user, today).open().filter(pk__in=either)
    return rows.order_by("commitment__reference", "pk")


def _visible(user: User, today: date):  # type: ignore[no-untyped-def]
    visible = Commitment.objects.visible_to(user, today).filter(state=Commitment.State.ACTIVE)
    rows = Milestone.objects.select_related("commitment__plan", "organisation")
    return rows.filter(commitment__in=visible.values("pk"))
