"""Give evidence: files and links, with their rules."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from commitments.evidence.actions import About, add_file, clean_name
from commitments.models import Evidence, ProgressUpdate
from tests import factories as make
from tests.commitments.evidence import files
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db
ADDRESS = "/commitments/LTWP/LTWP-1/evidence/"


@pytest.fixture
def post(sign_in, cast, promise):
    """`post(file=("minutes.pdf", content))` gives evidence through the page, as our trust."""

    def give(person=None, file=None, **boxes):
        boxes = {"about": "", "title": "", "strength": "document", "url": ""} | boxes
        if file:
            boxes["file"] = SimpleUploadedFile(*file)
        return sign_in(person or cast.trust).post(f"{ADDRESS}add/", boxes)

    return give


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_file_is_kept_and_served_to_be_saved(post, cast, sign_in, store):
    answer = post(file=("minutes.pdf", files.PDF), title="Minutes of May")
    assert answer.status_code == 302
    given = Evidence.objects.get()
    assert (given.title, given.filename, given.size) == (
        "Minutes of May", "minutes.pdf", len(files.PDF),
    )  # fmt: skip
    assert given.strength == "document"
    assert given.organisation.code == "RY6"

    response = sign_in(cast.council).get(f"{ADDRESS}{given.pk}/file/")

    assert b"".join(response.streaming_content) == files.PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="minutes.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"


def test_stored_names_say_nothing_and_lie_in_the_store(post, store):
    post(file=("secret merger.pdf", files.PDF))
    stored = Path(Evidence.objects.get().file.path)
    assert stored.is_relative_to(store)
    assert "secret" not in stored.name
    assert len(stored.stem) == 32


@pytest.mark.parametrize("person", ["viewer", "other_lead", "nobody", "lga_stranger"])
def test_whoever_may_not_see_the_commitment_is_told_of_no_file(give, cast, sign_in, person):
    given = give()
    if person == "lga_stranger":  # sees what is joint only
        given.commitment.parties.filter(role="partner").delete()
    user = cast.lga if person == "lga_stranger" else getattr(cast, person)
    for address in (ADDRESS, f"{ADDRESS}{given.pk}/file/", f"{ADDRESS}{given.pk}/remove/"):
        assert sign_in(user).get(address).status_code == 404
    assert Client().get(f"{ADDRESS}{given.pk}/file/").status_code == 302


def test_a_file_of_one_commitment_is_not_found_under_another(give, cast, bodies, sign_in):
    given = give()
    make.commitment(make.plan("OPEN"), bodies.other_trust, reference="OPEN-1")
    address = f"/commitments/OPEN/OPEN-1/evidence/{given.pk}/file/"
    for person in (cast.viewer, cast.trust):
        assert sign_in(person).get(address).status_code == 404


def test_those_who_see_without_reporting_add_nothing(post, cast):
    assert post(person=cast.region, file=("a.pdf", files.PDF)).status_code == 403
    assert post(person=cast.council_reviewer, url="https://x.example/").status_code == 403
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("picture.png", files.SVG, "not a PNG picture, though its name ends in .png"),
        ("picture.png", files.HTML, "not a PNG picture, though its name ends in .png"),
        ("tool.exe", b"MZ", "Files that end in .exe are not taken"),
        ("empty.pdf", b"", "This file is empty"),
        ("plan.docm", files.DOCX, "Files with macros are not taken"),
    ],
)
def test_files_that_are_not_taken_say_why(post, store, name, content, words):
    answer = post(file=(name, content), title="Mine")
    assert words in text(answer)
    assert 'value="Mine"' in text(answer)
    assert not Evidence.objects.exists()
    assert not list(store.rglob("*.*"))


def test_a_file_over_the_limit_is_let_go_of_and_what_was_typed_stays(post, settings):
    settings.EVIDENCE_MAX_MB = 1
    answer = post(file=("film.pdf", files.PDF + b"x" * 1_100_000), title="The film")
    assert "“film.pdf” is larger than 1 MB" in text(answer)
    assert 'value="The film"' in text(answer)
    assert post(file=("ok.pdf", files.PDF + b"x" * 1_000_000)).status_code == 302


def test_21_megabytes_are_too_many(post):
    answer = post(file=("film.pdf", files.PDF + b"x" * (21 * 1024 * 1024)))
    assert "“film.pdf” is larger than 20 MB" in text(answer)


def test_a_body_far_over_the_limit_is_not_read(cast, promise, sign_in, settings):
    settings.EVIDENCE_MAX_MB = 1

    class NotRead:
        def read(self, *args):
            raise AssertionError("The body was read")

        readline = read

        def close(self):
            pass

    client = sign_in(cast.trust)
    request = {
        "CONTENT_LENGTH": str(6 * 1024 * 1024),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": NotRead(),
    }
    answer = client.post(f"{ADDRESS}add/", b"", "multipart/form-data; boundary=x", **request)
    assert answer.status_code == 413
    assert "larger than 1 MB" in text(answer)


def test_the_page_is_guarded_against_other_sites(cast, promise):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.trust)
    boxes = {"about": "", "url": "https://x.example/", "title": "x", "strength": "document"}
    assert client.post(f"{ADDRESS}add/", boxes).status_code == 403
    assert not Evidence.objects.exists()


def test_the_same_file_again_names_the_one_that_is_there(post, promise):
    post(file=("minutes.pdf", files.PDF), title="Minutes of May")
    answer = post(file=("copy.pdf", files.PDF))
    assert "This file is there already: “Minutes of May”, added by Tariq Trust" in text(answer)
    assert Evidence.objects.count() == 1
    # About something else it is other evidence.
    step = make.milestone(promise, "Terms agreed")
    assert post(file=("copy.pdf", files.PDF), about=f"milestone-{step.pk}").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_double_click_keeps_one_file(cast, bodies, promise, store):
    def click(_):
        try:
            add_file(
                by=cast.trust, organisation=bodies.trust, commitment=promise, filename="a.pdf",
                file=SimpleUploadedFile("a.pdf", files.PDF), today=TODAY,
            )  # fmt: skip
            return "kept"
        except ValidationError as refused:
            return refused.messages[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as clicks:
        answers = sorted(clicks.map(click, range(2)))
    assert answers[1] == "kept"
    assert "This file is there already" in answers[0]
    assert len(list(store.rglob("*.pdf"))) == 1


def test_a_link_is_kept_and_never_followed(post):
    assert post(url="http://10.0.0.1/report", title="The report").status_code == 302
    given = Evidence.objects.get()
    assert (given.url, given.file, given.sha256) == ("http://10.0.0.1/report", "", "")
    answer = post(url="http://10.0.0.1/report", title="Again")
    assert "This link is there already: “The report”" in text(answer)


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ({"url": "javascript:alert(1)", "title": "x"}, "is not a web address"),
        ({"url": "data:text/html,x", "title": "x"}, "is not a web address"),
        ({"url": "ftp://x.example/", "title": "x"}, "is not a web address"),
        ({"url": "https://me:secret@x.example/", "title": "x"}, "carries a name or password"),
        ({"url": "https://x.example/"}, "Say what the link leads to"),
        ({}, "Choose a file, or give a link"),
        ({"file": ("a.pdf", files.PDF), "url": "https://x.example/"}, "not both"),
        ({"url": "https://x.example/", "title": "x", "strength": "verified"}, "is not one of"),
        ({"url": "https://x.example/", "title": "x", "about": "milestone-0"}, "is not one of"),
    ],
)
def test_what_is_not_accepted_says_why(post, boxes, words):
    assert words in text(post(**boxes))
    assert not Evidence.objects.exists()


def test_evidence_can_be_about_a_milestone_or_an_update(post, promise, cast, bodies, sign_in):
    step = make.milestone(promise, "Terms agreed")
    said = make.update(promise, cast.trust, bodies.trust)
    post(file=("a.pdf", files.PDF), about=f"milestone-{step.pk}")
    post(file=("a.pdf", files.PDF), about=f"update-{said.pk}")
    page = text(sign_in(cast.council).get(ADDRESS))
    assert "Milestone: Terms agreed" in page
    assert "Update of Leeds Community Healthcare NHS Trust" in page
    ProgressUpdate.objects.update(state="withdrawn")
    assert "(no longer stands)" in text(sign_in(cast.council).get(ADDRESS))


def test_a_milestone_of_another_commitment_is_refused(give, bodies):
    other = make.commitment(make.plan("OPEN"), bodies.trust)
    with pytest.raises(PermissionDenied):
        give(about=About(milestone=make.milestone(other)))


def test_only_others_can_call_it_verified(give):
    with pytest.raises(ValidationError, match="Only another organisation"):
        give(strength="verified")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("/srv/x.pdf", "x.pdf"),
        ("report\u202efdp.pdf", "reportfdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_tricks_in_names_come_to_nothing(give, store, given, kept):
    assert clean_name(given) == kept
    made = give(given)
    assert made.filename == kept
    assert Path(made.file.path).is_relative_to(store)


def test_a_name_with_quotes_cannot_leave_its_header(give, cast, sign_in):
    made = give('a"; filename="b.html.pdf')
    header = sign_in(cast.trust).get(f"{ADDRESS}{made.pk}/file/")["Content-Disposition"]
    assert header == r'attachment; filename="a\"; filename=\"b.html.pdf"'


def test_a_draft_keeps_its_evidence_to_itself(cast, bodies, sign_in, store):
    draft = make.commitment(
        make.plan("OPEN"), bodies.trust, bodies.council, reference="OPEN-1", state="draft",
        draft_of=bodies.trust,
    )  # fmt: skip
    made = add_file(
        by=cast.trust, organisation=bodies.trust, commitment=draft, filename="a.pdf",
        file=SimpleUploadedFile("a.pdf", files.PDF), today=TODAY,
    )  # fmt: skip
    address = f"/commitments/OPEN/OPEN-1/evidence/{made.pk}/file/"
    assert sign_in(cast.trust).get(address).status_code == 200
    assert sign_in(cast.council).get(address).status_code == 404


def test_there_is_no_address_for_the_store(client, give, cast, sign_in):
    made = give()
    for address in (f"/media/{made.file.name}", f"/static/{made.file.name}", f"/{made.file.name}"):
        assert sign_in(cast.trust).get(address).status_code == 404
