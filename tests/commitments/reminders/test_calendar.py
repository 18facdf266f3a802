"""Calendar feeds, read back by a parser of our own that knows nothing of the library."""

from datetime import date

import pytest
from django.test import Client

from commitments.models import CalendarFeed, Commitment, Plan
from tests import factories
from tests.conftest import TODAY, Bodies, Cast

pytestmark = pytest.mark.django_db


def parse(content: bytes) -> list[dict[str, str]]:
    """The events of an iCalendar file by RFC 5545: CRLF, lines of at most 75 octets, folded by a
    blank; names with parameters; text with its escapes."""
    assert content.endswith(b"\r\n")
    raw = content.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in raw)
    assert b"\n" not in b"".join(raw)
    lines: list[bytes] = []
    for line in raw:
        if line[:1] in (b" ", b"\t"):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    text = [line.decode("utf-8") for line in lines]
    assert text[0] == "BEGIN:VCALENDAR" and text[-1] == "END:VCALENDAR"
    assert "VERSION:2.0" in text and any(line.startswith("PRODID:") for line in text)
    events: list[dict[str, str]] = []
    stack: list[str] = []
    for line in text:
        name, _, value = line.partition(":")
        if name == "BEGIN":
            stack.append(value)
            if value == "VEVENT":
                events.append({})
        elif name == "END":
            assert stack.pop() == value
        elif stack[-1] == "VEVENT":
            key = name.partition(";")[0]
            assert key not in events[-1]
            for escaped, plain in (("\\n", "\n"), ("\\,", ","), ("\\;", ";"), ("\\\\", "\\")):
                value = value.replace(escaped, plain)
            events[-1][key] = value
    assert not stack
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= event.keys()
    assert len({event["UID"] for event in events}) == len(events)
    return events


@pytest.fixture
def feed(cast: Cast, sign_in, today: date):
    """`feed(person, plan="")` makes an address as its owner does, and gives it."""

    def make(person, plan: str = "") -> str:
        assert sign_in(person).post("/calendar/add/", {"plan": plan}).status_code == 302
        made = CalendarFeed.objects.get(person=person, plan__code=plan or None)
        return f"/calendar/{made.token}.ics"

    return make


def test_ones_own_feed_has_ones_milestones_and_rounds_without_signing_in(
    cast: Cast, bodies: Bodies, promise: Commitment, feed, settings
) -> None:
    settings.SITE_URL = "https://tracker.example"
    title = "Rota agreed; with sickness, leave and “bank” shifts for every ward in the district"
    mine = factories.milestone(promise, title, forecast=date(2026, 12, 4), owner=cast.trust)
    factories.milestone(promise, "Evaluation", forecast="Q3 2026/27")
    factories.milestone(promise, "Somebody else's", forecast=TODAY, owner=cast.lead)
    factories.milestone(promise, "Cancelled", forecast=TODAY, state="cancelled")
    round_ = factories.round_(promise.plan, TODAY, date(2026, 11, 27), name="Round 3")
    response = Client().get(feed(cast.trust))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    found = {event["SUMMARY"]: event for event in parse(response.content)}
    assert set(found) == {title, "Evaluation", "Round 3 closes"}
    assert found[title]["DTSTART"] == "20261204"
    assert found[title]["DTEND"] == "20261205"
    assert found[title]["UID"] == f"milestone-{mine.pk}@tracker.example"
    assert found["Round 3 closes"]["UID"] == f"round-{round_.pk}@tracker.example"
    assert found["Round 3 closes"]["DTSTART"] == "20261127"
    assert found["Evaluation"]["DTSTART"] == "20261231"
    assert "Q3 2026/27" in found["Evaluation"]["DESCRIPTION"]
    assert found[title]["URL"] == "https://tracker.example/commitments/WYP/WYP-001/"


def test_a_moved_date_moves_the_same_event(cast: Cast, promise: Commitment, feed) -> None:
    step = factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    address = feed(cast.trust)
    [before] = parse(Client().get(address).content)
    step.forecast = factories.fuzzy(date(2026, 12, 3))
    step.save()
    [after] = parse(Client().get(address).content)
    assert after["UID"] == before["UID"] and after["DTSTART"] == "20261203"
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_a_plans_feed_has_all_that_its_person_may_see_and_stops_with_it(
    cast: Cast, bodies: Bodies, promise: Commitment, feed
) -> None:
    factories.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.lead)
    factories.milestone(
        factories.commitment(factories.plan("ZZZ"), bodies.trust), "Elsewhere", forecast=TODAY
    )
    address = feed(cast.viewer, "WYP")
    assert [e["SUMMARY"] for e in parse(Client().get(address).content)] == ["Rota agreed"]
    Plan.objects.update(visibility="internal", owner=bodies.board)
    assert parse(Client().get(address).content) == []


def test_a_revoked_address_or_a_closed_account_answers_nothing(
    cast: Cast, promise: Commitment, feed, sign_in
) -> None:
    address = feed(cast.trust)
    row = CalendarFeed.objects.get()
    assert sign_in(cast.lead).post(f"/calendar/{row.pk}/revoke/").status_code == 404
    assert Client().get(address).status_code == 200
    cast.trust.is_active = False
    cast.trust.save()
    assert Client().get(address).status_code == 404
    cast.trust.is_active = True
    cast.trust.save()
    assert sign_in(cast.trust).post(f"/calendar/{row.pk}/revoke/").status_code == 302
    assert Client().get(address).status_code == 404
    assert Client().get("/calendar/nothing.ics").status_code == 404


def test_there_is_one_address_of_each_and_the_page_shows_it(
    cast: Cast, promise: Commitment, feed, sign_in
) -> None:
    address = feed(cast.trust)
    assert feed(cast.trust) == address
    assert address in sign_in(cast.trust).get("/calendar/").content.decode()
    assert address not in sign_in(cast.lead).get("/calendar/").content.decode()
    Plan.objects.update(visibility="internal")
    assert sign_in(cast.viewer).post("/calendar/add/", {"plan": "WYP"}).status_code == 404


def test_one_milestone_as_a_file(
    cast: Cast, bodies: Bodies, promise: Commitment, sign_in, today: date
) -> None:
    step = factories.milestone(promise, "Rota agreed", forecast=TODAY)
    undated = factories.milestone(promise)
    base = "/commitments/WYP/WYP-001/"
    client = sign_in(cast.viewer)
    address = f"{base}milestones/{step.pk}/milestone.ics"
    assert address in client.get(base).content.decode()
    response = client.get(address)
    assert "attachment" in response["Content-Disposition"]
    assert [event["SUMMARY"] for event in parse(response.content)] == ["Rota agreed"]
    assert client.get(f"{base}milestones/{undated.pk}/milestone.ics").status_code == 404
    Plan.objects.update(visibility="internal", owner=bodies.board)
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_a_feed_costs_the_same_queries_however_long(
    cast: Cast, promise: Commitment, feed, django_assert_max_num_queries
) -> None:
    address = feed(cast.trust)
    factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    with django_assert_max_num_queries(20) as few:
        Client().get(address)
    for _ in range(10):
        factories.milestone(promise, forecast=TODAY)
    with django_assert_max_num_queries(len(few)):
        assert len(parse(Client().get(address).content)) == 11
