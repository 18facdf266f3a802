"""The one thing that reading changes: when somebody last looked at their home page."""

from datetime import datetime, timedelta

from organisations.models import User

# Reloading a page is no new visit.
SAME_VISIT = timedelta(minutes=5)


def note_visit(*, by: User, now: datetime) -> None:
    """Remember that a person opens their home page now, unless they did a few minutes ago."""
    if by.home_seen_at is None or now - by.home_seen_at > SAME_VISIT:
        User.objects.filter(pk=by.pk).update(home_seen_at=now)
