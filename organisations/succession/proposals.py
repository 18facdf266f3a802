"""What a newer register file would change, in words, before anybody lets it.

The file is applied and taken back inside one transaction, so what is proposed is what loading it
does, by construction.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Count

from organisations.loading import Problem, load_register
from organisations.models import Area, Organisation, Succession
from organisations.writing import undone

LABELS = {
    "name": "name",
    "kind": "kind",
    "parent__code": "stands below",
    "opened": "first day",
    "closed": "last day",
    "code_system": "code system",
    "ons_code": "ONS code",
}
SORTS = ("opening", "closing", "rename", "succession", "change", "area")
HEADINGS = {
    "opening": "Openings",
    "closing": "Closings",
    "rename": "Renames",
    "succession": "Successions",
    "change": "Other changes",
    "area": "Editions of areas",
}


@dataclass(frozen=True)
class Proposal:
    """One thing that would change. `sort` is one of SORTS."""

    sort: str
    code: str
    name: str
    what: str


@dataclass
class Proposals:
    """All that a file would change, or what is wrong with it."""

    found: list[Proposal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def by_sort(self) -> list[tuple[str, list[Proposal]]]:
        """Under headings, in the order of SORTS; none that is empty."""
        groups = [(HEADINGS[sort], [p for p in self.found if p.sort == sort]) for sort in SORTS]
        return [(heading, rows) for heading, rows in groups if rows]

    def as_json(self) -> dict[str, Any]:
        """Everything, for other programs."""
        return {
            "proposals": [asdict(one) for one in self.found],
            "problems": [asdict(problem) for problem in self.problems],
        }


@dataclass(frozen=True)
class _Register:
    """The register at one moment."""

    bodies: dict[str, dict[str, Any]]
    successions: dict[tuple[str, str], tuple[date, str]]
    areas: dict[str, int]

    @classmethod
    def read(cls) -> "_Register":
        bodies = Organisation.objects.values("code", *LABELS)
        rows = Succession.objects.values_list("predecessor__code", "successor__code", "on", "kind")
        areas = Area.objects.order_by().values_list("edition").annotate(Count("pk"))
        return cls(
            {row["code"]: row for row in bodies},
            {(old, new): (on, kind) for old, new, on, kind in rows},
            dict(areas),
        )


def propose(organisations: Path, overlaps: Path | None = None) -> Proposals:
    """What loading these files would change. Stores nothing."""
    with undone():
        before = _Register.read()
        report = load_register(organisations, overlaps)
        after = _Register.read()
    if report.problems:
        return Proposals(problems=report.problems)
    found = [*_bodies(before, after), *_successions(before, after), *_areas(before, after)]
    return Proposals(sorted(found, key=lambda one: (SORTS.index(one.sort), one.name)))


def _bodies(before: _Register, after: _Register) -> Iterator[Proposal]:
    for code, now in after.bodies.items():
        was = before.bodies.get(code)
        name = now["name"]
        if was is None:
            when = f" on {_shown(now['opened'])}" if now["opened"] else ""
            closed = f", closed on {_shown(now['closed'])}" if now["closed"] else ""
            yield Proposal("opening", code, name, f"is new and opens{when}{closed}")
            continue
        changed = [label for label in LABELS if was[label] != now[label]]
        if "closed" in changed and now["closed"] and not was["closed"]:
            changed.remove("closed")
            yield Proposal("closing", code, name, f"closes on {_shown(now['closed'])}")
        if "name" in changed:
            changed.remove("name")
            yield Proposal("rename", code, name, f"was called {was['name']}")
        for label in changed:
            before_and_after = f"{_shown(was[label])} becomes {_shown(now[label])}"
            yield Proposal("change", code, name, f"{LABELS[label]}: {before_and_after}")


def _successions(before: _Register, after: _Register) -> Iterator[Proposal]:
    for (old, new), (on, kind) in after.successions.items():
        was = before.successions.get((old, new))
        if was == (on, kind):
            continue
        names = after.bodies[old]["name"], after.bodies[new]["name"]
        earlier = f" (until now {was[1]} on {_shown(was[0])})" if was else ""
        what = f"passes to {names[1]} ({new}) on {_shown(on)}: {kind}{earlier}"
        yield Proposal("succession", old, names[0], what)


def _areas(before: _Register, after: _Register) -> Iterator[Proposal]:
    for edition, count in after.areas.items():
        if before.areas.get(edition) != count:
            what = f"{before.areas.get(edition, 0)} overlaps become {count}"
            yield Proposal("area", edition, "Councils and boards", what)


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(value) if value else "nothing"


def in_words(proposals: Proposals) -> str:
    """For people who read it in a terminal."""
    if proposals.problems:
        return "\n".join(map(str, proposals.problems))
    lines: list[str] = []
    for heading, rows in proposals.by_sort:
        lines.append(f"{heading}: {len(rows)}")
        lines += [f"  {row.code}  {row.name}: {row.what}" for row in rows]
    return "\n".join(lines or ["The file changes nothing."])
