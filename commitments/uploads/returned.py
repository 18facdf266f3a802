"""What stands of the things that a return speaks of, and what stood when it was taken away."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.functions import Upper

from commitments.models import Commitment, Figure, Measure, Milestone, ProgressUpdate
from commitments.uploads.exporting import edited_values, moved_values
from commitments.uploads.locked import changed_though_locked
from commitments.uploads.offline import SAID_KEYS
from commitments.uploads.returns import Filled
from organisations.models import User

UNKNOWN = (
    "this row is not one that was exported here, or you cannot see it. Delete it. To add a "
    "commitment or a milestone, use its page or upload a spreadsheet into the plan."
)


@dataclass
class Standing:
    """Everything by what a row says of itself. Constant in queries, however many rows."""

    commitments: dict[tuple[str, str], Commitment]
    milestones: dict[int, Milestone]
    measures: dict[int, Measure]
    # What a commitment or milestone was at a version that is not the present one.
    copies: dict[tuple[str, int, int], dict[str, Any]]
    updates: dict[int, ProgressUpdate]
    figures: dict[int, list[Any]]

    @classmethod
    def of(cls, rows: Sequence[Filled], by: User, today: date) -> "Standing":
        """What the person may see of it."""
        names = {(row.cells.get("plan", ""), row.cells.get("reference", "")) for row in rows}
        commitments = _commitments(names, by, today)
        keys = [commitment.pk for commitment in commitments.values()]
        milestones = Milestone.objects.filter(
            pk__in=_keys(rows, "Milestones"), commitment__in=keys
        ).select_related("commitment")
        measures = Measure.objects.filter(pk__in=_keys(rows, "Figures"), commitment__in=keys)
        filled = [row for row in rows if row.kind == "Figures" and row.cells.get("value")]
        found = cls(
            commitments=commitments,
            milestones={milestone.pk: milestone for milestone in milestones},
            measures={measure.pk: measure for measure in measures},
            copies={},
            updates=_updates(rows, keys),
            figures=_figures(_keys(filled, "Figures")),
        )
        found._read_copies(rows)
        return found

    def commitment(self, row: Filled) -> Commitment | None:
        """The commitment that a row is about."""
        return self.commitments.get(_name(row))

    def thing(self, row: Filled) -> Any:
        """The commitment, milestone or measure that a row is; None when there is no such thing, or
        when the row names one of another commitment."""
        commitment = self.commitment(row)
        key = number(row, "key")
        if commitment is None or key is None:
            return None
        if row.kind == "Commitments":
            return commitment if commitment.pk == key else None
        found = (self.milestones if row.kind == "Milestones" else self.measures).get(key)
        return found if found and found.commitment_id == commitment.pk else None

    def exported(self, row: Filled, thing: Any) -> dict[str, Any] | None:
        """The values that were exported, None when the history knows no such version."""
        version = number(row, "version")
        if version == thing.version:
            return _values(row.kind, thing)
        return self.copies.get((row.kind, thing.pk, version or 0))

    def changed_though_locked(self, row: Filled, thing: Any) -> Iterator[str]:
        """The keys of locked cells of a row that hold something else than was exported."""
        latest = self.updates.get(number(row, "latest") or 0)
        is_present = number(row, "version") == thing.version
        return changed_though_locked(row, thing, latest, is_present=is_present)

    def figure_at(self, measure: int, day: date | None, event: int) -> Any:
        """The actual that stood for a period when the history had come to an event."""
        copies = [c for c in self.figures.get(measure, ()) if c.period_date == day]
        known = [copy for copy in copies if copy.pgh_id <= event]
        return known[-1].value if known and known[-1].pgh_label != "delete" else None

    def _read_copies(self, rows: Iterable[Filled]) -> None:
        wanted: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for row in rows:
            thing, version = self.thing(row), number(row, "version")
            if row.kind != "Figures" and thing and version and version != thing.version:
                wanted[row.kind].add((thing.pk, version))
        models: dict[str, Any] = {"Commitments": Commitment, "Milestones": Milestone}
        for kind, model in models.items():
            if not wanted[kind]:
                continue
            events = model.pgh_event_model.objects.filter(
                pgh_obj__in={pk for pk, _ in wanted[kind]},
                version__in={version for _, version in wanted[kind]},
            ).exclude(pgh_label="delete")
            if kind == "Commitments":
                events = events.select_related("pillar")
            for event in events:
                self.copies[kind, event.pgh_obj_id, event.version] = _values(kind, event)


def number(row: Filled, key: str) -> int | None:
    """A hidden number of a row."""
    text = row.cells.get(key, "").removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def said_of(update: ProgressUpdate | None) -> dict[str, str]:
    """What an update says, by the columns of the workbook."""
    return {name: getattr(update, name) if update else "" for name in SAID_KEYS}


def _name(row: Filled) -> tuple[str, str]:
    return row.cells.get("plan", "").upper(), row.cells.get("reference", "").upper()


def _keys(rows: Iterable[Filled], kind: str) -> list[int]:
    keys = (number(row, "key") for row in rows if row.kind == kind)
    return [key for key in keys if key is not None]


def _values(kind: str, row: Any) -> dict[str, Any]:
    return edited_values(row) if kind == "Commitments" else moved_values(row)


def _commitments(
    names: set[tuple[str, str]], by: User, today: date
) -> dict[tuple[str, str], Commitment]:
    rows = (
        Commitment.objects.visible_to(by, today)
        .annotate(code=Upper("plan__code"), upper=Upper("reference"))
        .filter(
            code__in={plan.upper() for plan, _ in names},
            upper__in={reference.upper() for _, reference in names},
        )
        .select_related("plan", "pillar", "standing__latest_update")
        .prefetch_related("parties")
        .defer("search")
        .order_by("pk")
    )
    return {(row.code, row.upper): row for row in rows}


def _updates(rows: Iterable[Filled], keys: list[int]) -> dict[int, ProgressUpdate]:
    exported = {key for row in rows if (key := number(row, "latest"))}
    found = ProgressUpdate.objects.filter(pk__in=exported, commitment__in=keys)
    return {update.pk: update for update in found}


def _figures(measures: list[int]) -> dict[int, list[Any]]:
    copies = Figure.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        measure__in=measures, kind=Figure.Kind.ACTUAL
    ).order_by("pgh_id")
    found: dict[int, list[Any]] = defaultdict(list)
    for copy in copies:
        found[copy.measure_id].append(copy)
    return found
