"""Asking, deciding and objecting on the screen, and where moves show."""

from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from commitments.changing.queries import Promise
from commitments.models import BaselineChange, Commitment
from tests import factories as make

ONE = ["PASS", "PASS-1"]


def url(name: str, *more) -> str:
    return reverse(name, args=[*ONE, *more])


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture(autouse=True)
def clock(today):
    """Every page here is looked at on the cast's day."""


def test_a_move_is_asked_for_refused_asked_again_and_approved(step, cast, second, sign_in):
    address = url("baseline_change_ask") + f"?milestone={step.milestone.pk}"
    client = sign_in(cast.lead)
    assert "It is 30 September 2027 now" in text(client.get(address))
    typed = {"to": "31/12/2027", "reason": "The supplier is late."}
    page = client.post(address, typed, follow=True)
    assert "Nothing moves until somebody decides" in text(page)
    assert "92 days later" in text(page)
    assert "somebody else decides: Sam Second" in text(page)
    change = BaselineChange.objects.get()

    decider = Client()
    decider.force_login(second)
    assert "Date of “Agree it”: 30 September 2027 to 31 December 2027" in text(decider.get("/"))
    decide = url("baseline_change_decide", change.pk)
    assert "Say why it is refused" in text(decider.post(decide, {"decision": "refuse"}))
    decider.post(decide, {"decision": "refuse", "note": "It is not late."})
    assert "It is not late." in text(client.get(url("baseline_change", change.pk)))

    client.post(address, typed)
    again = BaselineChange.objects.get(state="asked")
    decider.post(url("baseline_change_decide", again.pk), {"decision": "approve"})
    said = text(client.get(url("commitment")))
    assert "31 December 2027" in said
    assert "Moved 1 time, at first 30 September 2027: 92 days later" in said
    assert "by Sam Second" in text(client.get("/"))


def test_what_cannot_be_is_said_beside_the_box(step, cast, sign_in):
    client = sign_in(cast.lead)
    address = url("baseline_change_ask") + f"?milestone={step.milestone.pk}"
    for to, words in (
        ("31/02/2027", "&quot;31/02/2027&quot; is not a date"),
        ("TBC", "&quot;TBC&quot; is not a date"),
        ("30/09/2027", "It is promised for 30 September 2027 now"),
        ("", "date"),
    ):
        response = client.post(address, {"to": to, "reason": "Late."})
        assert response.status_code == 200
        assert words in text(response)
    assert not BaselineChange.objects.exists()


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("5%", "is not in people, which this measure is counted in"),
        ("£5m", "is not in people"),
        ("many", "is not a number or a range"),
        ("100", "It is 100 people now"),
    ],
)
def test_a_target_is_asked_for_in_the_measures_unit(passport, cast, sign_in, to, words):
    address = url("baseline_change_ask") + f"?measure={passport.measures.get().pk}"
    response = sign_in(cast.lead).post(address, {"to": to, "reason": "Late."})
    assert words in text(response)
    assert not BaselineChange.objects.exists()


def test_what_is_not_of_this_commitment_is_not_found(passport, cast, bodies, sign_in):
    other = make.milestone(make.commitment(make.plan(), bodies.trust), baseline="2027")
    client = sign_in(cast.lead)
    for query in (f"milestone={other.pk}", "milestone=x", "measure=99999999999999999999"):
        assert client.get(url("baseline_change_ask") + f"?{query}").status_code == 404


def test_the_page_of_who_asked_has_no_decision_and_a_post_is_answered(step, ask, cast, sign_in):
    change = ask(step)
    client = sign_in(cast.lead)
    assert "Your decision" not in text(client.get(url("baseline_change", change.pk)))
    posted = client.post(url("baseline_change_decide", change.pk), {"decision": "approve"})
    assert "You asked for this, so somebody else has to decide." in text(posted)
    client.post(url("baseline_change_withdraw", change.pk))
    change.refresh_from_db()
    assert change.state == "withdrawn"


def test_the_second_of_two_deciders_reads_what_the_first_did(step, ask, decide, cast, second):
    change = ask(step)
    client = Client()
    client.force_login(cast.platform)
    assert "Your decision" in text(client.get(url("baseline_change", change.pk)))
    decide(change, second)
    late = client.post(
        url("baseline_change_decide", change.pk), {"decision": "refuse", "note": "No."}
    )
    assert "This baseline change is now: approved. Nothing was done." in text(late)
    assert "By Sam Second" in text(late)


def test_each_side_is_told_and_may_object_once(step, ask, cast, second, sign_in, bodies):
    change = ask(step)
    client = sign_in(cast.council)
    assert "NHS West Yorkshire Integrated Care Board asks: Date of “Agree it”" in text(
        client.get("/")
    )
    assert "Asked to move:" in text(client.get(url("commitment")))
    page = client.get(url("baseline_change", change.pk))
    assert "Object for Leeds City Council" in text(page)
    client.post(url("baseline_change_object", change.pk), {"reason": "We were not asked."})
    assert "asks: Date of" not in text(client.get("/"))
    assert "1 objection" in text(client.get(url("commitment")))
    decider = Client()
    decider.force_login(second)
    assert "1 objection" in text(decider.get("/"))
    assert "“We were not asked.”" in text(decider.get(url("baseline_change", change.pk)))
    approve = decider.post(url("baseline_change_decide", change.pk), {"decision": "approve"})
    assert "Leeds City Council objected. Say why it goes ahead all the same." in text(approve)


