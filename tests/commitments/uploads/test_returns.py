"""The round trip: a workbook taken away, filled in, sent back, perhaps after others wrote."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from commitments.models import (
    Commitment,
    Figure,
    Milestone,
    Party,
    Plan,
    ProgressUpdate,
    Round,
    Upload,
)
from commitments.register.actions import change_commitment, change_milestone, record_figure
from commitments.uploads import jobs
from organisations.models import User
from tests import factories as make
from tests.conftest import TODAY, Bodies, Cast
from workforce_tracker import clock
from workforce_tracker.celery import app

Fill = Callable[[Any], None]


@pytest.fixture
def promise(bodies: Bodies, settings: Any, tmp_path: Path, today: Any) -> Commitment:
    """A promise of our trust in an internal plan of our board, with a step and a measure."""
    settings.MEDIA_ROOT = tmp_path / "media"
    plan = make.plan("LTWP", owner=bodies.board, visibility=Plan.Visibility.INTERNAL)
    make.pillar(plan, "Train")
    made = make.commitment(
        plan, bodies.trust, reference="LTWP-001", title="More places", target="2031/32"
    )
    make.milestone(made, "Plan agreed", baseline="30/11/2026")
    make.measure(made, name="Places", unit="places a year")
    return Commitment.objects.get(pk=made.pk)


@pytest.fixture
def round_(promise: Commitment) -> Round:
    """A round of its plan, open now."""
    return make.round_(promise.plan, TODAY - timedelta(days=9), TODAY + timedelta(days=15))


def taken(client: Client, *fills: tuple[str, dict[str, Any]]) -> bytes:
    """The exported workbook with cells filled in: (sheet, {heading: value}) for its first row."""
    answer = client.get(reverse("commitments_export", args=["xlsx"]))
    return filled(answer.content, *fills)


def filled(content: bytes, *fills: tuple[str, dict[str, Any]]) -> bytes:
    """A workbook with cells of the first row of its sheets filled in."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name, values in fills:
        places = {cell.value: cell.column for cell in book[name][1]}
        for heading, value in values.items():
            book[name].cell(2, places[heading]).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def send_back(client: Client, content: bytes, name: str = "back.xlsx") -> Upload:
    """Bring a workbook and look at what it does."""
    file = SimpleUploadedFile(name, content)
    answer = client.post(reverse("return_add"), {"file": file})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert client.get(answer.url).status_code == 200
    return Upload.objects.get(kind="return")


def told(upload: Upload) -> list[dict[str, Any]]:
    """What sending does, commitment by commitment."""
    pages = upload.changes.filter(kind="told").order_by("number").values_list("rows", flat=True)
    return [each for rows in pages for each in rows]


SAYS = {
    "Your rating": "Green", "How sure are you": "High", "How it is going": "On course.",
}  # fmt: skip


def test_progress_milestones_and_figures_come_back_and_count_after_sending(
    promise: Commitment, cast: Cast, bodies: Bodies, sign_in: Any
) -> None:
    client = sign_in(cast.trust)
    content = taken(
        client,
        ("Commitments", SAYS),
        ("Milestones", {"Now expected": date(2026, 12, 15), "Note": "Waiting for a signature"}),
        ("Figures", {"New figure": 40, "For when": "October 2026"}),
    )
    upload = send_back(client, content)
    assert (upload.state, upload.counts["updates"], upload.counts["milestones"]) == ("faulty", 0, 1)
    # A forecast after the promised date is amber by the evidence, so green needs a reason.
    assert "Say why they differ" in upload.result["errors"][0]["message"]
    assert not ProgressUpdate.objects.exists()
    upload.delete()

    says = SAYS | {"Why your rating differs": "Only a signature is late."}
    content = taken(
        client,
        ("Commitments", says),
        ("Milestones", {"Now expected": date(2026, 12, 15), "Note": "Waiting for a signature"}),
        ("Figures", {"New figure": 40, "For when": "October 2026"}),
    )
    upload = send_back(client, content)
    assert upload.state == "checked", upload.result
    assert not ProgressUpdate.objects.exists() and not Figure.objects.exists()
    client.post(reverse("return_send", args=[upload.pk]))
    update = ProgressUpdate.objects.get()
    assert (update.rating, update.organisation, update.author) == (
        "green", bodies.trust, cast.trust
    )  # fmt: skip
    step = Milestone.objects.get()
    assert (step.forecast.last_day, step.note) == (date(2026, 12, 15), "Waiting for a signature")
    assert step.baseline.text == "30/11/2026"
    assert Figure.objects.get().value == 40
    assert Upload.objects.get().state == "applied"

    # Pressed twice, and the same file a second time: nothing more.
    client.post(reverse("return_send", args=[upload.pk]))
    Upload.objects.all().delete()
    again = send_back(client, content)
    assert again.state == "checked" and not told(again) and not again.result["clashes"]


