"""Save many commitments at once: all or nothing, and set-based, so that thousands are no slower a
row than ten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from commitments.models import Commitment, Party, Pillar, Plan
from commitments.register.actions.checking import explain_reference, problems_of
from commitments.register.actions.children import MEASURE_VALUES
from commitments.register.actions.comparing import Stored, Work, compare, lock_named, read
from commitments.register.actions.drafts import (
    Change,
    CommitmentDraft,
    DraftProblems,
    SaveResult,
)
from commitments.register.actions.followers import parties_changed
from commitments.register.actions.permission import may_import, may_run, require, writes
from commitments.register.actions.rows import insert, update
from commitments.register.actions.standing import standing_once
from organisations.models import Organisation, User
from organisations.permissions import Capability, holds

COMMITMENT_COLUMNS = (
    "title", "description", "pillar", "target_text", "target_date", "target_precision",
    "staff_groups", "source", "plan_reference", "lead_basis", "confidence", "state", "draft_of",
    "senior_responsible_owner", "is_demonstration",
)  # fmt: skip
# What a rating follows from.
MOVING = {"target", "measures"}
PILLAR_COLUMNS = ("theme",)
PARTY_COLUMNS = ("name", "organisation", "side", "position")
MEASURE_COLUMNS = tuple(
    column
    for name in MEASURE_VALUES
    for column in (("baseline_text", "baseline_date", "baseline_precision")
                   if name == "baseline" else (name,))
)  # fmt: skip
MILESTONE_COLUMNS = (
    "baseline_text", "baseline_date", "baseline_precision", "forecast_text", "forecast_date",
    "forecast_precision", "actual_on", "state", "owner", "organisation", "source", "note",
    "is_demonstration", "title",
)  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """What a save of drafts would do, and all that is needed to do it. It can be saved once, in the
    transaction in which what it was planned with was read with a lock."""

    drafts: Sequence[CommitmentDraft]
    works: Sequence[Work]
    stored: Stored

    def moving(self) -> dict[int, Work]:
        """What is done to commitments, by key, whose rating may be another when this is saved."""
        return {
            work.commitment.pk: work
            for work in self.works
            if work.kind == "changed"
            and (work.milestones or any(each.field in MOVING for each in work.fields))
        }

    @property
    def changes(self) -> list[Change]:
        """In the words of a page, one entry a draft, in the order given."""
        return [work.as_change() for work in self.works]


def plan_save(
    *,
    plan: Plan,
    drafts: Sequence[CommitmentDraft],
    today: date = date.max,
    by_the_product: bool = False,
    stored: Stored | None = None,
) -> Planned:
    """What saving these drafts would do. Writes nothing.

    Says what a save by a person would do, unless `by_the_product`. Without `today`, days still to
    come are not looked for. Raises DraftProblems for what a save would refuse. `stored` is
    what `read` found for these references, where the caller has read them: with a lock, nobody can
    change what was compared until the transaction ends; the plan is then locked by the caller.
    """
    if stored is None:
        stored = read(plan, (draft.reference for draft in drafts))
    works = checked_work(plan, drafts, stored, today, keep_baselines=not by_the_product)
    return Planned(drafts, works, stored)


def plan_changes(
    *,
    plan: Plan,
    drafts: Sequence[CommitmentDraft],
    today: date = date.max,
    by_the_product: bool = False,
) -> list[Change]:
    """The changes of `plan_save`, one entry a draft, in the order given."""
    return plan_save(plan=plan, drafts=drafts, today=today, by_the_product=by_the_product).changes


@writes
def save_commitments(
    *,
    by: User | None,
    plan: Plan,
    drafts: Sequence[CommitmentDraft],
    today: date,
    planned: Planned | None = None,
) -> SaveResult:
    """Make a plan's commitments as the drafts say: new ones added, others changed, none removed.

    `by` None is the product itself (a loader). Raises DraftProblems, with everything that is wrong,
    and PermissionDenied; then nothing is written. Rows that do not differ are not touched. With
    `planned`, what was planned with a lock a moment ago is done, and not worked out again.
    """
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if planned is None:
        references = [draft.reference for draft in drafts]
        lock_named(plan, references)
        stored = read(plan, references)
    else:
        stored = planned.stored
    if by is not None:
        _require_may_save(by, plan, drafts, stored, today)
    works: Sequence[Work]
    if planned is None:
        works = checked_work(plan, drafts, stored, today, keep_baselines=by is not None)
    else:
        works = planned.works
    write(works, stored.pillars_touched)
    moved = (work.commitment.pk for work in works if work.parties or work.parties_gone)
    parties_changed(moved, by, today)
    edits = [edit for work in works for edit in work.milestones]
    milestones_new = sum(edit.is_new for edit in edits)
    return SaveResult(
        new=[work.commitment.reference for work in works if work.kind == "new"],
        changed=[work.commitment.reference for work in works if work.kind == "changed"],
        unchanged=[work.commitment.reference for work in works if work.kind == "unchanged"],
        milestones_new=milestones_new,
        milestones_changed=len(edits) - milestones_new,
    )


def checked_work(
    plan: Plan,
    drafts: Sequence[CommitmentDraft],
    stored: Stored,
    today: date,
    *,
    keep_baselines: bool,
) -> list[Work]:
    """The comparison, refused as a whole (DraftProblems) when anything in it is wrong.

    Only the product itself corrects a milestone's promised date.
    """
    problems = list(problems_of(drafts, today))
    if not problems:
        works = compare(plan, drafts, stored, keep_baselines=keep_baselines)
        problems = [problem for work in works for problem in work.problems]
    if problems:
        raise DraftProblems(problems)
    return works


def write(works: Sequence[Work], pillars: Iterable[Pillar]) -> None:
    """Write what was compared: one statement a table and batch, parents before children."""
    changed = [work for work in works if work.kind != "unchanged"]
    with standing_once(lambda: (work.commitment.pk for work in changed)):
        _write_all(changed, pillars)


def _write_all(works: Sequence[Work], pillars: Iterable[Pillar]) -> None:
    _write(pillars, PILLAR_COLUMNS)
    touched = [work.commitment for work in works if work.is_new or work.fields]
    _write(touched, COMMITMENT_COLUMNS)
    gone = [party.pk for work in works for party in work.parties_gone]
    Party.objects.filter(pk__in=gone).delete()
    _write((row for work in works for row in work.parties), PARTY_COLUMNS)
    _write((row for work in works for row in work.measures), MEASURE_COLUMNS)
    edits = (edit.milestone for work in works for edit in work.milestones)
    _write(edits, MILESTONE_COLUMNS)


def _write(rows: Iterable[models.Model], columns: Sequence[str]) -> None:
    """Insert what has no key; set the columns of what has one. The rows are locked, so none can
    have gone meanwhile."""
    old: list[models.Model] = []
    new: list[models.Model] = []
    for row in rows:
        _point_at_saved_parents(row)
        (old if row.pk else new).append(row)
    insert(new)
    update(old, columns)


def _point_at_saved_parents(row: models.Model) -> None:
    """Give a row the keys that its parents got when they were inserted a moment ago."""
    for name in ("commitment", "pillar"):
        if parent := row._state.fields_cache.get(name):
            # Not by the attribute, which would forget the parent.
            row.__dict__[f"{name}_id"] = parent.pk


def _require_may_save(
    by: User, plan: Plan, drafts: Sequence[CommitmentDraft], stored: Stored, today: date
) -> None:
    if may_run(by, plan, today) or may_import(by, plan, today):
        return
    ids = {row.pk for row in stored.commitments.values()}
    require(len(ids) == len({draft.reference.upper() for draft in drafts}))
    allowed = Commitment.objects.allowing(by, Capability.EDIT, today).filter(pk__in=ids)
    require(allowed.count() == len(ids))


@writes
def save_plan(*, by: User | None, code: str, title: str, today: date, **fields: Any) -> Plan:
    """Add a plan, or change the one with this code; `fields` are its other values by name.

    A person needs the right to edit or import for the organisation that keeps the plan. Raises
    PermissionDenied, and ValidationError in plain words.
    """
    code = code.strip()
    if problem := explain_reference(code, longest=20):
        raise ValidationError({"code": problem})
    plan = Plan.objects.select_for_update(no_key=True).filter(code__iexact=code).first()
    if by is not None:
        owner = fields.get("owner") or (plan.owner if plan else None)
        if owner is None:
            raise ValidationError({"owner": "Say which organisation keeps the plan."})
        require(_may_keep_plans_of(by, owner, today))
        require(plan is None or may_run(by, plan, today) or may_import(by, plan, today))
    wanted = {"title": title.strip(), **fields}
    plan = plan or Plan(code=code)
    differs = [name for name, value in wanted.items() if getattr(plan, name) != value]
    if differs or plan.pk is None:
        for name in differs:
            setattr(plan, name, wanted[name])
        plan.full_clean()
        plan.save()
    return plan


def _may_keep_plans_of(by: User, owner: Organisation, today: date) -> bool:
    return holds(by, Capability.EDIT, owner, today) or holds(by, Capability.IMPORT, owner, today)
