"""Say how a commitment goes: the one way in which progress updates are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commitments.dates import FuzzyDate
from commitments.models import Commitment, Figure, Measure, Milestone, ProgressUpdate, Rating, Round
from commitments.models.progress import SAID
from commitments.progress.queries import evidence_when_reporting
from commitments.ratings import Explanation
from commitments.reasons import reasons
from commitments.register.actions import (
    Choices,
    EditConflict,
    change_milestone,
    record_figure,
)
from commitments.register.actions.permission import writes
from organisations.models import Organisation, User
from organisations.permissions import CAPABILITIES, Capability, roles_of

OFF_TRACK = (Rating.RED, Rating.AMBER)


@dataclass(frozen=True)
class MilestoneReport:
    """What somebody says of a milestone, and the version they had before them; `choices` where they
    have seen that another person moved the same."""

    milestone: Milestone
    base_version: int
    changes: Mapping[str, Any]
    choices: Choices | None = None


@dataclass(frozen=True)
class FigureReport:
    """An actual of a measure; `replace` where another value stands for the period."""

    measure: Measure
    value: Decimal
    period: FuzzyDate
    replace: bool = False


@dataclass(frozen=True)
class Reported:
    """The update; not new when the very same had been said that day."""

    update: ProgressUpdate
    is_new: bool


@dataclass
class ReportProblems(Exception):
    """Everything that stops a report, by what it is about. Nothing was written."""

    milestones: dict[int, ValidationError | EditConflict] = field(default_factory=dict)
    figures: dict[int, ValidationError] = field(default_factory=dict)
    said: ValidationError | None = None

    def __bool__(self) -> bool:
        return bool(self.milestones or self.figures or self.said)


@writes
def post_update(
    *,
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    rating: str,
    confidence: str,
    narrative: str,
    risks: str = "",
    reason: str = "",
    path_to_green: str = "",
    difference_reason: str = "",
    next_steps: str = "",
    today: date,
) -> ProgressUpdate:
    """Say on behalf of an organisation how a commitment goes.

    The very same by the same person on the same day, with nothing said in between, gives the update
    that stands: a second click adds nothing. Raises ValidationError by field (red and amber need a
    reason and a path to green, a rating that differs from the evidence needs to say why), and
    PermissionDenied.
    """
    said = {
        "rating": rating,
        "confidence": confidence,
        "narrative": narrative,
        "risks": risks,
        "reason": reason,
        "path_to_green": path_to_green,
        "difference_reason": difference_reason,
        "next_steps": next_steps,
    }
    return _post(by, commitment, organisation, said, today).update


@writes
def report(
    *,
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    milestones: Sequence[MilestoneReport] = (),
    figures: Sequence[FigureReport] = (),
    today: date,
    **said: str,
) -> Reported:
    """Move milestones, give actuals and post an update, all or nothing: `said` as `post_update`
    has it. The declared rating is held against the evidence after the moves.

    Raises ReportProblems with everything that stops it, and PermissionDenied.
    """
    _require(by, commitment, organisation, today)
    problems = _move(by, commitment, milestones, figures, today)
    done = None
    try:
        done = _post(by, commitment, organisation, said, today)
    except ValidationError as refusal:
        problems.said = refusal
    if problems or done is None:
        raise problems
    return done


def what_if(
    *,
    by: User,
    commitment: Commitment,
    milestones: Sequence[MilestoneReport],
    figures: Sequence[FigureReport],
    today: date,
) -> tuple[Explanation, list[str], ReportProblems]:
    """What the evidence would show with these moves, and why; what cannot be moved is left as it is
    and told. Writes nothing: it is done, looked at and undone."""
    with transaction.atomic():
        problems = _move(by, commitment, milestones, figures, today)
        found = evidence_when_reporting(commitment, today)
        after = Commitment.objects.select_related("plan").get(pk=commitment.pk)
        rows = list(after.milestones.all()), list(after.measures.all())
        lines = reasons(found, after, *rows, today)
        transaction.set_rollback(True)
    return found, lines, problems


def explain_said(said: Mapping[str, str]) -> dict[str, str]:
    """What is missing from an update by itself, by field, in words."""
    missing = {}
    rating = said["rating"]
    if not said["narrative"].strip():
        missing["narrative"] = "Say how it is going."
    if rating in OFF_TRACK and not said["reason"].strip():
        missing["reason"] = f"Say why it is {rating}."
    if rating in OFF_TRACK and not said["path_to_green"].strip():
        missing["path_to_green"] = "Say what will bring it back to green, and by when."
    return missing


def _move(
    by: User,
    commitment: Commitment,
    milestones: Sequence[MilestoneReport],
    figures: Sequence[FigureReport],
    today: date,
) -> ReportProblems:
    """Do what can be done and collect the rest."""
    problems = ReportProblems()
    if not milestones and not figures:
        return problems
    # Locked before anything that hangs on it, as every action does.
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    for wanted in milestones:
        try:
            change_milestone(
                by=by,
                milestone=wanted.milestone,
                base_version=wanted.base_version,
                changes=wanted.changes,
                choices=wanted.choices,
                today=today,
            )
        except (ValidationError, EditConflict) as refusal:
            problems.milestones[wanted.milestone.pk] = refusal
    for figure in figures:
        try:
            record_figure(
                by=by,
                measure=figure.measure,
                kind=Figure.Kind.ACTUAL,
                value=figure.value,
                period=figure.period,
                source="",
                replace=figure.replace,
                today=today,
            )
        except ValidationError as refusal:
            problems.figures[figure.measure.pk] = refusal
    return problems


def _post(
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    said: Mapping[str, str],
    today: date,
) -> Reported:
    _require(by, commitment, organisation, today)
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    latest = commitment.updates.standing().first()
    update = ProgressUpdate(
        commitment=commitment,
        organisation=organisation,
        author=by,
        round=Round.objects.open_on(today).filter(plan=commitment.plan_id).first(),
        **{name: said.get(name, "").strip() for name in SAID},
    )
    today_s = commitment.updates.standing().filter(submitted_at__date=today)
    if latest and today_s.filter(pk=latest.pk).exists() and _same(latest, update):
        return Reported(latest, is_new=False)
    evidence = evidence_when_reporting(commitment, today).rating
    update.evidence_rating = evidence
    _check(update)
    update.full_clean(exclude=["evidence_rating"], validate_constraints=False)
    update.save()
    return Reported(update, is_new=True)


def _same(one: ProgressUpdate, other: ProgressUpdate) -> bool:
    names = ("author_id", "organisation_id", *SAID)
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _check(update: ProgressUpdate) -> None:
    missing = explain_said({name: getattr(update, name) for name in SAID})
    evidence = update.evidence_rating
    differs = evidence not in (Rating.NO_EVIDENCE, update.rating)
    if update.rating and differs and not update.difference_reason:
        missing["difference_reason"] = (
            f"You say {update.rating}; the evidence shows {evidence}. Say why they differ."
        )
    if missing:
        raise ValidationError(missing)


def _require(by: User, commitment: Commitment, organisation: Organisation, today: date) -> None:
    """The person may report on the commitment, and speaks for the organisation."""
    rows = Commitment.objects.allowing(by, Capability.REPORT, today)
    speaks = any(
        membership.organisation_id == organisation.pk
        and Capability.REPORT in CAPABILITIES[membership.role]
        for membership in roles_of(by, today)
    )
    if not speaks or not rows.filter(pk=commitment.pk).exists():
        raise PermissionDenied
