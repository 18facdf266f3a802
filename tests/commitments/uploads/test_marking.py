"""The file with its problems marked: the very workbook, and what becomes of it when it is sent
back."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from commitments.models import Plan, Upload
from commitments.uploads import marking
from commitments.uploads.messages_column import PROBLEMS_HEADING
from tests.commitments.uploads.sending import csv_file, page, post, send
from tests.commitments.uploads.workbooks import workbook
from tests.conftest import Cast

SHEET = [
    ["Our plan"],
    [],
    ["Reference", "Commitment", "By when"],
    ["JFP-002", None, "31/02/2027"],
    ["JFP-003", "Fine", date(2027, 3, 31)],
]


@pytest.fixture
def client(sign_in, cast: Cast):
    """Our programme lead, signed in."""
    return sign_in(cast.lead)


def marked(client, upload: Upload) -> tuple[str, bytes]:
    """The marked file: what it is called, and its bytes."""
    answer = client.get(reverse("upload_marked", args=[upload.pk]))
    assert answer.status_code == 200
    return answer.headers["Content-Disposition"], answer.content


def sent_workbook(client, plan: Plan) -> Upload:
    file = SimpleUploadedFile("our plan.xlsx", workbook(Plan=SHEET, Notes=[["Keep me"]]))
    return send(client, plan, file)


def test_the_very_workbook_comes_back_marked(client, our_plan: Plan) -> None:
    upload = sent_workbook(client, our_plan)
    assert reverse("upload_marked", args=[upload.pk]) in page(client, "upload", upload)
    name, content = marked(client, upload)
    assert name == 'attachment; filename="our plan - problems marked.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Plan", "Notes"] and book["Notes"]["A1"].value == "Keep me"
    sheet = book["Plan"]
    assert sheet["D3"].value == PROBLEMS_HEADING
    assert 'C4: "31/02/2027" is not a date.' in sheet["D4"].value
    assert "B4: this is empty" in sheet["D4"].value and sheet["D5"].value is None
    fills = {at: sheet[at].fill.fgColor.rgb for at in ("B4", "C4", "C5")}
    assert fills["B4"] == fills["C4"] == "00FFEB9C" and fills["C5"] != "00FFEB9C"
    assert sheet["C5"].value.date() == date(2027, 3, 31)


def test_a_marked_workbook_that_is_mended_reads_cleanly(client, our_plan: Plan) -> None:
    _, content = marked(client, sent_workbook(client, our_plan))
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Plan"]["B4"], book["Plan"]["C4"] = "More nurses", "2031/32"
    stream = io.BytesIO()
    book.save(stream)
    mended = send(client, our_plan, SimpleUploadedFile("mended.xlsx", stream.getvalue()))
    assert mended.state == Upload.State.CHECKED
    assert mended.counts["new"] == 2
    assert not any("Problems" in note for note in mended.result["notes"])
    post(client, "upload_apply", mended)
    assert our_plan.commitments.count() == 3


def test_a_marked_workbook_that_still_has_problems_is_marked_anew(client, our_plan: Plan) -> None:
    _, content = marked(client, sent_workbook(client, our_plan))
    again = send(client, our_plan, SimpleUploadedFile("again.xlsx", content))
    assert again.counts["errors"] == 2
    _, content = marked(client, again)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Plan"]
    assert sheet.max_column == 4 and "C4" in sheet["D4"].value


def test_a_large_workbook_is_written_anew(client, our_plan: Plan, monkeypatch) -> None:
    monkeypatch.setattr(marking, "MOST_TO_MARK_IN_PLACE", 0)
    _, content = marked(client, sent_workbook(client, our_plan))
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Plan"]
    assert sheet["D3"].value == PROBLEMS_HEADING and "B4: this is empty" in sheet["D4"].value
    again = send(client, our_plan, SimpleUploadedFile("again.xlsx", content))
    assert again.counts["errors"] == 2


def test_a_text_file_gets_a_column_of_messages(client, our_plan: Plan) -> None:
    rows = ("Reference;Commitment;By when", "JFP-002;=More;31/02/2027", "JFP-003;Fine;2027")
    upload = send(client, our_plan, csv_file(*rows))
    name, content = marked(client, upload)
    assert name.endswith('problems marked.csv"')
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert read[0][3] == PROBLEMS_HEADING and "C2:" in read[1][3] and read[2][3] == ""
    assert read[1][1] == "'=More"
    mended = content.replace(b"31/02/2027", b"28/02/2027", 1)
    again = send(client, our_plan, SimpleUploadedFile("plan.csv", mended))
    assert again.state == Upload.State.CHECKED
    post(client, "upload_apply", again, {"accepted": "on"})
    assert our_plan.commitments.get(reference="JFP-002").title == "=More"


def test_a_file_without_problems_has_nothing_to_mark(client, our_plan: Plan) -> None:
    upload = send(client, our_plan, csv_file("Reference,Commitment", "JFP-002,Fine"))
    assert client.get(reverse("upload_marked", args=[upload.pk])).status_code == 302
