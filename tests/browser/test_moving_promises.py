"""A promise moves only when somebody else agrees, and a slip is seen by who waits, in a browser."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from commitments.models import Dependency
from organisations.models import Role
from tests import factories as make
from workforce_tracker import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def promises(bodies):
    """Of our board with our council, of our trust and of our council, each with a step."""
    plan, today = make.plan("MOVE"), clock.today()
    made = {}
    for name, lead in (
        ("board", bodies.board),
        ("trust", bodies.trust),
        ("council", bodies.council),
    ):
        promise = make.commitment(
            plan, lead, bodies.council if name != "council" else bodies.trust,
            reference=f"MOVE-{name}", title=f"Promise of the {name}",
        )  # fmt: skip
        make.milestone(promise, f"Step of the {name}", baseline=today + timedelta(days=60))
        made[name] = promise
    return made


def test_a_move_is_asked_for_refused_asked_again_and_approved(browse, cast, bodies, promises):
    second = make.person("Sam Second", (Role.PROGRAMME_LEAD, bodies.board))
    promise = promises["board"]
    later = promise.milestones.get().due_date + timedelta(days=30)

    def ask(reason: str) -> None:
        page = browse(cast.lead, reverse("commitment", args=["MOVE", promise.reference]))
        page.get_by_role("link", name="Baseline changes").click()
        page.get_by_role("link", name=re.compile("Ask to move.*Step of the board")).click()
        page.get_by_label("New date").fill(f"{later:%d/%m/%Y}")
        page.get_by_label("Why it has to move").fill(reason)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.get_by_text("so somebody else decides: Sam Second")).to_be_visible()
        page.close()

    def decide(choice: str, note: str) -> None:
        page = browse(second, "/")
        page.get_by_role("link", name=re.compile("Decide.*Step of the board")).click()
        page.get_by_label(choice).check()
        page.get_by_label("Why", exact=True).fill(note)
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text("By Sam Second")).to_be_visible()
        page.close()

    ask("The supplier is late.")
    decide("Refuse", "Say what the supplier offers instead.")
    told = browse(cast.lead, "/")
    expect(told.get_by_text("Refused")).to_be_visible()
    told.close()

    ask("The supplier offers a day 30 days later, in writing.")
    objecting = browse(cast.council, "/")
    objecting.get_by_role("link", name=re.compile("Read or object")).click()
    objecting.get_by_label("Why your organisation does not agree").fill("We were not asked.")
    objecting.get_by_role("button", name="Object", exact=True).click()
    expect(objecting.get_by_text("“We were not asked.”")).to_be_visible()
    objecting.close()
    decide("Approve", "No other supplier can do it sooner.")

    page = browse(cast.council, reverse("commitment", args=["MOVE", promise.reference]))
    expect(page.get_by_text("Moved 1 time, at first").first).to_be_visible()
    expect(page.get_by_text("30 days later").first).to_be_visible()


def test_a_slip_is_seen_at_the_other_end_of_a_chain(browse, cast, promises):
    steps = {name: promise.milestones.get() for name, promise in promises.items()}
    Dependency.objects.create(milestone=steps["board"], waits_on=steps["council"])

    page = browse(cast.trust, reverse("commitment", args=["MOVE", "MOVE-trust"]))
    page.get_by_role("link", name=re.compile("Waits on.*Step of the trust")).click()
    page.get_by_label("Look for a milestone").fill("step of the board")
    page.get_by_role("button", name="Look").click()
    page.get_by_label("Step of the board").check()
    page.get_by_label("Why").fill("It needs the shared sign-in.")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("waits on “Step of the board” now")).to_be_visible()
    expect(page.get_by_text("Risk:")).to_have_count(0)
    page.close()

    later = steps["council"].due_date + timedelta(days=40)
    council = browse(cast.council, reverse("commitment", args=["MOVE", "MOVE-council"]))
    council.get_by_role("link", name=re.compile("Update.*Step of the council")).click()
    council.get_by_label("Now expected").fill(f"{later:%d/%m/%Y}")
    council.get_by_role("button", name="Save").click()
    heading = council.get_by_role("heading", level=1)
    expect(heading).to_have_text(promises["council"].title)
    council.close()

    page = browse(cast.trust, reverse("commitment", args=["MOVE", "MOVE-trust"]))
    risk = page.get_by_text("Risk: waits on")
    expect(risk).to_contain_text("Step of the board")
    expect(risk).to_contain_text("which waits on “Step of the council”")
    expect(risk).to_contain_text("40 days later than first promised")
