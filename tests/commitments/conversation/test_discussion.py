"""The discussion of a commitment: say, answer, name, resolve, edit, take back."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from commitments.conversation import actions
from commitments.models import Comment, Mention
from organisations.models import Membership, Role, Succession
from tests import factories as make
from tests.conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ADDRESS = "/commitments/LTWP/LTWP-1/discussion/"


@pytest.fixture
def promise(bodies):
    plan = make.plan("LTWP", owner=bodies.board, visibility="internal")
    return make.commitment(plan, bodies.trust, bodies.council, reference="LTWP-1", title="One bank")


@pytest.fixture
def say(promise, cast):
    """`say("words")` writes a comment as our trust's person."""

    def write(text, by=None, **options):
        options = {"commitment": promise, "today": TODAY} | options
        return actions.write(by=by or cast.trust, text=text, **options)

    return write


def text(response) -> str:
    return " ".join(response.content.decode().split())


# --- saying ---------------------------------------------------------------------------------------
def test_a_comment_stands_under_its_writer_and_organisation(sign_in, cast, promise):
    answer = sign_in(cast.trust).post(ADDRESS, {"text": "Two of five have signed."}, follow=True)
    assert "Your comment is there" in text(answer)
    page = text(sign_in(cast.council).get(ADDRESS))
    assert "Two of five have signed." in page
    assert "<strong>Tariq Trust</strong>, Leeds Community Healthcare NHS Trust" in page
    history = text(sign_in(cast.council).get("/commitments/LTWP/LTWP-1/history/"))
    assert "Comment added" in history


def test_what_people_write_is_text_and_links_are_safe(say, sign_in, cast):
    say("<script>alert(1)</script> see https://example.org/a?b=1&c=2 or javascript:alert(1)")
    page = sign_in(cast.council).get(ADDRESS).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    link = '<a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener noreferrer">'
    assert link in page
    assert 'href="javascript' not in page


def test_an_answer_belongs_to_its_thread_also_to_an_answer(say, promise, cast, bodies):
    update = make.update(promise, cast.trust, bodies.trust)
    first = say("About this one", update=update)
    answer = say("Why?", by=cast.council, answers=first)
    third = say("Because.", answers=answer)
    assert (answer.answers, third.answers) == (first, first)
    assert third.update == update


@pytest.mark.parametrize(
    ("words", "problem"), [("  ", "Write something first"), ("x" * 5001, "has 5,001 characters")]
)
def test_what_is_not_a_comment_says_why(sign_in, cast, promise, words, problem):
    answer = sign_in(cast.trust).post(ADDRESS, {"text": words})
    assert problem in text(answer)
    assert not Comment.objects.exists()


def test_a_second_click_says_nothing_twice(say, cast):
    first = say("Agreed.")
    assert say("Agreed.") == first
    other = say("Agreed.", by=cast.council)
    assert other != first
    Comment.objects.filter(pk=first.pk).update(written_at=timezone.now() - timedelta(minutes=2))
    assert say("Agreed.") != first


def test_who_may_not_see_the_commitment_says_and_reads_nothing(say, sign_in, cast):
    mine = say("Between us")
    for person in (cast.viewer, cast.other_lead, cast.nobody):
        client = sign_in(person)
        for name in ("", f"{mine.pk}/reply/", f"{mine.pk}/edit/", "people/?q=Ta"):
            assert client.get(ADDRESS + name).status_code == 404
        for name in ("", f"{mine.pk}/resolve/", f"{mine.pk}/take-back/"):
            assert client.post(ADDRESS + name, {"text": "x"}).status_code == 404
        with pytest.raises(PermissionDenied):
            say("x", by=person)
    assert Comment.objects.count() == 1


def test_a_draft_keeps_its_discussion_to_itself(cast, bodies, sign_in):
    draft = make.commitment(
        make.plan("OPEN"), bodies.trust, bodies.council, reference="OPEN-1", state="draft",
        draft_of=bodies.trust,
    )  # fmt: skip
    address = "/commitments/OPEN/OPEN-1/discussion/"
    assert sign_in(cast.trust).post(address, {"text": "Ours"}).status_code == 302
    assert sign_in(cast.council).get(address).status_code == 404
    with pytest.raises(ValidationError, match="nobody who can be named"):
        actions.write(by=cast.trust, commitment=draft, text="@Cora Council", today=TODAY)


