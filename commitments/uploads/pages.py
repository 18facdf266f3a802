"""What applying a file would do, as the pages of its preview: each is put away as soon as it is
full, so that a file of many thousand rows takes no more room than a small one. Pure functions."""

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from commitments.register.actions import Change

CHANGES_A_PAGE = 50
# The kind of the pages that say which ratings change (commitments.uploads.effects).
RATINGS = "ratings"
# Kinds of pages that say something else than what the file changes.
NO_CHANGES = ("missing", RATINGS)


@dataclass(frozen=True)
class Page:
    """Up to fifty changes of one kind, counted from 1. `packed` is their JSON."""

    kind: str
    number: int
    packed: bytes

    @property
    def text(self) -> str:
        """The changes as a JSON list."""
        return zlib.decompress(self.packed).decode()


@dataclass
class Pages:
    """The changes of a check, in the order of the rows. Two of the same have the same `fingerprint`
    exactly when all their changes are the same."""

    full: list[Page] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    milestones: int = 0
    _open: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    _seen: Any = field(default_factory=hashlib.sha256)

    @classmethod
    def of(cls, kind: str, shown: Iterable[Mapping[str, Any]]) -> "Pages":
        """Pages of one kind."""
        pages = cls()
        for each in shown:
            pages.put(kind, each)
        pages.close()
        return pages

    def add(self, change: Change, row: int) -> None:
        """The change that a row makes; row 0 is none of the file."""
        self.milestones += len(change.milestones)
        self.put(change.kind, as_json(change, row))

    def put(self, kind: str, shown: Mapping[str, Any]) -> None:
        """Something to show on the pages of a kind."""
        self.counts[kind] += 1
        rows = self._open.setdefault(kind, [])
        rows.append(shown)
        if len(rows) == CHANGES_A_PAGE:
            self._close(kind)

    def close(self) -> None:
        """Nothing more comes."""
        for kind in list(self._open):
            self._close(kind)

    def _close(self, kind: str) -> None:
        text = json.dumps(self._open.pop(kind)).encode()
        number = (self.counts[kind] - 1) // CHANGES_A_PAGE + 1
        self._seen.update(f"{kind} {number} ".encode() + text)
        self.full.append(Page(kind, number, zlib.compress(text, 1)))

    def fingerprint(self) -> str:
        """What stands on all pages, in 64 signs."""
        return str(self._seen.hexdigest())


def as_json(change: Change, row: int) -> dict[str, Any]:
    """A change as a page keeps it."""
    return {
        "reference": change.reference,
        "title": change.title,
        "kind": change.kind,
        "fields": _fields(change.fields),
        "milestones": [
            {"title": each.title, "kind": each.kind, "fields": _fields(each.fields)}
            for each in change.milestones
        ],
        "row": row,
    }


def _fields(changes: Sequence[Any]) -> list[dict[str, str]]:
    return [
        {"field": name, "label": label, "before": before, "after": after}
        for name, label, before, after in changes
    ]


def by_reference(texts: Iterator[str]) -> dict[str, str]:
    """What pages say of each commitment, short enough to hold all of them side by side."""
    return {
        change["reference"]: hashlib.sha256(json.dumps(change, sort_keys=True).encode()).hexdigest()
        for text in texts
        for change in json.loads(text)
    }
