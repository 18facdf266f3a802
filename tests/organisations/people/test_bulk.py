"""Inviting many people from a spreadsheet."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from organisations.models import Invitation
from tests.conftest import Bodies, Cast
from tests.organisations.people.conftest import address, words

GOOD = "Name,Email,Role\nAnn One,ann@test.example,Viewer\nBo Two,bo@test.example,programme lead\n"


def sheet(text: str | bytes, name: str = "people.csv") -> SimpleUploadedFile:
    content = text.encode() if isinstance(text, str) else text
    return SimpleUploadedFile(name, content)


def workbook(*rows: list) -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return sheet(out.getvalue(), "people.xlsx")


@pytest.fixture
def preview(cast: Cast, bodies: Bodies, signed_in):
    """`preview(file)`: what the lead of the board is shown, and the hidden part to send."""

    def of(file: SimpleUploadedFile):
        page = signed_in(cast.lead).post(address(bodies.board, "invite/many/"), {"file": file})
        hidden = re.search(r'name="people" value="([^"]*)"', page.content.decode())
        return words(page), hidden and hidden[1]

    return of


def test_nothing_is_sent_before_the_preview_is_confirmed(
    preview, cast: Cast, bodies: Bodies, signed_in, post, mailoutbox
) -> None:
    shown, people = preview(sheet(GOOD))
    assert "Send 2 invitations" in shown and not mailoutbox and not Invitation.objects.exists()
    post(signed_in(cast.lead), address(bodies.board, "invite/many/send/"), people=people)
    made = {(i.name, i.email, i.role) for i in Invitation.objects.all()}
    assert made == {
        ("Ann One", "ann@test.example", "viewer"),
        ("Bo Two", "bo@test.example", "programme_lead"),
    }
    assert {message.to[0] for message in mailoutbox} == {"ann@test.example", "bo@test.example"}


def test_excel_files_and_other_orders_and_headings_are_read(preview) -> None:
    shown, people = preview(
        workbook(
            ["Role", "Full name", "Team", "E-mail address"],
            ["viewer", "Ann One", 7, "ann@test.example"],
            [None, None, None, None],
            ["reviewer", "Bo Two", 8, "bo@test.example"],
        )
    )
    assert "Send 2 invitations" in shown and people


def test_semicolons_and_the_letters_of_windows_are_read(preview) -> None:
    text = "Name;Email;Role\nZoë Ünal;zoe@test.example;Viewer\n".encode("cp1252")
    shown, _ = preview(sheet(text))
    assert "Zoë Ünal" in shown and "Send 1 invitation" in shown


def test_what_is_wrong_is_said_row_by_row_and_the_others_can_be_sent(preview, cast: Cast) -> None:
    lines = [
        "Name,Email,Role",
        "Ann One,ann@test.example,viewer",
        ",bo@test.example,viewer",
        "Cy Three,cy at test,viewer",
        "Di Four,di@test.example,boss",
        "Ed Five,ed@test.example,administrator",
        "Ann Again,ANN@test.example,viewer",
        f"Lena Lead,{cast.lead.email},programme lead",
    ]
    shown, _ = preview(sheet("\n".join(lines)))
    assert "6 rows will be left out" in shown and "Send 1 invitation" in shown
    assert "Row 3: “Name” is empty. Fill it in." in shown
    assert "Row 4: “Email”: “cy at test” is not an email address." in shown
    accepted = "Use viewer, contributor, programme lead, reviewer."
    assert f"Row 5: “Role”: “boss” is not a role you can give. {accepted}" in shown
    assert "Row 6: “Role”: “administrator” is not a role you can give." in shown
    assert "stands in row 2 too" in shown
    assert f"Row 8: {cast.lead.email} is already a programme lead here." in shown


def test_an_account_elsewhere_is_not_told_from_none(preview, cast: Cast) -> None:
    text = f"Name,Email,Role\nA,{cast.other_lead.email},viewer\nB,unknown@test.example,viewer\n"
    shown, _ = preview(sheet(text))
    assert shown.count("Invited") == 2 and "Send 2 invitations" in shown


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (sheet(""), "empty"),
        (sheet("Name,Role\nA,viewer\n"), "It needs a column called Email"),
        (sheet("Name,Email,Role\n"), "Below the first row there is nobody"),
        (sheet(b"not a workbook", "people.xlsx"), "cannot be read as .xlsx"),
        (
            sheet("Name,Email,Role\n" + "A,a@test.example,viewer\n" * 201),
            "The file has 201 people. Give at most 200 at once.",
        ),
        (sheet("x" * 1_000_001), "larger than 1 MB"),
    ],
    ids=["empty", "no column", "no rows", "broken", "too many", "too large"],
)
def test_a_file_that_cannot_be_used_says_why(preview, file, said: str) -> None:
    file.seek(0)
    shown, people = preview(file)
    assert said in shown and not people


def test_a_preview_cannot_be_changed_or_used_elsewhere(
    preview, cast: Cast, bodies: Bodies, signed_in, post
) -> None:
    _, people = preview(sheet(GOOD))
    post(signed_in(cast.lead), address(bodies.board, "invite/many/send/"), people=people + "x")
    elsewhere = address(bodies.other_board, "invite/many/send/")
    post(signed_in(cast.other_lead), elsewhere, people=people)
    assert not Invitation.objects.exists()


def test_a_long_file_costs_no_more_queries_than_a_short_one(
    preview, cast: Cast, bodies: Bodies
) -> None:
    preview(sheet(GOOD))
    counts = []
    for length in (2, 150):
        rows = "".join(f"P {n},p{n}@test.example,viewer\n" for n in range(length))
        with CaptureQueriesContext(connection) as queries:
            preview(sheet("Name,Email,Role\n" + rows))
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_there_is_an_empty_file_to_fill_in(cast: Cast, bodies: Bodies, signed_in) -> None:
    answer = signed_in(cast.lead).get(address(bodies.board, "invite/many/template.csv"))
    assert answer.content.decode("utf-8-sig").strip() == "Name,Email,Role"
