"""The commitments list at 1,000 and at 100,000 commitments, and the SQL that it runs.

The two sizes are measured in turn, so that a machine that slows down slows both. "SQL" is the time
the same statements take when run bare, without Django around them.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organisations.models import Membership, Organisation, Role, User
from tests.bench import data
from workforce_tracker import clock

SMALL = 1_000
PAGES: dict[str, dict[str, str]] = {
    "first page": {"sort": "reference"},
    "what is late first": {"sort": "late"},
    "words": {"q": "midwives"},
    "red ones": {"rating": "red"},
    "joint, one theme": {"joint": "yes", "theme": "train"},
    "page 10": {"sort": "reference", "page": "10"},
}


def run(rounds: int, large: int) -> None:
    """Print one row a page: medians in milliseconds, and the ratios that count."""
    settings.ALLOWED_HOSTS = ["testserver"]
    usual = connection.settings_dict["NAME"]
    data.migrate_and_load()
    _person()
    sizes = {"bench_small": SMALL, "bench_large": large}
    connection.close()
    for name, size in sizes.items():
        data.copy_of(str(usual), name)
        with data.using(name):
            data.generate(size, clock.today())
    print(f"Commitments list at {SMALL:,} and {large:,} commitments, median of {rounds}\n")
    heads = ("page", f"{SMALL:,}", f"{large:,}", "ratio", "SQL", "page/SQL", "queries")
    print("{:<20}{:>10}{:>10}{:>8}{:>10}{:>10}{:>9}".format(*heads))
    for title, parameters in PAGES.items():
        address = f"/commitments/?{urlencode(parameters)}"
        page: dict[str, float] = {}
        sql: dict[str, float] = {}
        statements: list[tuple[str, object]] = []
        for name in sizes:
            page[name], sql[name], statements = _measure(name, address, rounds)
        ratio = page["bench_large"] / page["bench_small"]
        over = page["bench_large"] / sql["bench_large"]
        print(
            f"{title:<20}{page['bench_small']:>8.1f}ms{page['bench_large']:>8.1f}ms{ratio:>8.2f}"
            f"{sql['bench_large']:>8.1f}ms{over:>10.2f}{len(statements):>9}"
        )


def _person() -> User:
    """A programme lead who sees every public plan."""
    user = User.objects.create_user("bench@test.example", name="Bench")
    board = Organisation.objects.get(code="QWO")
    Membership.objects.create(user=user, organisation=board, role=Role.PROGRAMME_LEAD)
    return user


def _measure(database: str, address: str, rounds: int) -> tuple[float, float, list]:
    """Median milliseconds of the page, of its SQL alone, and that SQL."""
    with data.using(database):
        client = Client()
        client.force_login(User.objects.get())
        fetch = partial(client.get, address)
        response = fetch()
        assert response.status_code == 200, response.status_code
        with CaptureQueriesContext(connection) as captured:
            fetch()
        statements = [q["sql"] for q in captured if q["sql"].startswith("SELECT")]
        return _median(fetch, rounds), _median(partial(_bare, statements), rounds), statements


def _bare(statements: list[str]) -> None:
    with connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _median(what: Callable[[], object], rounds: int) -> float:
    for _ in range(3):
        what()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        what()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
