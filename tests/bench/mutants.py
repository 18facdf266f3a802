"""Damaged workbooks by the thousand: what becomes of each, counted.

Files of the corpus are changed at random, byte by byte and inside their packages (numbers made
huge, tags dropped, doubled and nested, parts swapped), and each is read, its columns told and its
rows found, in a process forked for it with the limits of the product's own reader. One in fifty
goes through `read_safely` as a whole. The same seed makes the same files.
"""

import io
import os
import random
import re
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator

from commitments.uploads.layout import propose
from commitments.uploads.reading import Unreadable, read, read_safely
from commitments.uploads.reading.child import limit
from commitments.uploads.rows import find_rows
from tests.commitments.uploads.corpus import hostile, make

BASES = (
    "plain.xlsx", "plain.xls", "plain.ods", "plain.csv", "utf-16.txt", "merged-down.xlsx",
    "merged-down.xls", "merged-down.ods", "two-rows-of-headings.xlsx", "two-rows-of-headings.csv",
    "several-sheets.xlsx", "milestones-on-a-sheet.xlsx", "days.xlsx", "percentages.ods",
    "formulas.xlsx", "raised-figures.xlsx", "footnotes.xlsx", "external-link.xlsx",
)  # fmt: skip
MOST_SECONDS = 10.0
WHOLE_WAY = 50
READ, REFUSED, ENDED, CRASHED, SLOW = (
    "read", "refused with words", "ended by its limits, refused", "crashed", "over time"
)  # fmt: skip
_CODES = {0: READ, 3: REFUSED, 4: ENDED}


def run(count: int = 10_000, seed: int = 1) -> dict[str, int]:
    """Read `count` damaged files and print what became of them. Returns the counts; "crashed" and
    "over time" should be 0."""
    started = time.monotonic()
    counts: Counter[str] = Counter(dict.fromkeys((READ, REFUSED, ENDED, CRASHED, SLOW), 0))
    slowest, whole = 0.0, 0
    for number, (name, content) in enumerate(mutants(count, seed)):
        before = time.monotonic()
        if number % WHOLE_WAY == 0:
            outcome = _through_the_product(content, name)
            whole += 1
        else:
            outcome = _in_a_fork(content, name)
        slowest = max(slowest, time.monotonic() - before)
        counts[outcome] += 1
        if outcome in (CRASHED, SLOW):
            print(f"  {outcome}: mutant {number} of seed {seed}, from {name}")
    print(f"{count:,} damaged files from {len(BASES)} of the corpus, seed {seed}; "
          f"{whole} of them through a process of their own as in the product")  # fmt: skip
    for outcome, times in counts.items():
        print(f"  {outcome:30} {times:>7,}")
    took = time.monotonic() - started
    print(f"  slowest {slowest:.2f} s, {took:.0f} s in all")
    return dict(counts)