def test_a_workbook_sent_back_as_it_was_changes_nothing(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    for person in (cast.trust, cast.lead):
        upload = send_back(sign_in(person), taken(sign_in(person)))
        assert upload.result == {"clashes": [], "errors": [], "notes": []} and not told(upload)
        upload.delete()


@pytest.mark.parametrize("form", ["csv", "ods"])
def test_the_other_formats_come_back_too(
    promise: Commitment, cast: Cast, sign_in: Any, form: str
) -> None:
    client = sign_in(cast.lead)
    answer = client.get(reverse("commitments_export", args=[form]))
    content = b"".join(answer) if answer.streaming else answer.content
    if form == "csv":
        content = content.replace(b"More places", b"Many more places")
        upload = send_back(client, content, "back.csv")
        client.post(reverse("return_send", args=[upload.pk]))
        promise.refresh_from_db()
        assert promise.title == "Many more places"
    else:
        assert told(send_back(client, content, "back.ods")) == []


def test_what_somebody_else_changed_meanwhile_is_merged_where_it_is_something_else(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.lead)
    content = taken(client, ("Commitments", {"Description": "In words of mine"}))
    change(promise, cast.platform, title="Many more places")
    upload = send_back(client, content)
    assert [each["changes"] for each in told(upload)] == [[["Description", "", "In words of mine"]]]
    client.post(reverse("return_send", args=[upload.pk]))
    promise.refresh_from_db()
    assert (promise.title, promise.description) == ("Many more places", "In words of mine")


@pytest.mark.parametrize("choice", ["mine", "theirs", "exported"])
def test_the_same_cell_changed_by_two_shows_three_values_to_choose_from(
    promise: Commitment, cast: Cast, sign_in: Any, choice: str
) -> None:
    client = sign_in(cast.lead)
    content = taken(
        client,
        ("Commitments", {"Commitment": "Places for all", "Source": "Page 3"}),
        ("Milestones", {"Now expected": "March 2027"}),
    )
    change(promise, cast.platform, title="Many more places")
    step = promise.milestones.get()
    change_milestone(
        by=cast.trust, milestone=step, base_version=step.version,
        changes={"forecast": make.fuzzy("January 2027")}, today=TODAY,
    )  # fmt: skip
    upload = send_back(client, content)
    fields = {clash["key"]: clash["fields"] for clash in upload.result["clashes"]}
    assert fields[f"commitment-{promise.pk}"] == [
        {"name": "title", "label": "Title", "exported": "More places",
         "theirs": "Many more places", "yours": "Places for all"}
    ]  # fmt: skip
    (when,) = fields[f"milestone-{step.pk}"]
    assert (when["exported"], when["theirs"], when["yours"]) == ("", "January 2027", "March 2027")

    # Without a choice nothing goes out, and the page says so.
    answer = client.post(reverse("return_send", args=[upload.pk]))
    assert answer.status_code == 200 and b"Choose which to keep" in answer.content
    promise.refresh_from_db()
    assert promise.source == ""

    chosen = {f"commitment-{promise.pk}-title": choice, f"milestone-{step.pk}-forecast": choice}
    assert client.post(reverse("return_send", args=[upload.pk]), chosen).status_code == 302
    promise.refresh_from_db()
    step.refresh_from_db()
    expected = {
        "mine": ("Places for all", "March 2027"),
        "theirs": ("Many more places", "January 2027"),
        "exported": ("More places", ""),
    }
    assert (promise.title, step.forecast.text) == expected[choice]
    assert promise.source == "Page 3"


def test_a_third_change_after_choosing_asks_again(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.lead)
    content = taken(client, ("Commitments", {"Commitment": "Places for all"}))
    change(promise, cast.platform, title="Many more places")
    upload = send_back(client, content)
    change(promise, cast.platform, title="Even more places")
    answer = client.post(
        reverse("return_send", args=[upload.pk]),
        {f"commitment-{promise.pk}-title": "mine"},
        follow=True,
    )
    assert b"Even more places" in answer.content and b"Nothing was sent" in answer.content
    promise.refresh_from_db()
    assert promise.title == "Even more places"


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_an_update_that_a_colleague_gave_meanwhile_is_held_beside_yours(
    promise: Commitment, cast: Cast, bodies: Bodies, sign_in: Any, choice: str
) -> None:
    colleague = make.person("Colleen Colleague", ("contributor", bodies.trust))
    client = sign_in(cast.trust)
    content = taken(client, ("Commitments", SAYS))
    make.update(promise, colleague, bodies.trust, narrative="Nearly there.", confidence="high")
    upload = send_back(client, content)
    (clash,) = upload.result["clashes"]
    assert clash["by"] == "Colleen Colleague"
    assert [(f["name"], f["exported"], f["theirs"], f["yours"]) for f in clash["fields"]] == [
        ("narrative", "", "Nearly there.", "On course.")
    ]
    client.post(
        reverse("return_send", args=[upload.pk]), {f"update-{promise.pk}-narrative": choice}
    )
    said = list(promise.updates.order_by("pk").values_list("narrative", flat=True))
    assert said == ["Nearly there.", *(["On course."] if choice == "mine" else [])]


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_a_figure_that_stands_since_is_not_overwritten_without_asking(
    promise: Commitment, cast: Cast, bodies: Bodies, sign_in: Any, choice: str
) -> None:
    colleague = make.person("Colleen Colleague", ("contributor", bodies.trust))
    client = sign_in(cast.trust)
    content = taken(client, ("Figures", {"New figure": 40, "For when": "October 2026"}))
    record_figure(
        by=colleague, measure=promise.measures.get(), kind="actual", value=38,
        period=make.fuzzy("October 2026"), source="", today=TODAY,
    )  # fmt: skip
    upload = send_back(client, content)
    (clash,) = upload.result["clashes"]
    assert [(f["exported"], f["theirs"], f["yours"]) for f in clash["fields"]] == [("", "38", "40")]
    back = {f"{clash['key']}-value": "exported"}
    assert b"Choose which" in client.post(reverse("return_send", args=[upload.pk]), back).content
    client.post(reverse("return_send", args=[upload.pk]), {f"{clash['key']}-value": choice})
    assert Figure.objects.get().value == (40 if choice == "mine" else 38)


def test_a_row_sorted_elsewhere_still_finds_its_commitment(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    make.commitment(promise.plan, "NHS trusts", reference="LTWP-002", title="Another")
    client = sign_in(cast.lead)
    book = openpyxl.load_workbook(io.BytesIO(taken(client)))
    sheet = book["Commitments"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), 4):
        for place, value in enumerate(row, 1):
            sheet.cell(number, place).value = value if place != 3 else f"{value}, renamed"
    sheet.delete_rows(2, 2)
    stream = io.BytesIO()
    book.save(stream)
    upload = send_back(client, stream.getvalue())
    client.post(reverse("return_send", args=[upload.pk]))
    names = Commitment.objects.order_by("reference").values_list("title", flat=True)
    assert list(names) == ["More places, renamed", "Another, renamed"]


@pytest.mark.parametrize(
    ("sheet", "values", "said"),
    [
        ("Commitments", {"Your rating": "Great"}, "Use Complete, Green, Amber or Red"),
        ("Commitments", {"Your rating": "Red"}, "An update needs a rating"),
        ("Commitments", {"Commitment": "Mine now"}, "not yours to change: “Commitment”"),
        ("Commitments", SAYS | {"How it is going": "=A1"}, "This formula was never worked out"),
        ("Milestones", {"Reached on": "2026/27"}, "is not one day"),
        ("Milestones", {"Reached on": "31/12/2026"}, "still to come"),
        ("Milestones", {"Now expected": "31/02/2027"}, "is not a date"),
        ("Figures", {"New figure": "many", "For when": "2026"}, "is not one number"),
        ("Figures", {"New figure": "5"}, "say when the figure is for"),
        ("Figures", {"For when": "October 2026"}, "give the figure"),
        ("Milestones", {"Row version": "99", "Note": "x"}, "not one that was exported here"),
        ("Milestones", {"Row key": "1", "Note": "x"}, "not one that was exported here"),
        ("Commitments", {"Reference": "XX-1", **SAYS}, "not one that was exported here"),
    ],
)
def test_what_is_wrong_is_said_with_its_sheet_row_and_column_and_nothing_is_sent(
    promise: Commitment, cast: Cast, sign_in: Any, sheet: str, values: dict[str, Any], said: str
) -> None:
    client = sign_in(cast.trust)
    upload = send_back(client, taken(client, (sheet, values)))
    assert upload.state == "faulty"
    messages = [error["message"] for error in upload.result["errors"]]
    assert any(said in message for message in messages), messages
    assert all(message.startswith(f"{sheet}, row 2") for message in messages)
    client.post(reverse("return_send", args=[upload.pk]))
    assert Upload.objects.get().state == "faulty"
    assert not ProgressUpdate.objects.exists()


def test_what_only_follows_from_a_cell_that_cannot_be_read_is_not_said(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.trust)
    content = taken(client, ("Commitments", SAYS | {"How it is going": "#REF!"}))
    messages = [error["message"] for error in send_back(client, content).result["errors"]]
    assert [message for message in messages if "How it is going" in message] == [
        "Commitments, row 2, “How it is going”: #REF! is the error of a formula. "
        "Type the value itself."
    ]


def test_a_return_with_problems_comes_marked_and_mended_it_goes_in(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.trust)
    upload = send_back(client, taken(client, ("Milestones", {"Now expected": "31/02/2027"})))
    assert reverse("return_marked", args=[upload.pk]) in client.get(
        reverse("return_page", args=[upload.pk])
    ).content.decode()  # fmt: skip
    marked = client.get(reverse("return_marked", args=[upload.pk]))
    assert "back - problems marked.xlsx" in marked["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(marked.content))["Milestones"]
    assert sheet["G2"].fill.fgColor.rgb == "00FFEB9C"
    assert "is not a date" in sheet.cell(2, sheet.max_column).value
    upload.delete()
    mended = filled(marked.content, ("Milestones", {"Now expected": "28/02/2027"}))
    upload = send_back(client, mended)
    client.post(reverse("return_send", args=[upload.pk]))
    assert Milestone.objects.get().forecast.last_day == date(2027, 2, 28)
    # There is nothing to mark any more.
    answer = client.get(reverse("return_marked", args=[upload.pk]))
    assert answer.url == reverse("return_page", args=[upload.pk])


def test_what_is_written_into_locked_cells_is_not_read_and_that_is_said(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    Party.objects.create(commitment=promise, role="partner", name="NHS trusts")
    client = sign_in(cast.trust)
    # Said in other words, or as a spreadsheet program writes it, it is what it was.
    as_it_was = {"By when": "FY 2031/32", "State": "active"}
    upload = send_back(client, taken(client, ("Commitments", as_it_was)))
    assert upload.result["notes"] == []
    upload.delete()
    wrong = {"By when": "2032/33", "State": "Withdrawn", "Last rating": "Green",
             "Partner organisations": "Nobody"}  # fmt: skip
    content = taken(client, ("Commitments", wrong), ("Milestones", {"First promised for": "2030"}))
    upload = send_back(client, content)
    shown = client.get(reverse("return_page", args=[upload.pk])).content.decode()
    assert "says nothing new" in shown
    for where in (
        "Commitments, “By when”", "Commitments, “State”", "Commitments, “Last rating”",
        "Commitments, “Partner organisations”", "Milestones, “First promised for”",
    ):  # fmt: skip
        assert f"{where}, row 2: changed in the file, but not read." in shown


def test_an_emptied_cell_is_left_and_one_that_says_so_is_emptied(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    Commitment.objects.update(description="Long", source="Page 1")
    client = sign_in(cast.lead)
    upload = send_back(
        client, taken(client, ("Commitments", {"Description": None, "Source": "(empty)"}))
    )
    client.post(reverse("return_send", args=[upload.pk]))
    promise.refresh_from_db()
    assert (promise.description, promise.source) == ("Long", "")


def test_a_heading_must_be_one_of_the_plan(promise: Commitment, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.lead)
    upload = send_back(client, taken(client, ("Commitments", {"Heading": "Trane"})))
    assert "“Trane” is not a heading of LTWP" in upload.result["errors"][0]["message"]
    upload.delete()
    upload = send_back(client, taken(client, ("Commitments", {"Heading": "train"})))
    client.post(reverse("return_send", args=[upload.pk]))
    promise.refresh_from_db()
    assert promise.pillar is not None and promise.pillar.name == "Train"


def test_a_return_is_seen_only_by_who_brought_it(
    promise: Commitment, cast: Cast, bodies: Bodies, sign_in: Any
) -> None:
    upload = send_back(sign_in(cast.trust), taken(sign_in(cast.trust), ("Commitments", SAYS)))
    for other in (cast.lead, cast.platform, cast.administrator):
        for name in ("return_page", "return_original"):
            assert sign_in(other).get(reverse(name, args=[upload.pk])).status_code == 404
        assert sign_in(other).post(reverse("return_send", args=[upload.pk])).status_code == 404
    client = sign_in(cast.trust)
    assert client.get(reverse("return_original", args=[upload.pk])).status_code == 200
    client.post(reverse("return_discard", args=[upload.pk]))
    client.post(reverse("return_send", args=[upload.pk]))
    assert not ProgressUpdate.objects.exists()


def test_any_other_file_is_turned_away_in_words(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    file = SimpleUploadedFile("x.csv", b"Reference,Commitment\nA,B\n")
    client = sign_in(cast.trust)
    answer = client.post(reverse("return_add"), {"file": file}, follow=True)
    assert b"This is not a workbook that was taken from here" in answer.content
    assert b"x.csv cannot be used as it is" in answer.content
    assert sign_in(cast.viewer).get(reverse("return_add")).status_code == 403


# --- returns of a round ---------------------------------------------------------------------------
def test_a_return_holds_what_the_organisation_owes_open_to_be_filled_in(
    promise: Commitment, round_: Round, cast: Cast, bodies: Bodies, sign_in: Any
) -> None:
    make.commitment(promise.plan, bodies.council, reference="LTWP-009")
    given = make.commitment(promise.plan, bodies.trust, reference="LTWP-002", title="Given")
    make.update(given, cast.trust, bodies.trust)
    address = reverse("return_file", args=[round_.pk, "RY6"])
    for person in (cast.trust, cast.lead):
        content = sign_in(person).get(address).content
        sheet = openpyxl.load_workbook(io.BytesIO(content))["Commitments"]
        places = {cell.value: cell.column for cell in sheet[1]}
        rows = [(sheet.cell(n, places["Reference"]).value, sheet.cell(n, places["Update"]).value)
                for n in range(2, sheet.max_row + 1)]  # fmt: skip
        assert rows == [
            ("LTWP-001", "Due by 4 December 2026"), ("LTWP-002", "Given on 19 November 2026")
        ]  # fmt: skip
        assert not sheet.cell(2, places["Your rating"]).protection.locked
    # What the lead gave out comes back from the trust.
    client = sign_in(cast.trust)
    upload = send_back(client, filled(content, ("Commitments", SAYS)))
    client.post(reverse("return_send", args=[upload.pk]))
    assert promise.updates.get().round == round_


def test_returns_are_for_who_runs_the_plan_and_for_who_reports(
    promise: Commitment, round_: Round, cast: Cast, bodies: Bodies, sign_in: Any
) -> None:
    make.commitment(promise.plan, bodies.council, reference="LTWP-009")
    page = reverse("round_returns", args=[round_.pk])
    both = {"Leeds Community Healthcare NHS Trust", "Leeds City Council"}

    def listed(person: User) -> set[str]:
        answer = sign_in(person).get(page)
        assert answer.status_code == 200
        return {str(row.organisation) for row in answer.context["rows"]}

    assert listed(cast.lead) == both and listed(cast.platform) == both
    assert listed(cast.trust) == {"Leeds Community Healthcare NHS Trust"}
    council = reverse("return_file", args=[round_.pk, "E08000035"])
    assert sign_in(cast.trust).get(council).status_code == 404
    assert sign_in(cast.council).get(council).status_code == 200
    assert sign_in(cast.national).get(page).status_code == 403
    assert sign_in(cast.viewer).get(page).status_code == 404
    Round.objects.update(
        closes_on=TODAY - timedelta(days=1), first_closes_on=TODAY - timedelta(days=1)
    )
    assert sign_in(cast.lead).get(page).status_code == 404


def test_who_owes_finds_the_return_on_their_home_and_on_the_plan(
    promise: Commitment, round_: Round, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.trust)
    address = reverse("return_file", args=[round_.pk, "RY6"])
    assert address in client.get("/").content.decode()
    plan = client.get(promise.plan.get_absolute_url()).content.decode()
    assert reverse("round_returns", args=[round_.pk]) in plan
    assert f"{reverse('commitments_export', args=['xlsx'])}?plan=LTWP" in plan


def change(commitment: Commitment, by: User, **changes: Any) -> None:
    """Somebody changes a commitment by its page."""
    row = Commitment.objects.get(pk=commitment.pk)
    change_commitment(by=by, commitment=row, base_version=row.version, changes=changes, today=TODAY)


# --- bad moments ----------------------------------------------------------------------------------
@pytest.fixture
def nobody_works(work_at_once: None) -> None:
    """What is asked for stays in the queue."""
    app.conf.task_always_eager = False


def work(upload: Upload) -> Upload:
    """Let a worker take it."""
    jobs.run(upload.pk, today=TODAY, now=clock.now())
    return Upload.objects.get(pk=upload.pk)


def test_the_page_waits_while_a_return_is_looked_at_and_while_it_is_sent(
    promise: Commitment, cast: Cast, sign_in: Any, nobody_works: None
) -> None:
    client = sign_in(cast.trust)
    upload = send_back(client, taken(client, ("Commitments", SAYS)))
    address = upload.get_absolute_url()
    assert b"back.xlsx is being looked at" in client.get(address).content
    assert b"Nobody is at work on files" in client.get(address).content
    progress = reverse("return_progress", args=[upload.pk])
    assert "HX-Refresh" not in client.get(progress).headers
    work(upload)
    assert client.get(progress).headers["HX-Refresh"] == "true"
    assert b"Ready to send: back.xlsx" in client.get(address).content

    # Twice, as in a double click; then two messages.
    for _ in range(2):
        client.post(reverse("return_send", args=[upload.pk]))
    assert b"back.xlsx is being sent" in client.get(address).content
    assert not ProgressUpdate.objects.exists()
    client.post(reverse("return_discard", args=[upload.pk]))
    assert work(upload).state == work(upload).state == "applied"
    assert ProgressUpdate.objects.count() == 1


def test_what_was_changed_between_the_click_and_the_work_is_asked_and_nothing_is_sent(
    promise: Commitment, cast: Cast, sign_in: Any, nobody_works: None
) -> None:
    client = sign_in(cast.lead)
    content = taken(client, ("Commitments", {"Commitment": "Places for all", "Source": "Page 3"}))
    upload = work(send_back(client, content))
    client.post(reverse("return_send", args=[upload.pk]))
    change(promise, cast.platform, title="Many more places")
    assert work(upload).state == "checked"
    promise.refresh_from_db()
    assert (promise.title, promise.source) == ("Many more places", "")
    shown = client.get(upload.get_absolute_url()).content.decode()
    assert "Nothing was sent: something has changed since you looked" in shown
    assert "1 choice to make" in shown
    client.post(
        reverse("return_send", args=[upload.pk]), {f"commitment-{promise.pk}-title": "mine"}
    )
    assert work(upload).state == "applied"
    promise.refresh_from_db()
    assert (promise.title, promise.source) == ("Places for all", "Page 3")


def test_who_may_report_no_more_when_the_work_is_done_changes_nothing(
    promise: Commitment, cast: Cast, sign_in: Any, nobody_works: None
) -> None:
    client = sign_in(cast.trust)
    upload = work(send_back(client, taken(client, ("Commitments", SAYS))))
    client.post(reverse("return_send", args=[upload.pk]))
    cast.trust.memberships.update(ended_at=clock.now())
    done = work(upload)
    assert done.state == "checked" and "Tariq Trust may no longer report" in done.error
    assert not ProgressUpdate.objects.exists()


def test_a_return_that_was_cut_short_every_time_can_be_looked_at_again(
    promise: Commitment, cast: Cast, sign_in: Any, nobody_works: None
) -> None:
    client = sign_in(cast.trust)
    upload = send_back(client, taken(client, ("Commitments", SAYS)))
    Upload.objects.update(tries=jobs.MOST_TRIES)
    assert work(upload).state == "faulty"
    assert b"It was cut short five times" in client.get(upload.get_absolute_url()).content
    client.post(reverse("return_again", args=[upload.pk]))
    assert work(upload).state == "checked"


def test_choices_by_the_hundred_are_asked_page_by_page(
    promise: Commitment, cast: Cast, sign_in: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("commitments.uploads.return_views.CLASHES_A_PAGE", 1)
    make.commitment(promise.plan, "NHS trusts", reference="LTWP-002", title="Another")
    client = sign_in(cast.lead)
    book = openpyxl.load_workbook(io.BytesIO(taken(client)))
    for row in (2, 3):
        book["Commitments"].cell(row, 3).value = f"Mine {row}"
    stream = io.BytesIO()
    book.save(stream)
    for row in Commitment.objects.all():
        change(row, cast.platform, title="Theirs")
    upload = send_back(client, stream.getvalue())
    assert upload.counts["clashes"] == 2
    send = reverse("return_send", args=[upload.pk])
    for more in (1, 0):
        upload.refresh_from_db()
        shown = client.get(upload.get_absolute_url()).content.decode()
        assert ("Keep these choices, and see the next" in shown) is bool(more)
        assert set(Commitment.objects.values_list("title", flat=True)) == {"Theirs"}
        client.post(send, {f"{upload.result['clashes'][0]['key']}-title": "mine"})
    assert set(Commitment.objects.values_list("title", flat=True)) == {"Mine 2", "Mine 3"}


def test_what_a_large_return_does_is_shown_page_by_page_and_too_large_a_one_is_refused(
    promise: Commitment, cast: Cast, sign_in: Any, monkeypatch: Any
) -> None:
    for number in range(60):
        make.commitment(promise.plan, "NHS trusts", reference=f"LTWP-1{number:02}")
    client = sign_in(cast.lead)
    book = openpyxl.load_workbook(io.BytesIO(taken(client)))
    for row in range(2, 63):
        book["Commitments"].cell(row, 3).value = f"Title {row}"
    stream = io.BytesIO()
    book.save(stream)
    upload = send_back(client, stream.getvalue())
    assert upload.counts["told"] == 61
    address = upload.get_absolute_url()
    assert b"Title 51" in client.get(address).content
    second = client.get(address, {"page": 2}).content
    assert b"Title 62" in second and b"Title 51" not in second
    client.post(reverse("return_discard", args=[upload.pk]))
    upload.delete()
    monkeypatch.setattr("commitments.uploads.sending.MOST", 60)
    upload = send_back(client, stream.getvalue())
    assert "this file changes 61 commitments" in upload.result["errors"][0]["message"]


def test_what_was_looked_at_before_pages_were_kept_can_still_be_sent(
    promise: Commitment, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.lead)
    upload = send_back(client, taken(client, ("Commitments", {"Source": "Page 3"})))
    # As it was kept then.
    upload.result["told"] = told(upload)
    upload.counts.pop("told")
    upload.changes.all().delete()
    upload.save()
    import_module("commitments.migrations.0006_told_in_pages").tell_in_pages(apps, None)
    shown = client.get(upload.get_absolute_url()).content.decode()
    assert "Ready to send" in shown and "Page 3" in shown
    client.post(reverse("return_send", args=[upload.pk]))
    promise.refresh_from_db()
    assert promise.source == "Page 3"
