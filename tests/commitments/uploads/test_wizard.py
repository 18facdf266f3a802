"""The steps of the wizard: columns, names, rows without a reference, what the file leaves out."""

import re
from html import unescape
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from commitments.models import KnownLayout, KnownName, Plan, Upload
from tests import factories
from tests.commitments.uploads.sending import csv_file, page, post, send
from tests.conftest import Bodies, Cast

# No name or synonym of ours: what is below has to tell.
ODD = (
    "Our number;What we shall do;Finished by then",
    "JFP-001;One contract for all;2029/30",
    "JFP-002;More nurses on every ward;2031/32",
)


@pytest.fixture
def client(sign_in, cast: Cast):
    """Our programme lead, signed in."""
    return sign_in(cast.lead)


# --- columns --------------------------------------------------------------------------------------
def test_columns_that_are_not_certain_are_asked_about_and_remembered(
    client, our_plan: Plan, bodies: Bodies
) -> None:
    upload = send(client, our_plan, csv_file(*ODD))
    assert upload.state == Upload.State.COLUMNS
    shown = page(client, "upload", upload)
    assert "What the columns hold" in shown and "More nurses on every ward" in shown

    said = {"s0_A": "reference", "s0_B": "title", "s0_C": "target_date"}
    assert "Ready to apply: 1 new, 1 changed" in post(client, "upload_columns", upload, said)
    assert KnownLayout.objects.get().organisation == bodies.board

    # Next quarter's file with the same headings needs no clicks.
    again = send(client, our_plan, csv_file(ODD[0], "JFP-001;One contract for all;2030/31"))
    assert again.state == Upload.State.CHECKED
    assert again.counts["changed"] == 1


def test_a_layout_is_remembered_for_its_organisation_only(
    client, sign_in, cast: Cast, our_plan: Plan, bodies: Bodies
) -> None:
    upload = send(client, our_plan, csv_file(*ODD))
    said = {"s0_A": "reference", "s0_B": "title", "s0_C": "target_date"}
    post(client, "upload_columns", upload, said)
    theirs = factories.plan("HNY", owner=bodies.other_board)
    other = send(sign_in(cast.other_lead), theirs, csv_file(*ODD))
    assert other.state == Upload.State.COLUMNS


def test_columns_that_do_not_make_sense_are_said_in_words(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file(*ODD))
    said = {"s0_A": "title", "s0_B": "title", "s0_C": ""}
    assert "are both &quot;Commitment&quot;" in post(client, "upload_columns", upload, said)
    assert upload.state == Upload.State.COLUMNS


def test_columns_can_be_changed_after_the_check(client, our_plan: Plan) -> None:
    head = "Reference,Commitment,Description"
    upload = send(client, our_plan, csv_file(head, "JFP-002,Short,A longer title of it"))
    assert upload.state == Upload.State.CHECKED
    assert reverse("upload_columns", args=[upload.pk]) in page(client, "upload", upload)
    post(client, "upload_columns", upload, {"s0_A": "reference", "s0_B": "", "s0_C": "title"})
    post(client, "upload_apply", upload, {"accepted": "on"})
    assert our_plan.commitments.get(reference="JFP-002").title == "A longer title of it"


# --- names ----------------------------------------------------------------------------------------
LED = "Reference,Commitment,Lead organisation"


def test_a_name_that_is_not_known_is_chosen_once_and_remembered(
    client, our_plan: Plan, bodies: Bodies
) -> None:
    rows = ["JFP-002,More nurses,Leeds City Councl", "JFP-003,More doctors,Leeds City Councl"]
    upload = send(client, our_plan, csv_file(LED, *rows))
    assert upload.state == Upload.State.PEOPLE
    shown = page(client, "upload", upload)
    assert "1 name to look at" in shown and "Leeds City Council (E08000035)" in shown
    assert "and 1 more row" in shown

    assert "Ready to apply: 2 new" in post(client, "upload_names", upload, {"n0": "E08000035"})
    post(client, "upload_apply", upload, {"accepted": "on"})
    party = our_plan.commitments.get(reference="JFP-002").parties.get()
    assert party.organisation == bodies.council
    assert KnownName.objects.get().organisation == bodies.board

    again = send(client, our_plan, csv_file(LED, "JFP-004,More beds,leeds city councl"))
    assert again.state == Upload.State.CHECKED
    assert again.counts["to_confirm"] == 0


def test_a_name_that_is_kept_as_text_is_not_asked_about_again(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file(LED, "JFP-002,More nurses,The Wellbeing Gang"))
    post(client, "upload_names", upload, {"n0": "text"})
    assert upload.state == Upload.State.CHECKED
    again = send(client, our_plan, csv_file(LED, "JFP-003,More beds,The Wellbeing Gang"))
    assert again.state == Upload.State.CHECKED
    assert again.counts["to_confirm"] == 0
    assert "Kept as text: The Wellbeing Gang." in page(client, "upload", again)


