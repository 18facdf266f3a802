"""Hold drafts against what is stored: the one comparison behind the preview and the save.

`read` reads what there is in a handful of queries however many drafts there are; `compare` changes
the instances in memory, and writes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.db.models.functions import Upper

from commitments.models import Commitment, Measure, Milestone, Party, Pillar, Plan
from commitments.models.commitment import CommitmentQuerySet
from commitments.register.actions.children import (
    MilestoneEdit,
    compare_measures,
    compare_milestones,
    compare_parties,
)
from commitments.register.actions.drafts import Change, CommitmentDraft, FieldChange, Problem
from commitments.register.actions.rows import fresh, load
from commitments.register.actions.wording import differs, in_words, label_of, state_in_words
from organisations.models import Organisation, User

CHOICES = ("state", "lead_basis")
LOCKED_AT_ONCE = 2000


@dataclass
class Work:
    """What has to be written for one draft: instances as they should become."""

    draft: CommitmentDraft
    commitment: Commitment
    is_new: bool
    fields: list[FieldChange] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    parties_gone: list[Party] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    milestones: list[MilestoneEdit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def kind(self) -> str:
        if self.is_new:
            return "new"
        return "changed" if self.fields or self.milestones else "unchanged"

    def rated_rows(self) -> Iterator[Model]:
        """What the commitment's rating follows from, as it would be."""
        yield self.commitment
        yield from self.measures
        yield from (edit.milestone for edit in self.milestones)

    def as_change(self) -> Change:
        """The same for a person to read."""
        return Change(
            reference=self.commitment.reference,
            title=self.commitment.title,
            kind=self.kind,
            fields=self.fields,
            milestones=[edit.as_change() for edit in self.milestones],
        )


@dataclass
class Stored:
    """What stands in the database for a set of references."""

    commitments: Mapping[str, Commitment]
    pillars: dict[str, Pillar]
    parties: dict[int, list[Party]]
    measures: dict[int, list[Measure]]
    milestones: dict[int, list[Milestone]]
    # Headings that are new, or newly mapped to a theme.
    pillars_touched: list[Pillar] = field(default_factory=list)


def lock_named(plan: Plan, references: Iterable[str]) -> None:
    """Nobody else changes the named commitments until the transaction ends. They are locked in the
    order of their references, so that two saves never wait for each other."""
    wanted = sorted({reference.upper() for reference in references})
    for start in range(0, len(wanted), LOCKED_AT_ONCE):
        rows = _named(plan, wanted[start : start + LOCKED_AT_ONCE]).order_by(Upper("reference"))
        list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def read(
    plan: Plan, references: Iterable[str], *, pillars: dict[str, Pillar] | None = None
) -> Stored:
    """The named commitments with all that hangs on them. `pillars` are the headings as an earlier
    part of the same work left them, perhaps unsaved."""
    named = load(_named(plan, references), leave="search")
    commitments = {row.reference.upper(): row for row in named}
    for commitment in commitments.values():
        commitment.plan = plan
    if pillars is None:
        pillars = {pillar.name.casefold(): pillar for pillar in plan.pillars.all()}
    _join(commitments.values(), "pillar", {pillar.pk: pillar for pillar in pillars.values()})
    ids = [commitment.pk for commitment in commitments.values()]
    parties = load(Party.objects.filter(commitment__in=ids))
    milestones = load(Milestone.objects.filter(commitment__in=ids))
    # The same few bodies and people stand in thousands of rows: each is made once.
    bodies = {row.organisation_id for row in parties} | {row.organisation_id for row in milestones}
    bodies -= {None}
    known = Organisation.objects.in_bulk(bodies) if bodies else {}
    _join(parties, "organisation", known)
    _join(milestones, "organisation", known)
    owners = {row.owner_id for row in milestones} - {None}
    _join(milestones, "owner", User.objects.in_bulk(owners) if owners else {})
    return Stored(
        commitments=commitments,
        pillars=pillars,
        parties=_by_commitment(parties),
        measures=_by_commitment(load(Measure.objects.filter(commitment__in=ids))),
        milestones=_by_commitment(milestones),
    )


