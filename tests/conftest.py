"""The fixed cast: people from different organisations who appear in every test.

West Yorkshire is "our" system: a board, a trust and a council in it. Humber is another system.
Nothing here reads the clock: TODAY is the day on which every test happens, unless it says another.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import hypothesis
import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, override_settings
from playwright.sync_api import expect

from organisations.kinds import Kind
from organisations.models import Area, Organisation, Role, User
from tests import chromium, factories
from tests.browser.window import PATIENCE, settled
from workforce_tracker.celery import app

TODAY = date(2026, 11, 19)  # a Thursday

# The same examples in every run, however long a busy machine takes over one of them.
hypothesis.settings.register_profile(
    "steady",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("steady")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no test: those of a package hold the moment in which it was made, and all the
    processes that share the tests have to call them the same."""
    return argname if isinstance(val, bytes) else None


def day(offset: int) -> date:
    """So many days from TODAY."""
    return TODAY + timedelta(days=offset)


@dataclass
class Bodies:
    """The organisations of the cast."""

    england: Organisation
    region: Organisation
    board: Organisation
    trust: Organisation
    council: Organisation
    lga: Organisation
    other_board: Organisation
    other_trust: Organisation
    other_council: Organisation


@dataclass
class Cast:
    """The people, each named after what they are."""

    lead: User  # programme lead of our board
    trust: User  # contributor, our trust
    council: User  # contributor, our council
    council_reviewer: User
    lga: User  # reviewer, Local Government Association
    administrator: User  # administrator of our board
    viewer: User  # viewer, the other board
    other_lead: User  # programme lead of the other board
    region: User  # viewer, the region
    national: User  # viewer, NHS England
    platform: User  # platform administrator
    nobody: User  # signed in, without any membership


@contextmanager
def quickly(**more: object) -> Iterator[None]:
    """Nobody waits: background work is done where it is asked for (tests of real workers start
    their own), and passwords, hashed slowly on purpose, are hashed quickly. `more` settings."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, **more):
        app.conf.task_always_eager = True
        yield
        app.conf.task_always_eager = False


@pytest.fixture(autouse=True)
def on_the_day(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins at ten in the morning of TODAY, whenever it is run. Not those of a browser,
    whose clock cannot be set with ours, nor of the database's: they count from the day it is."""
    if any(map(request.node.get_closest_marker, ("browser", "real_clock"))):
        yield
        return
    with time_machine.travel(f"{TODAY} 10:00 +0000"):
        yield


@pytest.fixture(autouse=True)
def work_at_once() -> Iterator[None]:
    """Every test is quick."""
    with quickly():
        yield


@pytest.fixture
def bodies(db: None) -> Bodies:
    """The organisations."""
    make = factories.organisation
    england = make("NHS England", Kind.NHS_NATIONAL, code="NAT-NHSE")
    region = make("North East and Yorkshire", Kind.NHS_REGION, code="Y63", parent=england)
    board = make("NHS West Yorkshire Integrated Care Board", Kind.ICB, code="QWO", parent=region)
    other = make("NHS Humber and North Yorkshire Integrated Care Board", Kind.ICB, code="QOQ")
    made = Bodies(
        england=england,
        region=region,
        board=board,
        trust=make("Leeds Community Healthcare NHS Trust", code="RY6", parent=board),
        council=make("Leeds City Council", Kind.METROPOLITAN, code="E08000035"),
        lga=make("Local Government Association", Kind.COUNCIL_REPRESENTATIVE, code="NAT-LGA"),
        other_board=other,
        other_trust=make("Hull University Teaching Hospitals NHS Trust", parent=other),
        other_council=make("City of York Council", Kind.UNITARY, code="E06000014"),
    )
    for council, its_board in ((made.council, board), (made.other_council, other)):
        Area.objects.create(
            council=council,
            board=its_board,
            edition="2024",
            valid_from=date(2024, 4, 1),
            lsoa_count=100,
            share=1,
        )
    return made


@pytest.fixture
def cast(bodies: Bodies) -> Cast:
    """The people."""
    make = factories.person
    return Cast(
        lead=make("Lena Lead", (Role.PROGRAMME_LEAD, bodies.board)),
        trust=make("Tariq Trust", (Role.CONTRIBUTOR, bodies.trust)),
        council=make("Cora Council", (Role.CONTRIBUTOR, bodies.council)),
        council_reviewer=make("Rhys Reviewer", (Role.REVIEWER, bodies.council)),
        lga=make("Leigh Association", (Role.REVIEWER, bodies.lga)),
        administrator=make("Ada Administrator", (Role.ADMINISTRATOR, bodies.board)),
        viewer=make("Vera Viewer", (Role.VIEWER, bodies.other_board)),
        other_lead=make("Otis Other", (Role.PROGRAMME_LEAD, bodies.other_board)),
        region=make("Regi Region", (Role.VIEWER, bodies.region)),
        national=make("Nat National", (Role.VIEWER, bodies.england)),
        platform=make("Pat Platform", is_platform_administrator=True),
        nobody=make("Nora Nobody"),
    )


@pytest.fixture
def sign_in(client: Client):
    """`sign_in(user)` gives the test client, signed in as that person."""

    def as_person(user: User) -> Client:
        client.force_login(user)
        return client

    return as_person


@pytest.fixture
def today() -> Iterator[date]:
    """Stops the clock at ten in the morning of TODAY, and gives the day."""
    with time_machine.travel(f"{TODAY} 10:00 +0000", tick=False):
        yield TODAY


# --- a real browser -----------------------------------------------------------------------------

# How long a page may take to show what a test expects of it, on a machine busy with other things.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Which Chromium pytest-playwright starts, and how."""
    # Playwright keeps an event loop in this thread; the ORM is used between its calls, never in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return chromium.launch_arguments()


@pytest.fixture
def context(context):
    """A browser of this test's own, which waits for a busy machine."""
    context.set_default_timeout(PATIENCE)
    return context


def watch(context) -> list[str]:
    """What goes wrong in a browser from now on: script errors, refused requests, breaches of the
    security policy. The list grows as it happens."""
    complaints: list[str] = []

    def note(message) -> None:
        # htmx says so aloud when a newer choice takes the place of a request under way.
        replaced = message.text.startswith(("htmx:afterRequest", "htmx:sendAbort"))
        if message.type == "error" and not replaced:
            complaints.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return complaints


def enter(context, client: Client, url: str) -> None:
    """Sign a browser in, as `client` is, at the product that runs at `url`."""
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


@pytest.fixture
def browse(context, live_server) -> Iterator[Callable]:
    """`browse(user, path)` gives a page of the running product, signed in as that person.

    What goes wrong in the browser meanwhile fails the test that saw it.
    """
    complaints = watch(context)

    def as_person(user: User | None, path: str = "/"):
        if user is not None:
            client = Client()
            client.force_login(user)
            enter(context, client, live_server.url)
        page = context.new_page()
        page.goto(live_server.url + path)
        settled(page)
        return page

    yield as_person
    # What pages still ask of the server would hold what the database is emptied of.
    for page in context.pages:
        page.close()
    until_nobody_else_is_at_work()
    assert complaints == []


def until_nobody_else_is_at_work() -> None:
    """Wait for other connections to the database to be done with what they were asked."""
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
                " AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)
