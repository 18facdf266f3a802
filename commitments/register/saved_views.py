"""Views of the list that a person comes back to: those they named, and the last one they used."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict

from commitments.models import SavedView
from organisations.models import User

LAST = ""
MOST_VIEWS = 30


def views_of(user: User) -> tuple[list[SavedView], str]:
    """A person's named views, and the query of the last one. One query."""
    found = list(SavedView.objects.filter(user=user))
    last = next((view.query for view in found if view.name == LAST), "")
    return [view for view in found if view.name != LAST], last


def tidy(data: QueryDict) -> str:
    """An address's query without empty parts and without the page: what a view consists of."""
    kept = data.copy()
    kept.pop("page", None)
    for name in list(kept):
        values = [value for value in kept.getlist(name) if value.strip()]
        if values:
            kept.setlist(name, values[-1:])
        else:
            kept.pop(name)
    return kept.urlencode()


def has_blanks(data: QueryDict) -> bool:
    """Whether an address has parts that say nothing, as a form without JavaScript sends them."""
    return any(not value.strip() for _, values in data.lists() for value in values)


def remember_last(*, by: User, query: str) -> None:
    """Keep the view somebody uses now, so that the list opens with it."""
    SavedView.objects.update_or_create(user=by, name=LAST, defaults={"query": query})


def save_view(*, by: User, name: str, query: str) -> SavedView:
    """Keep a view under a name.

    Raises ValidationError where the name is empty, too long or taken, or there are MOST_VIEWS.
    """
    name = " ".join(name.split())
    if not name:
        raise ValidationError("Give the view a name, such as “Our late milestones”.")
    longest = SavedView._meta.get_field("name").max_length or 0
    if len(name) > longest:
        raise ValidationError(f"The name has {len(name)} characters. Use {longest} at most.")
    mine = SavedView.objects.filter(user=by).exclude(name=LAST)
    if mine.count() >= MOST_VIEWS:
        raise ValidationError(f"You have {MOST_VIEWS} views. Remove one before you save another.")
    try:
        with transaction.atomic():
            return SavedView.objects.create(user=by, name=name, query=tidy(QueryDict(query)))
    except IntegrityError as taken:
        raise ValidationError(
            f"You already have a view called “{name}”. Give this one another name."
        ) from taken


def remove_view(*, by: User, pk: int) -> bool:
    """Forget one of somebody's own named views. False where they have none with this key."""
    gone, _ = SavedView.objects.filter(user=by, pk=pk).exclude(name=LAST).delete()
    return gone > 0