def _named(plan: Plan, references: Iterable[str]) -> CommitmentQuerySet:
    wanted = {reference.upper() for reference in references}
    rows = Commitment.objects.annotate(upper=Upper("reference"))
    return rows.filter(plan=plan, upper__in=wanted).order_by("pk")


def compare(
    plan: Plan, drafts: Sequence[CommitmentDraft], stored: Stored, *, keep_baselines: bool
) -> list[Work]:
    """What each draft would change, in the order given. New pillars join `stored`, unsaved.

    `keep_baselines`: a milestone's promised date stays once it is set, whatever a draft says.
    """
    return [_compare_one(plan, draft, stored, keep_baselines) for draft in drafts]


def _compare_one(plan: Plan, draft: CommitmentDraft, stored: Stored, keep_baselines: bool) -> Work:
    found = stored.commitments.get(draft.reference.upper())
    commitment = found or fresh(Commitment, {"reference": draft.reference}, {"plan": plan})
    work = Work(draft, commitment, is_new=found is None)
    if work.is_new and not draft.values.get("title", "").strip():
        work.problems.append(
            Problem(draft.reference, "title", "Give it a title: what is promised, in a few words.")
        )
    _set_values(work)
    _set_pillar(work, plan, stored)
    key = commitment.pk or 0
    if draft.parties is not None:
        edit = compare_parties(stored.parties[key] if found else [], draft.parties, commitment)
        work.parties, work.parties_gone = edit.keep, edit.gone
        work.fields += edit.fields
    if draft.measures:
        measures = compare_measures(
            stored.measures[key] if found else [], draft.measures, commitment
        )
        work.measures = [measure for measure, _ in measures]
        work.fields += [change for _, change in measures]
    if draft.milestones:
        work.milestones, problems = compare_milestones(
            stored.milestones[key] if found else [],
            draft.milestones,
            commitment,
            keep_baselines=keep_baselines,
        )
        work.problems += [Problem(draft.reference, "milestones", words) for words in problems]
    return work


def _set_values(work: Work) -> None:
    commitment, values = work.commitment, dict(work.draft.values)
    if values.get("state", commitment.state) != Commitment.State.DRAFT:
        # Publishing a draft is one value for the person, two columns for the database.
        if commitment.draft_of_id or values.get("draft_of"):
            values["draft_of"] = None
    elif not values.get("draft_of", commitment.draft_of_id):
        work.problems.append(
            Problem(work.draft.reference, "draft_of", "Say which organisation drafts it.")
        )
    for name, value in values.items():
        before = getattr(commitment, name)
        if differs(before, value):
            setattr(commitment, name, value)
            if not work.is_new or value not in (None, "", [], False):
                work.fields.append(_change(name, before, value))


def _set_pillar(work: Work, plan: Plan, stored: Stored) -> None:
    name, commitment = work.draft.pillar, work.commitment
    if name is None:
        return
    pillars = stored.pillars
    before = commitment.pillar if commitment.pillar_id else None
    pillar = pillars.get(name.casefold()) if name else None
    if name and pillar is None:
        pillar = Pillar(plan=plan, name=name, position=len(pillars))
        pillars[name.casefold()] = pillar
        stored.pillars_touched.append(pillar)
    if pillar and work.draft.theme and not pillar.theme:
        pillar.theme = work.draft.theme
        if pillar.pk:
            stored.pillars_touched.append(pillar)
    if pillar is not before:
        commitment.pillar = pillar
        work.fields.append(_change("pillar", before, pillar))


def _change(name: str, before: Any, after: Any) -> FieldChange:
    words = state_in_words if name in CHOICES else in_words
    return FieldChange(name, label_of(name), words(before), words(after))


def _join(rows: Iterable[Any], name: str, others: Mapping[int, Any]) -> None:
    """Give rows what their key of this name stands for."""
    for row in rows:
        key = getattr(row, f"{name}_id")
        row._state.fields_cache[name] = others[key] if key else None


def _by_commitment(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.commitment_id].append(row)
    return found
