"""Work out how commitments stand once for all that a save writes, not once a table."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def standing_once(touched: Callable[[], Iterable[int]]) -> Iterator[None]:
    """Inside, the database leaves its facts about commitments as they are; at the end it works them
    out for those that `touched` names then. Must run inside a transaction: when that is taken back,
    so is all of this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('commitments.standing', 'later', true)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('commitments.standing', '', true)")
        cursor.execute("SELECT commitments_refresh_standing(%s)", [list(touched())])
