"""Parties, measures and milestones of one commitment, held against what a draft says of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from commitments.figures import format_figure
from commitments.models import Commitment, Measure, Milestone, Party
from commitments.register.actions.drafts import (
    FieldChange,
    MeasureDraft,
    MilestoneChange,
    MilestoneDraft,
    PartyDraft,
)
from commitments.register.actions.rows import fresh
from commitments.register.actions.wording import differs, in_words, label_of, state_in_words
from organisations.kinds import Side

ROLES = tuple(Party.Role.values)
COMPLETE = Milestone.State.COMPLETE
MEASURE_VALUES = (
    "name", "unit", "direction", "qualifier", "baseline_value", "baseline", "target_low",
    "target_high", "target_text", "rhythm",
)  # fmt: skip


# --- parties --------------------------------------------------------------------------------------
@dataclass
class PartiesEdit:
    """Parties to write, in order, and those to delete; `fields` is empty when nothing changes."""

    keep: list[Party] = field(default_factory=list)
    gone: list[Party] = field(default_factory=list)
    fields: list[FieldChange] = field(default_factory=list)


def compare_parties(
    stored: Sequence[Party], drafts: Sequence[PartyDraft], commitment: Commitment
) -> PartiesEdit:
    """Make the parties those of the drafts. A party that stays keeps its row, and with it who was
    assigned to answer for it."""
    if not stored:
        return _first_parties(drafts, commitment)
    left = list(stored)
    edit = PartiesEdit()
    changed = False
    before = {role: _names(stored, role) for role in ROLES}
    seen: set[tuple[str, object]] = set()
    for draft in drafts:
        identity = (draft.role, draft.organisation or draft.name.casefold())
        if identity in seen:
            continue
        seen.add(identity)
        party = _take(left, draft) or Party(commitment=commitment, role=draft.role)
        wanted = {
            "name": draft.name,
            "organisation": draft.organisation,
            "side": draft.organisation.side if draft.organisation else draft.side or Side.OTHER,
            "position": sum(kept.role == draft.role for kept in edit.keep),
        }
        if party.pk is None or any(getattr(party, name) != wanted[name] for name in wanted):
            changed = True
            for name, value in wanted.items():
                setattr(party, name, value)
        edit.keep.append(party)
    edit.gone = left
    if not changed and not left:
        return PartiesEdit()
    for role, name in ((Party.Role.LEAD, "leads"), (Party.Role.PARTNER, "partners")):
        after = _names(edit.keep, role)
        if before[role] != after:
            edit.fields.append(FieldChange(name, label_of(name), before[role], after))
    if not edit.fields:
        # Same names, and now tied to a body, or to another one.
        edit.fields.append(FieldChange("leads", "Organisations", "by name", "matched"))
    return edit


def _first_parties(drafts: Sequence[PartyDraft], commitment: Commitment) -> PartiesEdit:
    """The parties of a commitment that has none: nothing to compare with."""
    edit = PartiesEdit()
    seen: dict[tuple[str, object], PartyDraft] = {}
    for draft in drafts:
        seen.setdefault((draft.role, draft.organisation or draft.name.casefold()), draft)
    positions = dict.fromkeys(ROLES, 0)
    for draft in seen.values():
        body = draft.organisation
        edit.keep.append(
            fresh(
                Party,
                {
                    "role": draft.role,
                    "name": draft.name,
                    "side": body.side if body else draft.side or Side.OTHER,
                    "position": positions[draft.role],
                },
                {"commitment": commitment, "organisation": body},
            )
        )
        positions[draft.role] += 1
    for role, name in ((Party.Role.LEAD, "leads"), (Party.Role.PARTNER, "partners")):
        if names := _names(edit.keep, role):
            edit.fields.append(FieldChange(name, label_of(name), "", names))
    return edit


def _take(left: list[Party], draft: PartyDraft) -> Party | None:
    """Take the stored party that a draft speaks of off the list: the same body, else the same
    name where one of the two names no body."""
    rows = [party for party in left if party.role == draft.role]
    same = next(
        (p for p in rows if draft.organisation and p.organisation == draft.organisation), None
    )
    if same is None:
        same = next(
            (
                p
                for p in rows
                if p.name.casefold() == draft.name.casefold()
                and (p.organisation is None or draft.organisation is None)
            ),
            None,
        )
    if same is not None:
        left.remove(same)
    return same


def _names(parties: Sequence[Party], role: str) -> str:
    return "; ".join(party.name for party in parties if party.role == role)


# --- measures -------------------------------------------------------------------------------------
def compare_measures(
    stored: Sequence[Measure], drafts: Sequence[MeasureDraft], commitment: Commitment
) -> list[tuple[Measure, FieldChange]]:
    """Measures that are new or differ, each with what changes. Those not named are left alone."""
    by_name = {measure.name.casefold(): measure for measure in stored}
    by_key = {measure.pk: measure for measure in stored}
    found = []
    for draft in drafts:
        measure = by_key[draft.pk] if draft.pk else by_name.get(draft.name.casefold())
        if measure is None:
            measure = fresh(Measure, {"position": len(by_name)}, {"commitment": commitment})
            by_name[draft.name.casefold()] = measure
        before = measure_in_words(measure) if measure.pk else ""
        wanted = {name: getattr(draft, name) for name in MEASURE_VALUES}
        if wanted["rhythm"] is None:
            wanted["rhythm"] = measure.rhythm
        if wanted["target_high"] is None:
            wanted["target_high"] = wanted["target_low"]
        changed: Sequence[str] = MEASURE_VALUES
        if measure.pk:
            changed = [name for name in changed if differs(getattr(measure, name), wanted[name])]
        if changed:
            for name in changed:
                setattr(measure, name, wanted[name])
            change = FieldChange(
                "measures", f"Measure: {measure.name}", before, measure_in_words(measure)
            )
            found.append((measure, change))
    return found


def measure_in_words(measure: Measure) -> str:
    """A measure in one line: "from 7,500 (2022) to at least 15,000 places per year"."""
    target = format_figure(
        measure.target_low, measure.target_high, measure.qualifier, measure.unit
    ) or (measure.target_text)
    parts = []
    if measure.baseline_value is not None:
        when = f" ({measure.baseline.text})" if measure.baseline else ""
        parts.append(f"from {in_words(measure.baseline_value)}{when}")
    if target:
        parts.append(f"to {target}" if parts else target)
    return " ".join(parts) or measure.unit


# --- milestones -----------------------------------------------------------------------------------
@dataclass
class MilestoneEdit:
    """One milestone to write, and what changes in it."""

    milestone: Milestone
    fields: list[FieldChange]
    is_new: bool

    def as_change(self) -> MilestoneChange:
        """The same for a person to read."""
        kind = "new" if self.is_new else "changed"
        return MilestoneChange(self.milestone.title, kind, tuple(self.fields))


def compare_milestones(
    stored: Sequence[Milestone],
    drafts: Sequence[MilestoneDraft],
    commitment: Commitment,
    *,
    keep_baselines: bool,
) -> tuple[list[MilestoneEdit], list[str]]:
    """Milestones that are new or differ, and what cannot be done. Others are left alone."""
    by_title = {milestone.title.casefold(): milestone for milestone in reversed(stored)}
    edits: list[MilestoneEdit] = []
    problems: list[str] = []
    for draft in drafts:
        title = draft.title.strip()
        milestone = by_title.get(title.casefold()) or fresh(
            Milestone, {"title": title}, {"commitment": commitment}
        )
        values = _milestone_values(draft)
        if keep_baselines and milestone.baseline and "baseline" in values:
            problems += _leave_baseline(milestone, values)
        if milestone.actual_on and values.get("state", COMPLETE) != COMPLETE:
            # Opened again: the day when it was said to be reached no longer holds.
            values["actual_on"] = None
        changes = []
        for name, value in values.items():
            before = getattr(milestone, name)
            if differs(before, value):
                setattr(milestone, name, value)
                changes.append(change_of(name, before, value))
        if changes or milestone.pk is None:
            edits.append(MilestoneEdit(milestone, changes, is_new=milestone.pk is None))
    return edits, problems


def _milestone_values(draft: MilestoneDraft) -> dict[str, Any]:
    """What a draft names: neither None nor an empty text."""
    names = ("baseline", "forecast", "actual_on", "state", "owner", "organisation")
    values = {name: value for name in names if (value := getattr(draft, name)) is not None}
    values |= {name: value for name in ("source", "note") if (value := getattr(draft, name))}
    if draft.is_demonstration:
        values["is_demonstration"] = True
    if draft.actual_on:
        values["state"] = COMPLETE.value
    return values


def _leave_baseline(milestone: Milestone, values: dict[str, Any]) -> list[str]:
    """A promised date stays. Another date given for it, alone, is when the step is now expected;
    given beside a forecast it is refused. Returns what to say."""
    promised = values.pop("baseline")
    if not promised or not differs(milestone.baseline, promised):
        return []
    if "forecast" not in values:
        values["forecast"] = promised
        return []
    return [
        f'"{milestone.title}" was promised for {in_words(milestone.baseline)}, and that stays on '
        f"record. Leave {in_words(promised)} out, or give it as the date now expected."
    ]


def change_of(name: str, before: Any, after: Any) -> FieldChange:
    """A change of one value of a milestone, in words."""
    words = state_in_words if name == "state" else in_words
    return FieldChange(name, label_of(name), words(before), words(after))