def test_whoever_belongs_nowhere_reads_and_does_not_write(cast, bodies, sign_in):
    open_one = make.commitment(make.plan("OPEN"), bodies.trust, reference="OPEN-1")
    address = "/commitments/OPEN/OPEN-1/discussion/"
    client = sign_in(cast.nobody)
    assert "Say something" not in text(client.get(address))
    assert client.post(address, {"text": "x"}).status_code == 403
    assert client.get(f"{address}people/?q=T").status_code == 403
    assert open_one.comments.count() == 0


# --- naming ---------------------------------------------------------------------------------------
def test_who_is_named_finds_it_at_home_until_they_have_seen_it(say, sign_in, cast):
    say("@Cora Council, can you confirm? Mail a@b.example if not.")
    mention = Mention.objects.get()
    assert mention.person == cast.council
    assert "Tariq Trust named you" in text(sign_in(cast.council).get("/"))
    sign_in(cast.trust).get(ADDRESS)
    mention.refresh_from_db()
    assert mention.seen_at is None
    sign_in(cast.council).get(ADDRESS)
    mention.refresh_from_db()
    assert mention.seen_at is not None
    assert "named you" not in text(sign_in(cast.council).get("/"))


@pytest.mark.parametrize("name", ["Vera Viewer", "Nobody Such"])
def test_a_name_that_may_not_see_it_and_one_that_nobody_has_get_the_same_words(
    sign_in, cast, promise, name
):
    answer = sign_in(cast.trust).post(ADDRESS, {"text": f"Ask @{name} about the count"})
    page = text(answer)
    assert f"“@{name}” is nobody who can be named here" in page
    assert f"Ask @{name} about the count</textarea>" in page  # nothing typed is lost
    assert not Comment.objects.exists()


def test_who_can_be_named(promise, cast, sign_in):
    def names(person):
        page = sign_in(person).get(ADDRESS)
        return {label.split(",")[0] for _, label in page.context["form"].fields["person"].choices}

    named = names(cast.trust) - {"Nobody in particular"}
    assert named == {
        "Lena Lead", "Ada Administrator",  # of the plan's keeper
        "Cora Council", "Rhys Reviewer",  # of the partner
        "Leigh Association",  # reviews it for the sector
    }  # fmt: skip


def test_strangers_to_a_public_promise_may_name_only_who_has_written(promise, cast, sign_in, say):
    promise.plan.visibility = "public"
    promise.plan.save()
    page = sign_in(cast.viewer).get(ADDRESS)
    assert "person" not in page.context["form"].fields
    assert "Cora" not in text(sign_in(cast.viewer).get(f"{ADDRESS}people/?q=Co"))
    say("Hello")
    assert "Tariq Trust" in text(sign_in(cast.viewer).get(f"{ADDRESS}people/?q=ta"))
    say("Thank you, @Tariq Trust", by=cast.viewer)
    say("@Vera Viewer you are welcome")
    with pytest.raises(ValidationError, match="nobody who can be named"):
        say("@Cora Council hello", by=cast.viewer)


def test_names_are_offered_by_any_part_of_them(promise, cast, sign_in):
    found = text(sign_in(cast.trust).get(f"{ADDRESS}people/?q=rev"))
    assert 'data-name="Rhys Reviewer"' in found
    assert "Leeds City Council" in found
    for typed in ("", "%", ".*", "(", "zz", "\\"):
        answer = sign_in(cast.trust).get(f"{ADDRESS}people/", {"q": typed})
        assert "data-name" not in text(answer)


def test_a_name_chosen_from_the_list_stands_in_the_text(sign_in, cast, promise):
    boxes = {"text": "Can you confirm?", "person": cast.council.pk}
    sign_in(cast.trust).post(ADDRESS, boxes)
    assert Comment.objects.get().text == "@Cora Council Can you confirm?"
    assert Mention.objects.get().person == cast.council
    sign_in(cast.trust).post(ADDRESS, {"text": "Not them", "person": cast.viewer.pk})
    assert Comment.objects.count() == 1