def test_a_name_can_be_given_another_organisation_by_name(
    client, our_plan: Plan, bodies: Bodies
) -> None:
    upload = send(client, our_plan, csv_file(LED, "JFP-002,More nurses,The Wellbeing Gang"))
    said = {"n0": "other", "n0_other": "Nobody at all"}
    assert "“Nobody at all” is not in the register." in post(client, "upload_names", upload, said)
    post(client, "upload_names", upload, said | {"n0_other": "City of York Council"})
    post(client, "upload_apply", upload, {"accepted": "on"})
    party = our_plan.commitments.get(reference="JFP-002").parties.get()
    assert party.organisation == bodies.other_council


def test_names_left_alone_are_kept_as_text_this_time(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file(LED, "JFP-002,More nurses,Leeds City Councl"))
    post(client, "upload_names", upload)
    assert upload.state == Upload.State.CHECKED
    # Whoever comes back to the names for another one has still said nothing of this one.
    assert "checked" not in page(client, "upload_names", upload)
    assert not KnownName.objects.exists()


def test_a_remembered_name_stays_answered_when_the_names_are_sent_again(
    client, our_plan: Plan, bodies: Bodies
) -> None:
    row = "JFP-002,More nurses,Leeds City Councl"
    post(client, "upload_names", send(client, our_plan, csv_file(LED, row)), {"n0": "E08000035"})
    again = send(client, our_plan, csv_file(LED, "JFP-003,More beds,leeds city councl"))
    assert '"leeds city councl" is Leeds City Council' in unescape(page(client, "upload", again))
    shown = page(client, "upload_names", again)
    assert re.search(r'value="E08000035"[^>]* checked', shown)
    # The box that held another answer may still hold it when one is chosen from the list.
    post(client, "upload_names", again, {"n0": "other", "n0_other": "City of York Council"})
    shown = page(client, "upload_names", again)
    assert f'value="{bodies.other_council.code}"' in shown
    typed = {"n0": "E08000035", "n0_other": bodies.other_council.code}
    assert "is Leeds City Council" in post(client, "upload_names", again, typed)
    # What was remembered wrongly is put right, for this file and the next.
    post(client, "upload_names", again, {"n0": "other", "n0_other": "City of York Council"})
    post(client, "upload_apply", again, {"accepted": "on"})
    party = our_plan.commitments.get(reference="JFP-003").parties.get()
    assert party.organisation == bodies.other_council
    mended = send(client, our_plan, csv_file(LED, "JFP-003,More beds,leeds city councl"))
    assert mended.counts["unchanged"] == 1


def test_a_name_that_was_taken_for_another_body_can_be_put_right_by_a_file(
    client, our_plan: Plan, bodies: Bodies
) -> None:
    row = "JFP-002,More nurses,Leeds City Councl"
    first = send(client, our_plan, csv_file(LED, row))
    post(client, "upload_names", first, {"n0": "other", "n0_other": "City of York Council"})
    post(client, "upload_apply", first, {"accepted": "on"})
    second = send(client, our_plan, csv_file(LED, row))
    post(client, "upload_names", second, {"n0": "E08000035"})
    assert second.counts["changed"] == 1
    post(client, "upload_apply", second, {"accepted": "on"})
    party = our_plan.commitments.get(reference="JFP-002").parties.get()
    assert party.organisation == bodies.council


def test_one_name_can_mean_several_organisations(client, our_plan: Plan, bodies: Bodies) -> None:
    row = "JFP-002,More nurses,NHS England,Leeds & the WY board"
    file = csv_file(f"{LED},Partners", row)
    upload = send(client, our_plan, file)
    said = {"n0": "other", "n0_other": "Leeds City Council; nobody at all"}
    assert "“nobody at all” is not in the register." in post(client, "upload_names", upload, said)
    shown = post(client, "upload_names", upload, said | {"n0_other": "Leeds City Council; QWO"})
    assert "Ready to apply: 1 new" in shown
    kept = page(client, "upload_names", upload)
    assert "1 name to look at" in kept and 'value="E08000035; QWO"' in kept
    post(client, "upload_apply", upload, {"accepted": "on"})
    parties = our_plan.commitments.get(reference="JFP-002").parties.filter(role="partner")
    assert {party.organisation for party in parties} == {bodies.council, bodies.board}
    assert {party.name for party in parties} == {bodies.council.name, bodies.board.name}
    # An alias is of one body: it is asked about again.
    file.seek(0)
    assert send(client, our_plan, file).state == Upload.State.PEOPLE


def test_a_kind_of_body_is_not_asked_about(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file(LED, "JFP-002,More nurses,NHS trusts"))
    assert upload.state == Upload.State.CHECKED


# --- probably the same ----------------------------------------------------------------------------
def test_a_row_that_is_probably_the_same_waits_for_an_answer(client, our_plan: Plan) -> None:
    head = "Commitment,By when"
    upload = send(client, our_plan, csv_file(head, "One contract for all,2030/31"))
    shown = page(client, "upload", upload)
    assert "probably the same as JFP-001, One contract for all (same title)" in shown
    assert "Nothing was applied" in post(client, "upload_apply", upload, {"accepted": "on"})
    assert our_plan.commitments.get().target.text == "2028/29"

    assert "1 changed" in post(client, "upload_same", upload, {"same-!2": "JFP-001"})
    assert "Applied: 1 changed" in post(client, "upload_apply", upload, {"accepted": "on"})
    assert our_plan.commitments.get().target.text == "2030/31"