def mutants(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents; the same for the same seed."""
    chance = random.Random(seed)
    files = make.FILES | hostile.FILES
    bases = [(name, _timeless(files[name]())) for name in BASES]
    for _ in range(count):
        name, content = chance.choice(bases)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            content = _mutated(chance, content)
        yield name, content


def _mutated(chance: random.Random, content: bytes) -> bytes:
    if content.startswith(b"PK") and chance.random() < 0.7:
        try:
            return _inside(chance, content)
        except Exception:  # a package too damaged to open is changed from outside
            pass
    return chance.choice(_OUTSIDE)(chance, content)


# --- from outside ---------------------------------------------------------------------------------
Change = Callable[[random.Random, bytes], bytes]


def _flipped(chance: random.Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(chance.randint(1, 20)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randint(0, len(content))]


def _hole(chance: random.Random, content: bytes) -> bytes:
    start = chance.randint(0, len(content))
    return content[:start] + content[start + chance.randint(1, 400) :]


def _doubled(chance: random.Random, content: bytes) -> bytes:
    start = chance.randint(0, len(content))
    piece = content[start : start + chance.randint(1, 2000)]
    return content[:start] + piece * chance.choice((2, 3, 50)) + content[start:]


def _number(chance: random.Random, content: bytes) -> bytes:
    """Four bytes that count something, counting something else."""
    data = bytearray(content)
    value = chance.choice((0, 1, 0x7F, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000))
    if len(data) > 8:
        start = chance.randrange(len(data) - 4)
        data[start : start + 4] = value.to_bytes(4, "little")
    return bytes(data)


_OUTSIDE: tuple[Change, ...] = (_flipped, _flipped, _cut, _hole, _doubled, _number, _number)


# --- inside a package -----------------------------------------------------------------------------
def _inside(chance: random.Random, content: bytes) -> bytes:
    parts = _unpacked(content)
    chosen = chance.choice([name for name in parts if name.endswith((".xml", ".rels"))])
    if chance.random() < 0.05:
        del parts[chosen]
    else:
        parts[chosen] = chance.choice(_XML)(chance, parts[chosen])
    return _packed(parts)


def _unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            part = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            package.writestr(part, data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _timeless(content: bytes) -> bytes:
    """A file without the time at which it was made, so that it is the same in every run."""
    if not content.startswith(b"PK"):
        return content
    parts = _unpacked(content)
    parts.pop("docProps/core.xml", None)
    return _packed(parts)


_NUMBERS = re.compile(rb"\d+")
_VALUES = re.compile(rb'"[^"]*"')
_TAGS = re.compile(rb"<[^>]*>")
_ODD_NUMBERS = (b"0", b"-1", b"1048576", b"4294967296", b"99999999999999999999", b"1e308", b"NaN")
_ODD_VALUES = (
    b'""', b'"XFD1048576"', b'"A0"', b'"&#0;"', b'"&x;"', b'"../../../etc/passwd"', b'"e"', b'"s"',
    b'"percentage"', b'"' + b"9" * 3000 + b'"', "\u202e".join('""').encode(),
)  # fmt: skip


def _one(pattern: re.Pattern[bytes], odd: tuple[bytes, ...]) -> Change:
    def change(chance: random.Random, data: bytes) -> bytes:
        found = list(pattern.finditer(data))
        for match in sorted(
            chance.sample(found, min(len(found), chance.randint(1, 4))),
            key=lambda match: -match.start(),
        ):
            data = data[: match.start()] + chance.choice(odd) + data[match.end() :]
        return data

    return change


def _tag_gone(chance: random.Random, data: bytes) -> bytes:
    found = list(_TAGS.finditer(data))
    match = chance.choice(found) if found else None
    return data[: match.start()] + data[match.end() :] if match else data


def _tag_again(chance: random.Random, data: bytes) -> bytes:
    found = list(_TAGS.finditer(data))
    if not found:
        return data
    match, times = chance.choice(found), chance.choice((2, 3, 1000))
    return data[: match.start()] + match[0] * times + data[match.end() :]


def _tags_swapped(chance: random.Random, data: bytes) -> bytes:
    found = list(_TAGS.finditer(data))
    if len(found) < 2:
        return data
    one, other = sorted(chance.sample(found, 2), key=lambda match: match.start())
    between = data[one.end() : other.start()]
    return data[: one.start()] + other[0] + between + one[0] + data[other.end() :]


def _entity(chance: random.Random, data: bytes) -> bytes:
    head = b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"ha" * chance.randint(1, 500))
    return data.replace(b"?>", b"?>" + head, 1).replace(b"</", b"&a;</", 3)


_XML: tuple[Change, ...] = (
    _one(_NUMBERS, _ODD_NUMBERS), _one(_NUMBERS, _ODD_NUMBERS), _one(_VALUES, _ODD_VALUES),
    _one(_VALUES, _ODD_VALUES), _tag_gone, _tag_again, _tags_swapped, _entity, *_OUTSIDE,
)  # fmt: skip


# --- reading one ----------------------------------------------------------------------------------
def _through_the_product(content: bytes, name: str) -> str:
    before = time.monotonic()
    try:
        tables = read_safely(content, name)
        propose(tables)
        find_rows(tables)
    except Unreadable as refused:
        outcome = REFUSED if str(refused) else CRASHED
    except Exception:
        traceback.print_exc()
        outcome = CRASHED
    else:
        outcome = READ
    return SLOW if time.monotonic() - before > MOST_SECONDS else outcome


def _in_a_fork(content: bytes, name: str) -> str:
    """The same without the start of an interpreter, which takes a hundred times as long as the
    reading. What ends the process from outside, its limits do: the product then says that the file
    holds too much."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os._exit(_read(content, f".{name.rsplit('.', 1)[1]}"))
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            if os.WIFSIGNALED(status):
                return ENDED
            return _CODES.get(os.waitstatus_to_exitcode(status), CRASHED)
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return SLOW


def _read(content: bytes, ending: str) -> int:
    try:
        limit()
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), 2
        )  # a Rust panic writes there before it is caught
        tables = read(content, ending)
        propose(tables)
        find_rows(tables)
    except Unreadable as refused:
        return 3 if str(refused) else 1
    except MemoryError:
        return 4
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()
        return 1
    return 0
