"""Saves checked rows: the difference to the register, in a handful of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from organisations.loading.files import Overlap, Problem, Row
from organisations.loading.names import AliasParts, aliases_of, short_name_of
from organisations.models import Alias, Area, Organisation, Succession

FIELDS = (
    "code", "code_system", "name", "short_name", "kind", "parent_id", "opened", "opened_text",
    "closed", "closed_text", "ons_code", "source", "confidence", "notes",
)  # fmt: skip
BATCH = 1000


@dataclass
class Report:
    """What a load did, by code. `kept` are in the register and not in the file."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    overlaps: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Counts, with the codes of what was kept and every problem in full."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "kept": self.kept,
            "overlaps": self.overlaps,
            "problems": [asdict(problem) for problem in self.problems],
        }


def save(
    rows: Sequence[Row], overlaps: Sequence[Overlap], known: dict[str, Organisation]
) -> Report:
    """Write rows that have passed the checks, inside the caller's transaction. `known` gains what
    is new. A body counts as changed when its names or successors have."""
    new = _insert(rows, known)
    named = _save_aliases(rows, overlaps, known)
    changed = _update(rows, known) | named | _save_successions(rows, known)
    report = Report(overlaps=_save_overlaps(overlaps, known))
    for row in rows:
        code = row.code.upper()
        kind = report.new if code in new else report.changed if code in changed else None
        (report.unchanged if kind is None else kind).append(row.code)
    in_file = {row.code.upper() for row in rows}
    report.kept = sorted(body.code for code, body in known.items() if code not in in_file)
    return report


def _insert(rows: Iterable[Row], known: dict[str, Organisation]) -> set[str]:
    """New bodies, parents before their children, so that history has one event for each."""
    waiting = [row for row in rows if row.code.upper() not in known]
    new = {row.code.upper() for row in waiting}
    while waiting:
        ready = [row for row in waiting if not row.parent_code or row.parent_code.upper() in known]
        made = Organisation.objects.bulk_create(
            (Organisation(**_values(row, known)) for row in ready), batch_size=BATCH
        )
        known |= {body.code.upper(): body for body in made}
        waiting = [row for row in waiting if row.code.upper() not in known]
    return new


def _update(rows: Iterable[Row], known: Mapping[str, Organisation]) -> set[str]:
    changed = {}
    for row in rows:
        body, values = known[row.code.upper()], _values(row, known)
        if any(getattr(body, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(body, name, value)
            changed[row.code.upper()] = body
    Organisation.objects.bulk_update(
        changed.values(), [name.removesuffix("_id") for name in FIELDS], batch_size=BATCH
    )
    return set(changed)


def _values(row: Row, known: Mapping[str, Organisation]) -> dict[str, Any]:
    values = (
        row.code,
        row.code_system,
        row.name,
        short_name_of(row),
        row.kind.value,
        known[row.parent_code.upper()].pk if row.parent_code else None,
        row.opened.first if row.opened else None,
        row.opened.words if row.opened else "",
        row.closed.last if row.closed else None,
        row.closed.words if row.closed else "",
        row.ons_code,
        row.source,
        row.confidence,
        row.notes,
    )
    return dict(zip(FIELDS, values, strict=True))


def _save_aliases(
    rows: Iterable[Row], overlaps: Iterable[Overlap], known: Mapping[str, Organisation]
) -> set[str]:
    """Names that the files give; names that people have added stay."""
    have = {(alias.organisation_id, alias.name.lower()): alias for alias in Alias.objects.all()}
    wanted: dict[tuple[int, str], tuple[Organisation, AliasParts]] = {}
    for row in rows:
        for alias in aliases_of(row):
            body = known[row.code.upper()]
            wanted.setdefault((body.pk, alias[0].lower()), (body, alias))
    for overlap in overlaps:
        body, name = known[overlap.council_code.upper()], overlap.council_name
        if name and name.lower() != body.name.lower():
            short = (name, Alias.Kind.SHORT, "")
            wanted.setdefault((body.pk, name.lower()), (body, short))
    new, changed, touched = [], [], set()
    for key, (body, (name, kind, note)) in wanted.items():
        found = have.get(key)
        if found is None:
            new.append(Alias(organisation=body, name=name, kind=kind, note=note))
        elif (found.kind, found.note) != (kind, note):
            found.kind, found.note = kind, note
            changed.append(found)
        else:
            continue
        touched.add(body.code.upper())
    Alias.objects.bulk_create(new, batch_size=BATCH)
    Alias.objects.bulk_update(changed, ["kind", "note"], batch_size=BATCH)
    return touched


def _save_successions(rows: Sequence[Row], known: Mapping[str, Organisation]) -> set[str]:
    have = {(s.predecessor_id, s.successor_id): s for s in Succession.objects.all()}
    pairs = {
        (known[row.code.upper()].pk, known[code.upper()].pk): (row, row.succession_on)
        for row in rows
        for code in row.successor_codes
        if row.succession_on
    }
    before: dict[int, set[int]] = defaultdict(set)
    for predecessor, successor in (*have, *pairs):
        before[successor].add(predecessor)
    bodies = {body.pk: body for body in known.values()}
    new, changed, touched = [], [], set()
    for (predecessor, successor), (row, on) in pairs.items():
        kind = succession_kind(row, bodies[successor], sole=len(before[successor]) == 1)
        found = have.get((predecessor, successor))
        if found is None:
            new.append(
                Succession(predecessor_id=predecessor, successor_id=successor, on=on, kind=kind)
            )
        elif (found.on, found.kind) != (on, kind):
            found.on, found.kind = on, kind
            changed.append(found)
        else:
            continue
        touched.add(row.code.upper())
    Succession.objects.bulk_create(new, batch_size=BATCH)
    Succession.objects.bulk_update(changed, ["on", "kind"], batch_size=BATCH)
    return touched


def succession_kind(row: Row, successor: Organisation, *, sole: bool) -> Succession.Kind:
    """How a closed body passed on what it did.

    To several: a split. As the only one, to a body that opened that very day: a rename, or a
    transfer where the new body is of another kind. To anything else: a merger.
    """
    if len(row.successor_codes) > 1:
        return Succession.Kind.SPLIT
    if sole and successor.opened == row.succession_on:
        same_kind = successor.kind == row.kind
        return Succession.Kind.RENAME if same_kind else Succession.Kind.TRANSFER
    return Succession.Kind.MERGER


def _save_overlaps(
    overlaps: Sequence[Overlap], known: Mapping[str, Organisation]
) -> dict[str, int]:
    have = {(area.edition, area.council_id, area.board_id): area for area in Area.objects.all()}
    new, changed, seen = [], [], set()
    for row in overlaps:
        council, board = known[row.council_code.upper()].pk, known[row.board_code.upper()].pk
        key = (row.edition, council, board)
        seen.add(key)
        values = {
            "valid_from": row.valid_from,
            "lsoa_count": row.lsoa_count,
            "share": row.share,
        }
        area = have.get(key)
        if area is None:
            new.append(Area(edition=row.edition, council_id=council, board_id=board, **values))
        elif any(getattr(area, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(area, name, value)
            changed.append(area)
    Area.objects.bulk_create(new, batch_size=BATCH)
    Area.objects.bulk_update(changed, ["valid_from", "lsoa_count", "share"], batch_size=BATCH)
    return {
        "new": len(new),
        "changed": len(changed),
        "unchanged": len(overlaps) - len(new) - len(changed),
        "kept": len(have.keys() - seen),
    }
