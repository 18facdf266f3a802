"""Tables that people take away, and how their texts are kept from being run as formulas."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

# A cell that begins with one of these is a formula to a spreadsheet program, whoever wrote it. A
# text that has an apostrophe before it already gets one more, so that taking one off again gives
# every text back as it was.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")


def safe_cell(value: object) -> str:
    """A value as text that no spreadsheet program runs: an apostrophe keeps a formula text."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Rows as the lines of a CSV file, one at a time, with the mark by which Excel knows UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line)
    yield "\ufeff"
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def csv_response(filename: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """A CSV file to be kept, sent while its rows are read."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response
