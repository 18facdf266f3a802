"""Change one commitment or milestone that somebody else may be changing too."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from commitments.dates import FuzzyDate, Precision
from commitments.models import Commitment, Milestone, Plan
from commitments.register.actions import snapshots
from commitments.register.actions.checking import explain_milestone
from commitments.register.actions.children import change_of, compare_milestones
from commitments.register.actions.comparing import compare, read
from commitments.register.actions.drafts import (
    CommitmentDraft,
    DraftProblems,
    FieldChange,
    MilestoneDraft,
    Problem,
)
from commitments.register.actions.merging import (
    Choices,
    Conflict,
    EditConflict,
    last_change,
    merge,
    remember,
    version_of,
)
from commitments.register.actions.moving import is_promised, refuse_moves
from commitments.register.actions.permission import (
    may_edit,
    may_move,
    may_run,
    require,
    writes,
)
from commitments.register.actions.saving import save_commitments
from commitments.register.actions.wording import in_words, label_of, state_in_words
from organisations.models import User

# What somebody who reports on a commitment may change in its milestones; the rest is editing.
REPORTABLE = frozenset({"forecast", "actual_on", "state", "note"})
MILESTONE_VALUES = (
    "title", "baseline", "forecast", "actual_on", "state", "owner", "organisation", "source",
    "note",
)  # fmt: skip


@writes
def add_commitment(*, by: User, plan: Plan, draft: CommitmentDraft, today: date) -> Commitment:
    """Add one commitment to a plan. Adding the very same again gives the one that stands.

    Raises DraftProblems, among them that the reference is taken, and PermissionDenied.
    """
    require(may_run(by, plan, today))
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    stored = read(plan, [draft.reference])
    taken = stored.commitments.get(draft.reference.upper())
    if taken and compare(plan, [draft], stored, keep_baselines=True)[0].kind != "unchanged":
        taken.refresh_from_db(fields=["title"])
        message = f'This plan has "{taken.title}" under {taken.reference}. Use another reference.'
        raise DraftProblems([Problem(draft.reference, "reference", message)])
    save_commitments(by=by, plan=plan, drafts=[draft], today=today)
    return Commitment.objects.get(plan=plan, reference__iexact=draft.reference)


@writes
def change_commitment(
    *,
    by: User,
    commitment: Commitment,
    base_version: int,
    changes: Mapping[str, Any],
    today: date,
    choices: Choices | None = None,
) -> Commitment:
    """Change one commitment, keeping what others changed since `base_version`.

    `changes`: values by name; `pillar` by its name; `leads` and `partners` as lists of PartyDraft;
    `measures` as MeasureDrafts, with the key of the measure they change or without one for a new
    one. `merging.meanwhile(result)` tells what others had changed. Raises EditConflict where
    somebody moved the same field, until `choices` settles it; PromiseStands where a promise would
    move; DraftProblems; PermissionDenied.
    """
    require(may_edit(by, commitment, today))
    plan = Plan.objects.select_for_update(no_key=True).get(pk=commitment.plan_id)
    row = _locked(commitment)
    theirs = snapshots.now(row)
    base, seen = (
        theirs if version in (row.version, None) else snapshots.at(_copy(row, version))
        for version in (base_version, choices.seen_version if choices else None)
    )
    merged = merge(
        base,
        theirs,
        snapshots.wanted(changes),
        seen=seen,
        choices=choices.fields if choices else None,
    )
    if merged.overlapping:
        yours = snapshots.wanted(changes)
        conflicts = [
            Conflict(
                name,
                snapshots.label(name, theirs),
                *(snapshots.words(side.get(name)) for side in (base, theirs, yours)),
            )
            for name in merged.overlapping
        ]
        _refuse(row, base_version, conflicts)
    applied = merged.apply
    refuse_moves(row, applied)
    draft = CommitmentDraft(
        row.reference,
        {name: applied[name] for name in (*snapshots.PLAIN, "target") if name in applied},
        pillar=applied.get("pillar"),
        parties=snapshots.parties_after(applied, changes, row),
        measures=snapshots.measures_after(applied, changes, row),
    )
    save_commitments(by=None, plan=plan, drafts=[draft], today=today)
    saved = _locked(commitment)
    remember(
        saved,
        [
            FieldChange(
                name,
                snapshots.label(name, theirs),
                snapshots.words(base.get(name)),
                snapshots.words(theirs[name]),
            )
            for name in merged.meanwhile
            # Of a measure that is new since then, its name says enough.
            if name in base or name.endswith("-name")
        ],
    )
    return saved


@writes
def add_milestone(
    *, by: User | None, commitment: Commitment, today: date, **fields: Any
) -> Milestone:
    """Add a milestone; `fields` as MilestoneDraft has them. The very same again gives the one that
    stands. Raises ValidationError in plain words, and PermissionDenied."""
    if by is not None:
        require(may_edit(by, commitment, today))
    row = _locked(commitment)
    draft = MilestoneDraft(**fields)
    _refuse_problems(list(explain_milestone(draft, today)))
    stored = list(row.milestones.select_related("owner", "organisation"))
    same = next((m for m in stored if m.title.casefold() == draft.title.strip().casefold()), None)
    edits, problems = compare_milestones(stored, [draft], row, keep_baselines=False)
    if same and edits:
        problems = [
            f'There is a milestone "{same.title}" already. Change that one, or use another title.'
        ]
    _refuse_problems(problems)
    if same:
        return same
    edit = edits[0]
    edit.milestone.save()
    edit.milestone.refresh_from_db()
    return edit.milestone


@writes
def change_milestone(
    *,
    by: User | None,
    milestone: Milestone,
    base_version: int,
    changes: Mapping[str, Any],
    today: date,
    choices: Choices | None = None,
) -> Milestone:
    """Change a milestone, keeping what others changed since `base_version`, on the same terms as
    `change_commitment`. Who reports may move, complete and annotate it; the rest is for editors.

    The date first promised can be given once; moving it is asked for (commitments.changing).
    """
    row = (
        _locked(milestone.commitment)
        .milestones.select_related("owner", "organisation")
        .get(pk=milestone.pk)
    )
    theirs = {name: getattr(row, name) for name in MILESTONE_VALUES}
    base, seen = (
        theirs if version in (row.version, None) else _values_of(_copy(row, version))
        for version in (base_version, choices.seen_version if choices else None)
    )
    merged = merge(base, theirs, changes, seen=seen, choices=choices.fields if choices else None)
    if merged.overlapping:
        conflicts = [
            Conflict(
                name,
                label_of(name),
                *(_words(name, side.get(name)) for side in (base, theirs, changes)),
            )
            for name in merged.overlapping
        ]
        _refuse(row, base_version, conflicts)
    if by is not None:
        allowed = may_move if set(merged.apply) <= REPORTABLE else may_edit
        require(allowed(by, row.commitment, today))
    _set_milestone(row, merged.apply, today)
    remember(row, [change_of(name, base.get(name), theirs[name]) for name in merged.meanwhile])
    return row


@writes
def complete_milestone(
    *, by: User | None, milestone: Milestone, on: date, today: date
) -> Milestone:
    """Say that a milestone was reached on a day. One that is complete stays as it is."""
    row = _locked(milestone.commitment).milestones.get(pk=milestone.pk)
    if row.state == Milestone.State.COMPLETE:
        if by is not None:
            require(may_move(by, milestone.commitment, today))
        return row
    return change_milestone(
        by=by,
        milestone=row,
        base_version=row.version,
        changes={"state": Milestone.State.COMPLETE.value, "actual_on": on},
        today=today,
    )


def _set_milestone(row: Milestone, values: Mapping[str, Any], today: date) -> None:
    """Write checked values; nothing to apply writes nothing."""
    if not values:
        return
    moved = "baseline" in values and row.baseline_date not in (None, values["baseline"].last_day)
    if moved and is_promised(row.commitment):
        _refuse_problems(
            [
                f'"{row.title}" was promised for {in_words(row.baseline)}, and that stays on '
                "record. Change the date when it is now expected, or ask to move the promise."
            ]
        )
    for name, value in values.items():
        setattr(row, name, value)
    if row.actual_on and row.state != Milestone.State.COMPLETE and "actual_on" not in values:
        # Opened again: the day when it was said to be reached no longer holds. History keeps it.
        row.actual_on = None
    draft = MilestoneDraft(row.title, row.baseline, row.forecast, row.actual_on, row.state)
    problems = list(explain_milestone(draft, today))
    others = row.commitment.milestones.exclude(pk=row.pk).filter(title__iexact=row.title)
    if "title" in values and others.exists():
        problems.append(f'There is a milestone "{row.title}" already. Use another title.')
    _refuse_problems(problems)
    row.save()
    row.refresh_from_db()


def _values_of(copy: Any) -> dict[str, Any]:
    """A milestone's values from the history's copy of it."""
    found = {name: getattr(copy, name) for name in MILESTONE_VALUES if hasattr(copy, name)}
    for name in ("baseline", "forecast"):
        text, day, precision = (getattr(copy, f"{name}_{c}") for c in ("text", "date", "precision"))
        found[name] = FuzzyDate(text, day, Precision(precision))
    return found


def _words(name: str, value: Any) -> str:
    return state_in_words(value) if name == "state" else in_words(value)


def _locked(commitment: Commitment) -> Commitment:
    """The commitment as it stands, locked before anything that hangs on it is touched."""
    rows = Commitment.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("plan", "pillar").get(pk=commitment.pk)


def _copy(row: Commitment | Milestone, version: int) -> Any:
    copy = version_of(row, version)
    if copy is None:
        raise ValidationError(
            "This page does not fit the record any more. Open it again and repeat the change."
        )
    return copy


def _refuse(row: Commitment | Milestone, base_version: int, conflicts: list[Conflict]) -> None:
    who, when = last_change(row, base_version, {conflict.field for conflict in conflicts})
    raise EditConflict(conflicts, by=who, when=when, version=row.version)


def _refuse_problems(problems: list[str]) -> None:
    if problems:
        raise ValidationError(problems)