def test_the_association_is_told_of_joint_commitments_and_may_object(
    passport, step, ask, cast, sign_in, bodies
):
    change = ask(step)
    alone = make.commitment(passport.plan, bodies.board, target="31/03/2028")
    ask(Promise(alone), "31/03/2029")
    client = sign_in(cast.lga)
    assert text(client.get("/")).count("asks:") == 1
    page = client.get(url("baseline_change", change.pk))
    assert "Object for Local Government Association" in text(page)
    client.post(url("baseline_change_object", change.pk), {"reason": "Councils were not asked."})
    assert "asks:" not in text(client.get("/"))
    assert "Councils were not asked." in text(client.get(url("baseline_change", change.pk)))


def test_readers_may_read_and_not_touch_and_strangers_do_not_find(step, ask, cast, sign_in):
    change = ask(step)
    client = sign_in(cast.viewer)
    assert client.get(url("baseline_change", change.pk)).status_code == 200
    assert client.get(url("baseline_change_ask")).status_code == 403
    for name in ("decide", "object", "withdraw"):
        posted = client.post(url(f"baseline_change_{name}", change.pk), {"reason": "No."})
        assert posted.status_code == 403
    type(step.commitment.plan).objects.update(visibility="internal")
    for name in ("baseline_change", "baseline_change_decide"):
        assert client.post(url(name, change.pk)).status_code in (404, 405)
    assert client.get(url("baseline_changes")).status_code == 404


# --- the pages that used to move promises ---------------------------------------------------------
def edited(client, **changes) -> dict[str, str]:
    """The edit page's boxes as they stand, with some of them changed."""
    context = client.get(url("commitment_change")).context
    data = {}
    for form in (context["form"], *context["measures"]):
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None or value is False else str(value)
    return data | changes


def test_editing_leads_to_the_request_with_what_was_typed(passport, cast, sign_in):
    client = sign_in(cast.lead)
    key = f"measure-{passport.measures.get().pk}-target"
    response = client.post(
        url("commitment_change"), edited(client, target="2029/30", title="New", **{key: "80"})
    )
    said = text(response)
    assert "It is promised for 31 March 2028, and that is not moved here" in said
    assert "The target of “Passports” is 100 people" in said
    ask = url("baseline_change_ask")
    assert f"{ask}?to={quote('2029/30')}" in said.replace("%2F", "/") or f"{ask}?to=2029/30" in said
    assert f"{ask}?measure={passport.measures.get().pk}&amp;to=80" in said
    passport.refresh_from_db()
    assert (passport.title, passport.moves) == ("Passport", 0)
    assert 'value="2029/30"' in text(client.get(f"{ask}?to=2029/30"))


def test_the_same_day_in_other_words_is_no_move(passport, cast, sign_in):
    client = sign_in(cast.lead)
    assert client.post(
        url("commitment_change"), edited(client, target="March 2028")
    ).status_code == (302)
    passport.refresh_from_db()
    assert (passport.target_text, passport.moves) == ("March 2028", 0)


def test_a_first_date_and_a_draft_are_edited_freely(passport, cast, bodies, sign_in):
    Commitment.objects.update(target_text="", target_date=None, target_precision="none", moves=0)
    client = sign_in(cast.lead)
    assert client.post(url("commitment_change"), edited(client, target="2029")).status_code == 302
    Commitment.objects.update(state="draft", draft_of=bodies.board)
    assert client.post(url("commitment_change"), edited(client, target="2030")).status_code == 302
    passport.refresh_from_db()
    assert passport.target_text == "2030"


def test_a_milestones_page_leads_to_the_request(step, cast, sign_in):
    said = text(sign_in(cast.lead).get(url("milestone_change", step.milestone.pk)))
    assert f"{url('baseline_change_ask')}?milestone={step.milestone.pk}" in said


def test_the_list_and_the_history_say_that_it_moved(passport, ask, decide, second, sign_in):
    decide(ask(Promise(passport), "2028/29", reason="Money came late."), second)
    client = sign_in(second)
    assert "moved 1 time (365 days later)" in text(client.get(reverse("commitments")))
    said = text(client.get(url("commitment_history")))
    assert "Request to move a promise: approved" in said
    assert "Asked to move a promise" in said
    assert "Money came late." in said
    listed = text(client.get(url("baseline_changes")))
    assert "Target date" in listed and "Approved" in listed


def test_a_request_that_was_overtaken_says_so_and_offers_to_ask_again(step, ask, second, sign_in):
    change = ask(step)
    step.milestone.baseline = make.fuzzy("31/10/2027")
    step.milestone.save()
    client = sign_in(second)
    page = text(client.get(url("baseline_change", change.pk)))
    assert "is 31 October 2027 now" in page and "Ask again" in page
    posted = client.post(url("baseline_change_decide", change.pk), {"decision": "approve"})
    assert "is 31 October 2027 now" in text(posted)
    assert "Overtaken" in text(client.get("/"))
