"""The process that reads one file: a file made to do harm can end it, and nothing else."""

import contextlib
import gc
import sys
from typing import BinaryIO

from commitments.uploads.reading.books import read_old_workbook, read_package
from commitments.uploads.reading.grid import Grid, refuse
from commitments.uploads.reading.kinds import OLD_WORKBOOK, PACKAGE, TEXT, kind_of
from commitments.uploads.reading.limits import (
    DAMAGED,
    EMPTY,
    EMPTY_BOOK,
    MEGABYTE,
    TOO_LARGE,
    Unreadable,
)
from commitments.uploads.reading.text import read_text

MAX_MEMORY = 512 * MEGABYTE
MAX_SECONDS = 30


def send(content: bytes, ending: str, stream: BinaryIO) -> None:
    """Send the sheets of a file that are not hidden, for `grid.received`. Raises Unreadable, and
    nothing else, whatever the bytes are."""
    grid = Grid(stream)
    kind = kind_of(content, ending)
    if kind == PACKAGE:
        read_package(content, ending, grid)
    elif kind == OLD_WORKBOOK:
        read_old_workbook(content, grid)
    else:
        read_text(content, grid)
    if not any(sheet.filled for sheet in grid.sheets):
        raise Unreadable(EMPTY if kind == TEXT else EMPTY_BOOK)
    grid.finish()


def limit() -> None:
    """Hold this process to its memory and time, as far as the system can."""
    import resource

    for name, value in (("AS", MAX_MEMORY), ("CPU", MAX_SECONDS), ("CORE", 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def main(ending: str, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Read a file from standard input; write its tables, or what is wrong, to standard output."""
    limit()
    gc.disable()  # there are no cycles to find, and a million cells to look through
    try:
        send(stdin.read(), ending, stdout)
    except Unreadable as problem:
        refuse(stdout, str(problem))
    except MemoryError:
        refuse(stdout, TOO_LARGE)
    except Exception:  # what nobody thought of is still said in words, and seen in the bench
        refuse(stdout, DAMAGED)


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
