"""Uploading through the pages: choose, check, mend, apply."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from commitments.models import Commitment, Plan, Upload
from organisations.models import Role
from tests import factories
from tests.conftest import Bodies, Cast

HEAD = "Reference,Commitment,By when,Lead organisation,Target value,Unit"


def csv_file(*rows: str, head: str = HEAD, name: str = "plan.csv") -> SimpleUploadedFile:
    """A .csv file with these rows."""
    return SimpleUploadedFile(name, "\n".join([head, *rows]).encode())


@pytest.fixture
def plan(bodies: Bodies) -> Plan:
    """A plan of our board with one commitment."""
    made = factories.plan("JFP", owner=bodies.board, title="Joint forward plan")
    factories.commitment(
        made, bodies.board, reference="JFP-001", title="One contract", target="2028/29"
    )
    return made


@pytest.fixture(autouse=True)
def _stored_here(settings: Any, tmp_path: Any, today: date) -> None:
    settings.MEDIA_ROOT = tmp_path


def send(client: Client, plan: Plan, file: SimpleUploadedFile) -> Upload:
    """Upload a file into a plan, and follow to its check."""
    answer = client.post(reverse("upload_add"), {"plan": plan.pk, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    upload = Upload.objects.latest("pk")
    assert answer.url == reverse("upload", args=[upload.pk])
    return upload


def apply(client: Client, upload: Upload, **data: str) -> str:
    """Press Apply; gives the page that follows."""
    answer = client.post(reverse("upload_apply", args=[upload.pk]), data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_is_previewed_and_then_applied(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file(
        "JFP-001,One contract,2029/30,,,",
        "JFP-002,More nurses,2031/32,Leeds City Council,1000,nurses",
    ))  # fmt: skip
    page = client.get(reverse("upload", args=[upload.pk]), {"show": "changed"}).content.decode()
    assert "Ready to apply: 1 new, 1 changed" in page
    assert "2028/29" in page and "2029/30" in page
    assert plan.commitments.count() == 1

    assert "Applied: 1 new, 1 changed" in apply(client, upload)
    changed = plan.commitments.get(reference="JFP-001")
    assert changed.target.text == "2029/30"
    new = plan.commitments.get(reference="JFP-002")
    assert new.measures.get().target_low == 1000
    assert new.parties.get().organisation.code == "E08000035"


def test_a_blank_cell_leaves_a_value_and_empty_empties_it(cast: Cast, sign_in, plan) -> None:
    plan.commitments.update(description="Keep me", source="Page 3")
    upload = send(sign_in(cast.lead), plan, csv_file(
        "JFP-001,,,(empty)", head="Reference,Commitment,Description,Source"
    ))  # fmt: skip
    apply(sign_in(cast.lead), upload)
    found = plan.commitments.get()
    assert (found.description, found.source, found.target.text) == ("Keep me", "", "2028/29")


def test_errors_are_all_said_at_once_and_linked_to_their_cells(
    cast: Cast, sign_in, plan: Plan
) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file(
        "JFP-002,,31/02/2027,,,",
        "JFP-003,Fine,2031/32,,,",
        "JFP-003,Fine again,2031/32,,,",
    ))  # fmt: skip
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "3 problems to mend in plan.csv" in page
    assert (
        "Row 2, &quot;By when&quot;: &quot;31/02/2027&quot; is not a date. Use day/month/year, "
        "such as 28/02/2027, or a year such as 2026/27." in page
    )
    assert 'href="#cell--C2"' in page and 'id="cell--C2"' in page
    assert "&quot;JFP-003&quot; is on row 3 as well" in page
    assert "Row 2, &quot;Commitment&quot;: this is empty" in page


def test_a_file_with_errors_cannot_be_applied(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-002,Fine,,,,", "JFP-003,,,,,"))
    assert "Nothing was applied" in apply(client, upload)
    assert plan.commitments.count() == 1


def test_a_mended_file_takes_the_place_of_the_faulty_one(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    faulty = send(client, plan, csv_file("JFP-002,,,,,"))
    client.post(reverse("upload", args=[faulty.pk]), {"file": csv_file("JFP-002,More nurses,,,,")})
    mended = Upload.objects.latest("pk")
    faulty.refresh_from_db()
    assert (faulty.state, mended.state, mended.plan) == ("discarded", "checked", plan)


def test_what_is_to_be_confirmed_has_to_be_ticked(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-002,More nurses,,Leeds City Councl,double,"))
    page = client.post(reverse("upload_names", args=[upload.pk]), {"n0": "text"}, follow=True)
    assert "Kept as text: Leeds City Councl." in page.content.decode()
    assert "Tick the box" in apply(client, upload)
    assert plan.commitments.count() == 1

    assert "Applied: 1 new" in apply(client, upload, accepted="on")
    made = plan.commitments.get(reference="JFP-002")
    assert made.parties.get().organisation is None
    assert made.measures.get().target_text == "double"


def test_a_double_click_applies_once(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file(",More nurses,,,,"))
    apply(client, upload, accepted="on")
    assert "It had been applied already" in apply(client, upload, accepted="on")
    assert plan.commitments.count() == 2


def test_what_is_applied_is_what_was_previewed(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-001,One contract,2029/30,,,"))
    factories.commitment(plan, reference="JFP-050")
    Commitment.objects.filter(reference="JFP-001").update(target_text="2027/28")

    page = apply(client, upload)
    assert "has changed since this file was checked" in page and "JFP-001" in page
    assert plan.commitments.get(reference="JFP-001").target.text == "2027/28"
    assert "Applied: 1 changed" in apply(client, upload)
    assert plan.commitments.get(reference="JFP-001").target.text == "2029/30"


def test_a_change_elsewhere_in_the_plan_is_no_reason_to_look_again(
    cast: Cast, sign_in, plan: Plan
) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-001,One contract,2029/30,,,"))
    factories.commitment(plan, reference="JFP-050")
    assert "Applied: 1 changed" in apply(client, upload)


def test_a_row_without_a_reference_gets_the_next_and_the_page_says_so(
    cast: Cast, sign_in, plan: Plan
) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file(",Quite another thing,,,,"))
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "added as new, with JFP-002." in page


def test_a_new_plan_is_there_only_once_its_file_is_applied(cast: Cast, sign_in, bodies) -> None:
    client = sign_in(cast.lead)
    client.post(reverse("upload_add"), {
        "plan": "", "new_title": "Our people plan", "new_code": "OPP",
        "file": csv_file(",More nurses,,,,"),
    })  # fmt: skip
    upload = Upload.objects.get()
    assert not Plan.objects.filter(code="OPP").exists()
    assert "OPP-001" in client.get(reverse("upload", args=[upload.pk])).content.decode()
    apply(client, upload, accepted="on")
    made = Plan.objects.get(code="OPP")
    assert (made.owner, made.visibility) == (bodies.board, "internal")
    assert made.commitments.get().reference == "OPP-001"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a plan, or start a new one below."),
        ({"new_code": "OURS"}, "Give the new plan its title"),
        ({"new_title": "Ours"}, "Give the new plan a short code"),
        ({"new_title": "Ours", "new_code": "jfp"}, "is the code of &quot;Joint forward plan&quot;"),
        ({"new_title": "Ours", "new_code": "A/B"}, "has a / in it"),
    ],
)
def test_a_plan_has_to_be_chosen_or_named(cast: Cast, sign_in, plan, data, words) -> None:
    data = {**data, "file": csv_file("JFP-009,More nurses,,,,")}
    answer = sign_in(cast.lead).post(reverse("upload_add"), data)
    assert words in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_file_of_a_kind_that_is_not_read_is_refused_before_it_is_kept(
    cast: Cast, sign_in, plan: Plan
) -> None:
    file = SimpleUploadedFile("plan.pdf", b"%PDF")
    answer = sign_in(cast.lead).post(reverse("upload_add"), {"plan": plan.pk, "file": file})
    assert "Files that end in .pdf cannot be read here" in answer.content.decode()
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("plan.xlsx", b"PK\x03\x04 and then nothing", "plan.xlsx cannot be used as it is"),
        ("plan.csv", b"Reference,Commitment\n", "no rows below them"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_one_clear_line(
    cast: Cast, sign_in, plan: Plan, name: str, content: bytes, words: str
) -> None:
    upload = send(sign_in(cast.lead), plan, SimpleUploadedFile(name, content))
    page = sign_in(cast.lead).get(reverse("upload", args=[upload.pk])).content.decode()
    assert words in page and "Upload the mended file" in page
    upload.refresh_from_db()
    assert (upload.state, upload.counts) == ("faulty", {})


def test_people_who_import_for_nobody_are_refused(cast: Cast, sign_in, plan: Plan) -> None:
    for person in (cast.trust, cast.viewer, cast.lga, cast.nobody):
        client = sign_in(person)
        assert client.get(reverse("uploads")).status_code == 403
        data = {"plan": plan.pk, "file": csv_file("JFP-2,x,,,,")}
        assert client.post(reverse("upload_add"), data).status_code == 403


def test_nobody_imports_into_a_plan_of_others(cast: Cast, sign_in, plan: Plan) -> None:
    data = {"plan": plan.pk, "file": csv_file("JFP-2,x,,,,")}
    answer = sign_in(cast.other_lead).post(reverse("upload_add"), data)
    assert "is not one of the choices" in answer.content.decode()
    assert not Upload.objects.exists()


def test_uploads_of_others_do_not_exist(cast: Cast, sign_in, plan: Plan) -> None:
    upload = send(sign_in(cast.lead), plan, csv_file("JFP-002,More nurses,,,,"))
    client = sign_in(cast.other_lead)
    for name in ("upload", "upload_file"):
        assert client.get(reverse(name, args=[upload.pk])).status_code == 404
    for name in ("upload_apply", "upload_discard"):
        assert client.post(reverse(name, args=[upload.pk])).status_code == 404
    assert b"plan.csv" not in client.get(reverse("uploads")).content
    assert sign_in(cast.administrator).get(reverse("upload", args=[upload.pk])).status_code == 200


def test_the_file_comes_back_as_it_came_and_is_not_shown(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-002,More nurses,,,,"))
    assert "plan" not in upload.file.name
    answer = client.get(reverse("upload_file", args=[upload.pk]))
    assert answer.getvalue().endswith(b"JFP-002,More nurses,,,,")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plan.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_put_aside_can_no_longer_be_applied(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-002,More nurses,,,,"))
    client.post(reverse("upload_discard", args=[upload.pk]))
    assert "was put aside" in apply(client, upload)
    assert plan.commitments.count() == 1


def test_an_applied_file_cannot_be_put_aside(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-002,More nurses,,,,"))
    apply(client, upload)
    client.post(reverse("upload_discard", args=[upload.pk]))
    upload.refresh_from_db()
    assert upload.state == "applied"


def test_an_administrator_imports_without_being_a_programme_lead(
    cast: Cast, sign_in, plan: Plan
) -> None:
    client = sign_in(cast.administrator)
    apply(client, send(client, plan, csv_file("JFP-002,More nurses,,,,")))
    assert plan.commitments.count() == 2


def test_the_list_costs_the_same_however_long_it_is(
    cast: Cast, sign_in, plan: Plan, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-002,More nurses,,,,"))
    with django_assert_max_num_queries(15) as few:
        client.get(reverse("uploads"))
    for _ in range(10):
        upload.pk = None
        upload.save(force_insert=True)
    with django_assert_num_queries(len(few)):
        assert client.get(reverse("uploads")).content.count(b"plan.csv") == 11


def test_a_reference_of_another_organisations_draft_is_not_shown_but_refused(
    cast: Cast, sign_in, plan: Plan, bodies: Bodies
) -> None:
    factories.commitment(
        plan, reference="JFP-007", title="Secret", state="draft", draft_of=bodies.other_board
    )
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-007,More nurses,,,,"))
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "belongs to another organisation&#x27;s draft" in page
    assert "Secret" not in page


def test_the_history_names_the_person_and_the_upload(cast: Cast, sign_in, plan: Plan) -> None:
    client = sign_in(cast.lead)
    upload = send(client, plan, csv_file("JFP-001,One contract,2029/30,,,"))
    apply(client, upload)
    event = plan.commitments.get().events.latest("pgh_id")
    assert event.pgh_context.metadata["user"] == cast.lead.pk
    assert event.pgh_context.metadata["upload"] == upload.pk


def test_a_person_acting_where_they_do_not_import_cannot_start_a_plan_there(
    sign_in, bodies: Bodies
) -> None:
    both = factories.person(
        "Bo Both", (Role.CONTRIBUTOR, bodies.trust), (Role.PROGRAMME_LEAD, bodies.other_board)
    )
    client = sign_in(both)
    session = client.session
    session["acting_organisation"] = bodies.trust.pk
    session.save()
    answer = client.post(reverse("upload_add"), {
        "new_title": "Ours", "new_code": "OURS", "file": csv_file(",More nurses,,,,")
    })  # fmt: skip
    assert answer.status_code == 200
    assert not Upload.objects.exists()
