"""A limit on the size of a file while it is still coming in."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MEGABYTE = 1024 * 1024
# A body this many times the limit is not read at all; one below it is read past the file, so that
# the words that were typed beside it come back with the message.
READ_TO_THE_END = 5
TOO_BIG = "too_big"


def max_bytes() -> int:
    """The largest file that is kept, in bytes."""
    return settings.EVIDENCE_MAX_MB * MEGABYTE


def too_big(name: str = "This file") -> str:
    """What to say of a file over the limit."""
    return (
        f"{name} is larger than {settings.EVIDENCE_MAX_MB} MB. Make it smaller (pictures in a "
        "document can be compressed), or keep it where people can reach it and add a link."
    )


class SizeLimit(FileUploadHandler):
    """Lets go of a file as soon as it is over the limit: no more of it is kept. Its name stays in
    `request.too_big` for the form to say so."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.limit, self.received = max_bytes(), 0

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > self.limit:
            setattr(self.request, TOO_BIG, self.file_name or "This file")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def is_far_too_big(request: HttpRequest) -> bool:
    """Whether the body says of itself that it is not worth reading."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return True
    return length > READ_TO_THE_END * max_bytes()
