"""A commitment with its parties and measures as one flat set of values, now or at a version.

The version of a commitment counts changes of its parties and measures too, and they are written in
one transaction with it. So the parties of a version are those that the history knew at its time.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from commitments.dates import FuzzyDate, Precision
from commitments.figures import format_figure
from commitments.models import Commitment, Measure, Party
from commitments.register.actions.drafts import MeasureDraft, PartyDraft
from commitments.register.actions.wording import in_words, label_of

PLAIN = (
    "title", "description", "staff_groups", "source", "plan_reference", "lead_basis", "confidence",
    "state", "senior_responsible_owner",
)  # fmt: skip
TARGET = ("target_low", "target_high", "qualifier", "target_text")
MEASURE_PARTS = {
    "name": ("name",),
    "unit": ("unit",),
    "direction": ("direction",),
    "target": TARGET,
    "baseline_value": ("baseline_value",),
    "baseline": ("baseline",),
    "rhythm": ("rhythm",),
}
ROLES = {"leads": Party.Role.LEAD, "partners": Party.Role.PARTNER}


class Named(tuple[tuple[str, int | None, str], ...]):
    """Parties of one role in order, each as (name, organisation, side of a class)."""

    __slots__ = ()

    def __str__(self) -> str:
        return "; ".join(name for name, *_ in self)


class Target(tuple[Any, ...]):
    """The four columns of a measure's target, which change together."""

    __slots__ = ()

    def __str__(self) -> str:
        low, high, qualifier, text = self
        return format_figure(low, high, qualifier) or text


def now(commitment: Commitment) -> dict[str, Any]:
    """The values as they stand."""
    return _values(commitment, commitment.parties.all(), commitment.measures.all())


def at(event: Any) -> dict[str, Any]:
    """The values as they stood when a version was written; `event` is the history's copy of it."""
    return _values(event, _known(Party, event), _known(Measure, event))


def wanted(changes: Mapping[str, Any]) -> dict[str, Any]:
    """A caller's changes as flat values. Measures without a key are new, and not among them."""
    flat = {name: value for name, value in changes.items() if name in (*PLAIN, "target", "pillar")}
    for name in ROLES:
        if name in changes:
            flat[name] = _named_drafts(changes[name])
    for draft in changes.get("measures", ()):
        if draft.pk:
            flat |= _measure_values(draft, draft.pk)
    return flat


def parties_ever(commitment: Commitment) -> list[PartyDraft]:
    """What every party was ever called, the present ones last: a page that was opened before
    somebody changed a name still speaks of the same body."""
    copies = Party.pgh_event_model.objects.filter(  # type: ignore[attr-defined]
        commitment=commitment.pk
    ).order_by("pgh_id")
    rows = [*copies.select_related("organisation")]
    rows += commitment.parties.select_related("organisation")
    return [PartyDraft(row.role, row.name, row.organisation, row.side) for row in rows]


def parties_after(applied: Mapping[str, Any], changes: Mapping[str, Any],
                  commitment: Commitment) -> list[PartyDraft] | None:  # fmt: skip
    """All parties as they should become, or None when neither role changes."""
    if not any(name in applied for name in ROLES):
        return None
    drafts: list[PartyDraft] = []
    for name, role in ROLES.items():
        if name in applied:
            drafts += changes[name]
        else:
            drafts += [
                PartyDraft(party.role, party.name, party.organisation, party.side)
                for party in commitment.parties.select_related("organisation")
                if party.role == role
            ]
    return drafts


def measures_after(
    applied: Mapping[str, Any], changes: Mapping[str, Any], commitment: Commitment
) -> list[MeasureDraft]:
    """Measures as they should become: what is applied over what stands, then the new ones."""
    drafts = []
    for measure in commitment.measures.all():
        values = {n: getattr(measure, n) for names in MEASURE_PARTS.values() for n in names}
        for part, names in MEASURE_PARTS.items():
            key = _key(measure.pk, part)
            if key in applied:
                found = applied[key] if part == "target" else (applied[key],)
                values |= dict(zip(names, found, strict=True))
        drafts.append(MeasureDraft(**values, pk=measure.pk))
    return drafts + [draft for draft in changes.get("measures", ()) if not draft.pk]


def label(name: str, values: Mapping[str, Any]) -> str:
    """The words for a flat value's name: those of measures say which measure."""
    if not name.startswith("measure-"):
        return label_of(name)
    _, key, part = name.split("-")
    words = {"name": "name", "baseline_value": "starting value", "baseline": "starting date"}
    return f"{values[_key(int(key), 'name')]}: {words.get(part, part)}"


def words(value: Any) -> str:
    """A flat value as a page says it."""
    return str(value) if isinstance(value, (Named, Target)) else in_words(value)


def _values(row: Any, parties: Iterable[Any], measures: Iterable[Any]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in PLAIN}
    values["target"] = FuzzyDate(row.target_text, row.target_date, Precision(row.target_precision))
    values["pillar"] = row.pillar.name if row.pillar else ""
    parties = sorted(parties, key=lambda party: (party.position, party.pk))
    for name, role in ROLES.items():
        values[name] = Named(
            (p.name, p.organisation_id, "" if p.organisation_id else p.side)
            for p in parties
            if p.role == role
        )
    for measure in measures:
        values |= _measure_values(measure, getattr(measure, "pgh_obj_id", measure.pk))
    return values


def _measure_values(measure: Any, pk: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part, names in MEASURE_PARTS.items():
        if part == "target":
            low, high, *rest = (getattr(measure, name) for name in names)
            found[_key(pk, part)] = Target((low, low if high is None else high, *rest))
        elif part == "baseline" and not hasattr(measure, "baseline"):
            found[_key(pk, part)] = FuzzyDate(
                measure.baseline_text,
                measure.baseline_date,
                Precision(measure.baseline_precision),
            )
        elif getattr(measure, part) is not None or part != "rhythm":
            found[_key(pk, part)] = getattr(measure, part)
    return found


def _named_drafts(drafts: Sequence[PartyDraft]) -> Named:
    return Named(
        (d.name, None, d.side or "other")
        if d.organisation is None
        else (d.name, d.organisation.pk, "")
        for d in drafts
    )


def _known(model: Any, event: Any) -> list[Any]:
    """The history's newest copies of a commitment's rows at the time of one of its versions."""
    copies = (
        model.pgh_event_model.objects.filter(
            commitment=event.pgh_obj_id, pgh_created_at__lte=event.pgh_created_at
        )
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    return [copy for copy in copies if copy.pgh_label != "delete"]


def _key(pk: int, part: str) -> str:
    return f"measure-{pk}-{part}"
