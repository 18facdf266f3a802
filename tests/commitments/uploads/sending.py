"""Sending files through the pages, as tests do it."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from commitments.models import Plan, Upload


def csv_file(*rows: str, name: str = "plan.csv") -> SimpleUploadedFile:
    """A .csv file with these rows, the headings first."""
    return SimpleUploadedFile(name, "\n".join(rows).encode())


def send(client: Client, plan: Plan, file: SimpleUploadedFile) -> Upload:
    """Upload a file into a plan; gives it as it stands once it has been looked at."""
    answer = client.post(reverse("upload_add"), {"plan": plan.pk, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.latest("pk")


def page(client: Client, name: str, upload: Upload, **query: str) -> str:
    """What a page of an upload says, wherever it leads."""
    answer = client.get(reverse(name, args=[upload.pk]), query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, upload: Upload, data: dict[str, Any] | None = None) -> str:
    """Post to a page of an upload; gives the page that follows. `upload` is read again."""
    answer = client.post(reverse(name, args=[upload.pk]), data or {}, follow=True)
    assert answer.status_code == 200, answer.status_code
    upload.refresh_from_db()
    return answer.content.decode()