def test_two_people_of_one_name_are_told_apart(say, cast, bodies):
    twin = make.person("Cora Council", (Role.VIEWER, bodies.board), email="twin@test.example")
    with pytest.raises(ValidationError, match=r"@Cora Council \(Leeds City Council\)"):
        say("@Cora Council hello")
    say("@Cora Council (NHS West Yorkshire Integrated Care Board) hello")
    assert Mention.objects.get().person == twin


def test_a_longer_name_is_not_taken_for_a_shorter_one(say, cast, bodies):
    longer = make.person("Cora Councillor", (Role.VIEWER, bodies.council))
    say("@Cora Councillor and @Cora Council")
    assert {mention.person for mention in Mention.objects.all()} == {longer, cast.council}


def test_at_most_ten_are_named_at_once(say, bodies):
    people = [make.person(f"Person {sign}", (Role.VIEWER, bodies.board)) for sign in "abcdefghijk"]
    with pytest.raises(ValidationError, match="Name 10 at most"):
        say(" ".join(f"@{person}" for person in people))


def test_naming_oneself_calls_nobody(say):
    say("@Tariq Trust was here")
    assert not Mention.objects.exists()


def test_after_a_merger_the_heirs_people_can_be_named(say, cast, bodies):
    heir = make.organisation("One Council")
    Succession.objects.create(predecessor=bodies.council, successor=heir, on=TODAY, kind="merger")
    bodies.council.closed = TODAY.replace(day=18)
    bodies.council.save()
    new = make.person("Nia New", (Role.CONTRIBUTOR, heir))
    say("@Nia New meet @Cora Council")
    assert {mention.person for mention in Mention.objects.all()} == {new, cast.council}


def test_who_leaves_after_being_named_is_told_nothing_and_stays_in_the_words(
    say, cast, sign_in, bodies
):
    comment = say("@Cora Council, can you confirm?")
    Membership.objects.filter(user=cast.council).update(ended_at=timezone.now())
    assert "named you" not in text(sign_in(cast.council).get("/"))
    assert "@Cora Council, can you" in text(sign_in(cast.trust).get(ADDRESS))
    # Their name stays when other words change, and cannot be written anew.
    actions.edit(
        by=cast.trust, comment=comment, text="@Cora Council, could you confirm?", seen=None,
        today=TODAY,
    )  # fmt: skip
    assert Mention.objects.filter(person=cast.council).count() == 1
    with pytest.raises(ValidationError, match="nobody who can be named"):
        say("@Cora Council once more")


# --- resolving ------------------------------------------------------------------------------------
def test_a_thread_is_resolved_and_opened_again(say, sign_in, cast):
    first = say("Who signs?")
    sign_in(cast.council).post(f"{ADDRESS}{first.pk}/resolve/")
    first.refresh_from_db()
    assert first.resolved_by == cast.council
    assert "Resolved: Who signs?" in text(sign_in(cast.trust).get(ADDRESS))
    sign_in(cast.trust).post(f"{ADDRESS}{first.pk}/resolve/")  # comes second
    first.refresh_from_db()
    assert first.resolved_by == cast.council
    sign_in(cast.trust).post(f"{ADDRESS}{first.pk}/reopen/")
    first.refresh_from_db()
    assert (first.resolved_at, first.resolved_by) == (None, None)


def test_an_answer_opens_a_resolved_thread(say, cast):
    first = say("Who signs?")
    actions.resolve(by=cast.trust, comment=first, today=TODAY)
    say("We do.", by=cast.council, answers=first)
    first.refresh_from_db()
    assert first.resolved_at is None


def test_who_may_resolve(say, cast):
    first = say("Who signs?")
    for person in (cast.region, cast.administrator, cast.national):
        with pytest.raises(PermissionDenied):
            actions.resolve(by=person, comment=first, today=TODAY)
    for person in (cast.lead, cast.council, cast.council_reviewer, cast.lga, cast.trust):
        actions.reopen(by=cast.trust, comment=first, today=TODAY)
        assert actions.resolve(by=person, comment=first, today=TODAY).resolved_by == person


