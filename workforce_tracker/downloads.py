"""Handing back files that people brought: one way, with headers that keep them from doing harm."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

# Saved, never shown; nobody else keeps it; and if a browser shows it all the same, it can run
# nothing and reach nothing.
SAFE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def download(
    stored: FieldFile, filename: str, content_type: str = "application/octet-stream"
) -> FileResponse:
    """A stored file to be saved under a name. The caller has asked whether the person may have it.
    Raises Http404 when the file is gone."""
    try:
        content = stored.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    return FileResponse(
        content,
        as_attachment=True,
        filename=filename,
        content_type=content_type,
        headers=SAFE_HEADERS,
    )