def test_a_row_that_is_said_to_be_new_is_added(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file("Commitment,By when", "One contract for all,2030/31"))
    post(client, "upload_same", upload, {"same-!2": "new"})
    post(client, "upload_apply", upload, {"accepted": "on"})
    assert sorted(our_plan.commitments.values_list("reference", "target_text")) == [
        ("JFP-001", "2028/29"), ("JFP-002", "2030/31"),
    ]  # fmt: skip


def test_many_rows_can_be_answered_at_once(client, our_plan: Plan) -> None:
    factories.commitment(our_plan, reference="JFP-002", title="A new hospital in the north")
    rows = ["One contract for all,2030/31", "A new hospital in the North,2031/32"]
    upload = send(client, our_plan, csv_file("Commitment,By when", *rows))
    assert upload.counts["to_answer"] == 2
    assert "2 changed" in post(client, "upload_same", upload, {"all": "same"})


def test_an_answer_that_was_not_offered_is_no_answer(client, our_plan: Plan) -> None:
    factories.commitment(our_plan, reference="JFP-009", title="Something else altogether")
    upload = send(client, our_plan, csv_file("Commitment,By when", "One contract for all,2030/31"))
    shown = post(client, "upload_same", upload, {"same-!2": "JFP-009"})
    assert "Choose an answer for at least one of the rows" in shown


# --- what the file leaves out ---------------------------------------------------------------------
def test_what_the_file_leaves_out_is_kept_unless_it_is_ticked(client, our_plan: Plan) -> None:
    factories.commitment(our_plan, reference="JFP-002", title="Left out")
    upload = send(client, our_plan, csv_file("Reference,By when", "JFP-001,2030/31"))
    assert "Left out" in page(client, "upload", upload, show="missing")
    ticked = {"withdraw": "JFP-002", "on_page": "JFP-002"}
    assert "Say why these are withdrawn" in post(client, "upload_withdraw", upload, ticked)
    ticked |= {"reason": "The board dropped it"}
    assert "because: The board dropped it" in post(client, "upload_withdraw", upload, ticked)
    post(client, "upload_apply", upload, {"accepted": "on"})
    assert our_plan.commitments.get(reference="JFP-002").state == "withdrawn"
    history = client.get("/commitments/JFP/JFP-002/history/").content.decode()
    assert "from a spreadsheet, because: The board dropped it" in history


def test_what_was_ticked_can_be_kept_after_all(client, our_plan: Plan) -> None:
    factories.commitment(our_plan, reference="JFP-002", title="Left out")
    upload = send(client, our_plan, csv_file("Reference,By when", "JFP-001,2030/31"))
    ticked = {"withdraw": "JFP-002", "on_page": "JFP-002", "reason": "Dropped"}
    post(client, "upload_withdraw", upload, ticked)
    post(client, "upload_withdraw", upload, {"on_page": "JFP-002"})
    post(client, "upload_apply", upload, {"accepted": "on"})
    assert our_plan.commitments.get(reference="JFP-002").state == "active"


# --- ratings --------------------------------------------------------------------------------------
def test_the_check_says_which_ratings_change(client, our_plan: Plan) -> None:
    promise = our_plan.commitments.get()
    factories.milestone(promise, "Agreed", "2026-12-31")
    upload = send(client, our_plan, csv_file(
        "Reference,Milestone 1,Milestone 1 date", "JFP-001,Agreed,31/05/2031"
    ))  # fmt: skip
    shown = page(client, "upload", upload, show="ratings")
    assert "1 commitment changes rating" in shown
    [kept] = upload.changes.filter(kind="ratings")
    assert kept.rows == [
        {"reference": "JFP-001", "title": "One contract for all", "before": "green", "after": "red"}
    ]
    assert promise.milestones.get().forecast.text == ""


def test_ratings_that_were_kept_before_there_were_pages_of_them_are_still_shown(
    client, our_plan: Plan
) -> None:
    factories.milestone(our_plan.commitments.get(), "Agreed", "2026-12-31")
    upload = send(client, our_plan, csv_file(
        "Reference,Milestone 1,Milestone 1 date", "JFP-001,Agreed,31/05/2031"
    ))  # fmt: skip
    # As it was kept then.
    [kept] = upload.changes.filter(kind="ratings")
    upload.result["effects"] = kept.rows
    kept.delete()
    upload.counts.pop("ratings")
    upload.save()
    import_module("commitments.migrations.0008_ratings_in_pages").show_in_pages(apps, None)
    shown = page(client, "upload", upload, show="ratings")
    assert "1 commitment changes rating" in shown
    assert "One contract for all" in shown