# --- editing and taking back ----------------------------------------------------------------------
def test_an_edit_shows_and_the_history_keeps_the_earlier_words(say, sign_in, cast):
    first = say("Three have signed")
    make.time_passes(Comment)
    sign_in(cast.trust).post(f"{ADDRESS}{first.pk}/edit/", {"text": "Two have signed", "seen": ""})
    page = text(sign_in(cast.council).get(ADDRESS))
    assert "Two have signed" in page
    assert "Three have signed" not in page
    assert ">edited<" in page
    history = text(sign_in(cast.council).get("/commitments/LTWP/LTWP-1/history/"))
    assert "Comment changed" in history
    assert "Three have signed" in history


def test_two_windows_on_one_comment_lose_nothing(say, sign_in, cast):
    first = say("Three have signed")
    client, address = sign_in(cast.trust), f"{ADDRESS}{first.pk}/edit/"
    with time_machine.travel(f"{TODAY} 11:00 +0000", tick=False):
        client.post(address, {"text": "Two have signed", "seen": ""})
    answer = client.post(address, {"text": "Four have signed", "seen": ""})
    page = text(answer)
    assert "This comment was changed 19 November 2026, 11:00am, after you opened it" in page
    assert "Two have signed" in page
    assert "Four have signed</textarea>" in page
    first.refresh_from_db()
    assert first.text == "Two have signed"
    # Saving again, with both in view, is a choice.
    seen = answer.context["form"]["seen"].value()
    client.post(address, {"text": "Four have signed", "seen": seen})
    first.refresh_from_db()
    assert first.text == "Four have signed"


def test_a_thread_resolved_meanwhile_stops_no_edit(say, cast):
    first = say("Three have signed")
    actions.resolve(by=cast.council, comment=first, today=TODAY)
    edited = actions.edit(by=cast.trust, comment=first, text="Two", seen=None, today=TODAY)
    assert edited.text == "Two"


def test_only_its_author_changes_a_comment(say, sign_in, cast):
    first = say("Mine")
    for person in (cast.council, cast.lead, cast.platform):
        client = sign_in(person)
        assert client.get(f"{ADDRESS}{first.pk}/edit/").status_code == 403
        assert client.post(f"{ADDRESS}{first.pk}/edit/", {"text": "x"}).status_code == 403
        assert client.post(f"{ADDRESS}{first.pk}/take-back/").status_code == 403
    first.refresh_from_db()
    assert first.text == "Mine"


def test_what_is_taken_back_keeps_its_place(say, sign_in, cast):
    first = say("@Cora Council too early")
    say("Understood", by=cast.council, answers=first)
    client = sign_in(cast.trust)
    client.post(f"{ADDRESS}{first.pk}/take-back/")
    client.post(f"{ADDRESS}{first.pk}/take-back/")  # a second click
    page = text(client.get(ADDRESS))
    assert "too early" not in page
    assert "Taken back by its author" in page
    assert "Understood" in page
    assert "named you" not in text(sign_in(cast.council).get("/"))
    assert client.get(f"{ADDRESS}{first.pk}/edit/").status_code == 403


def test_a_new_name_in_an_edit_is_told_and_one_left_out_is_not(say, cast):
    first = say("@Cora Council")
    actions.edit(by=cast.trust, comment=first, text="@Lena Lead", seen=None, today=TODAY)
    assert [mention.person for mention in first.mentioned.all()] == [cast.lead]


def test_a_comment_of_one_commitment_is_not_found_under_another(say, cast, bodies, sign_in):
    first = say("Mine")
    make.commitment(make.plan("OPEN"), bodies.trust, reference="OPEN-1")
    address = f"/commitments/OPEN/OPEN-1/discussion/{first.pk}/edit/"
    assert sign_in(cast.trust).get(address).status_code == 404
    other = make.commitment(make.plan("MORE"), bodies.trust)
    with pytest.raises(PermissionDenied):
        say("x", commitment=other, answers=first)


def test_a_link_to_a_comment_finds_its_page(say, sign_in, cast):
    first = say("The first of many")
    for number in range(25):
        say(f"Remark {number}")
    page = sign_in(cast.trust).get(f"{ADDRESS}?comment={first.pk}")
    assert "The first of many" in text(page)
    assert page.context["page"].number == 2
    for odd in ("0", "x", "9" * 30):
        assert sign_in(cast.trust).get(f"{ADDRESS}?comment={odd}").status_code == 200
