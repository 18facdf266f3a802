"""Spreadsheet files into tables of text. Knows nothing of commitments, of Django or of a database.

`read_safely` is what the product calls. It reads in a process of its own, with limits on memory and
time: a file made to do harm can end that process, never the one that serves people. There is one
way to fail: `Unreadable`, whose words are for the person who brought the file.

What a file is, its content says, not its name (`kinds`); a package is looked at from outside before
it is unpacked (`package`); python-calamine reads the cells (`books`), and what it leaves out of
account comes from `marks` and `ods`; plain text has its own reader (`text`).
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from commitments.uploads.reading.cells import UNCALCULATED, as_text, tidy
from commitments.uploads.reading.child import MAX_SECONDS, send
from commitments.uploads.reading.grid import received
from commitments.uploads.reading.limits import (
    ENDINGS,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    MEGABYTE,
    TOO_LARGE,
    Table,
    Unreadable,
    ending_of,
    too_big,
)

__all__ = [
    "ENDINGS", "MAX_BYTES", "MAX_COLUMNS", "MAX_ROWS", "MEGABYTE", "UNCALCULATED", "Table",
    "Unreadable", "as_text", "ending_of", "read", "read_safely", "tidy", "too_big",
]  # fmt: skip

# The process that reads is held to MAX_SECONDS of work. By the clock it may take longer: a good
# file is not to be refused because the machine is busy with others.
PATIENCE = 10 * MAX_SECONDS

_TOP = Path(__file__).resolve().parents[3]
# Alone (-I): nothing of the environment, and of the product only what reads files.
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from commitments.uploads.reading.child import main; "
    "main(sys.argv[2], sys.stdin.buffer, sys.stdout.buffer)"
)


def read_safely(content: bytes, filename: str) -> list[Table]:
    """The sheets of a file, read within limits. Raises Unreadable."""
    ending = ending_of(filename)
    if len(content) > MAX_BYTES:
        raise Unreadable(too_big(len(content)))
    reader = [sys.executable, "-I", "-c", _START, str(_TOP), ending]
    # Through a file, so that no more than one of the two processes holds what was read.
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(
                reader,
                input=content,
                stdout=out,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as slow:
            raise Unreadable(TOO_LARGE) from slow
        if done.returncode:  # out of memory or time, which nothing inside could catch
            raise Unreadable(TOO_LARGE)
        out.seek(0)
        return received(out)


def read(content: bytes, ending: str) -> list[Table]:
    """The same in this process, without its limits: for files that are known to be harmless."""
    stream = io.BytesIO()
    send(content, ending, stream)
    stream.seek(0)
    return received(stream)
