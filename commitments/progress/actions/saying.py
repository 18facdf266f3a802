"""Say how a commitment goes: the one way in which progress updates are written and corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils import timezone

from commitments.dates import FuzzyDate
from commitments.models import Commitment, Figure, Measure, Milestone, ProgressUpdate, Rating
from commitments.models.progress import SAID
from commitments.owed import round_for
from commitments.progress.queries import evidence_when_reporting, speaks_for
from commitments.progress.states import UPDATE
from commitments.ratings import Explanation
from commitments.reasons import reasons
from commitments.register.actions import (
    Choices,
    EditConflict,
    change_milestone,
    record_figure,
)
from commitments.register.actions.permission import writes
from commitments.review import actions as reviews
from organisations.models import Organisation, User
from organisations.writing import undone
from workforce_tracker.templatetags import words

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


@dataclass(frozen=True)
class Saying:
    """Who says what, for whom, on which day."""

    by: User
    commitment: Commitment
    organisation: Organisation
    said: Mapping[str, str]
    today: date
    is_unchanged: bool = False
    seen: int | None = None


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
    rating: str = "",
    confidence: str = "",
    narrative: str = "",
    risks: str = "",
    reason: str = "",
    path_to_green: str = "",
    difference_reason: str = "",
    next_steps: str = "",
    is_unchanged: bool = False,
    seen: int | None = None,
    today: date,
) -> ProgressUpdate:
    """Say on behalf of an organisation how a commitment goes.

    What the organisation said before in the same round (outside of a round: on the same day), and
    what was sent back to it, is replaced by this one, its next version. `is_unchanged` says by name
    that nothing has changed: rating and words are those of its last update, and only a new
    `difference_reason` is asked for where the evidence has moved. `seen` is the key of the
    organisation's last update that the person had before them, 0 for none: where a colleague was
    quicker, nothing is done.

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
    at = Saying(by, commitment, organisation, said, today, is_unchanged, seen)
    return _post(at).update


@writes
def report(
    *,
    by: User,
    commitment: Commitment,
    organisation: Organisation,
    milestones: Sequence[MilestoneReport] = (),
    figures: Sequence[FigureReport] = (),
    is_unchanged: bool = False,
    seen: int | None = None,
    draft: int | None = None,
    today: date,
    **said: str,
) -> Reported:
    """Move milestones, give actuals and post an update, all or nothing: `said`, `is_unchanged` and
    `seen` as `post_update` has them. The declared rating is held against the evidence after the
    moves. With `draft`, the version before the person, the draft has served its purpose and goes;
    one that a colleague has saved since stays.

    Raises ReportProblems with everything that stops it, and PermissionDenied.
    """
    require_reporter(by, commitment, organisation, today)
    problems = _move(by, commitment, milestones, figures, today)
    done = None
    try:
        done = _post(Saying(by, commitment, organisation, said, today, is_unchanged, seen))
    except ValidationError as refusal:
        problems.said = refusal
    if problems or done is None:
        raise problems
    if draft is not None:
        own = Q(author=by) | Q(version=draft)
        commitment.drafts.filter(own, organisation=organisation).delete()
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
    with undone():
        problems = _move(by, commitment, milestones, figures, today)
        found = evidence_when_reporting(commitment, today)
        after = Commitment.objects.select_related("plan").get(pk=commitment.pk)
        rows = list(after.milestones.all()), list(after.measures.all())
        lines = reasons(found, after, *rows, today)
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


def _post(at: Saying) -> Reported:
    require_reporter(at.by, at.commitment, at.organisation, at.today)
    commitment, organisation = at.commitment, at.organisation
    Commitment.objects.select_for_update(no_key=True).get(pk=commitment.pk)
    latest = commitment.updates.standing().first()
    last = commitment.updates.filter(organisation=organisation).first()
    evidence = evidence_when_reporting(commitment, at.today).rating
    update = ProgressUpdate(
        commitment=commitment,
        organisation=organisation,
        author=at.by,
        round=round_for(commitment.plan_id, at.today),
        is_unchanged=at.is_unchanged,
        evidence_rating=evidence,
        **_words(at, evidence),
    )
    if latest and _is_of(latest, at.today) and _same(latest, update):
        return Reported(latest, is_new=False)
    _refuse_unless_seen(at, last)
    _check(update)
    before = _replaced(last, update, at.today)
    if before:
        update.replaces, update.number = before, before.number + 1
    update.is_late = _is_late(update, before, at.today)
    update.full_clean(exclude=["evidence_rating", "replaces"], validate_constraints=False)
    if before:
        move = "resubmit" if before.state == ProgressUpdate.State.RETURNED else "correct"
        before.state = UPDATE.target(move, before.state)
        before.save(update_fields=["state"])
    update.save()
    reviews.ask(update=update, by=at.by, today=at.today)
    if before:
        reviews.forget(
            update=before, reason="A newer version replaced it", by=at.by, today=at.today
        )
    return Reported(update, is_new=True)


def _words(at: Saying, evidence: str) -> dict[str, str]:
    """What is said; where nothing has changed, what the organisation said last. An explanation of
    other evidence than today's is not taken over."""
    given = {name: at.said.get(name, "").strip() for name in SAID}
    if not at.is_unchanged:
        return given
    standing = at.commitment.updates.standing().filter(organisation=at.organisation).first()
    if standing is None:
        raise ValidationError(
            {"is_unchanged": f"{at.organisation} has not reported on this before: say how it goes."}
        )
    again = {name: getattr(standing, name) for name in SAID}
    if given["difference_reason"] or evidence != standing.evidence_rating:
        again["difference_reason"] = given["difference_reason"]
    return again


def _is_of(update: ProgressUpdate, day: date) -> bool:
    return timezone.localdate(update.submitted_at) == day


def _refuse_unless_seen(at: Saying, last: ProgressUpdate | None) -> None:
    if at.seen is None or last is None or at.seen == last.pk:
        return
    raise ValidationError(
        f"{last.author} reported on this for {last.organisation} on "
        f"{words.moment(last.submitted_at)}, after you opened the page. Read it; send yours again "
        "if it should replace theirs."
    )


def _replaced(
    last: ProgressUpdate | None, update: ProgressUpdate, today: date
) -> ProgressUpdate | None:
    """Which update the new one is the next version of, if any."""
    if last is None or last.state not in (
        ProgressUpdate.State.SUBMITTED,
        ProgressUpdate.State.RETURNED,
    ):
        return None
    if last.state == ProgressUpdate.State.RETURNED:
        return last
    same_round = last.round_id == update.round_id
    return last if same_round and (update.round_id or _is_of(last, today)) else None


def _is_late(update: ProgressUpdate, before: ProgressUpdate | None, today: date) -> bool:
    """Whether it comes after its round has closed. A correction of what was in time is in time."""
    if update.round is None or update.round.closes_on >= today:
        return False
    corrects = before is not None and before.state == ProgressUpdate.State.SUBMITTED
    return before.is_late if before is not None and corrects else True


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


def require_reporter(
    by: User, commitment: Commitment, organisation: Organisation, today: date
) -> None:
    """Raise PermissionDenied unless the person may report on the commitment and speaks for the
    organisation."""
    if not speaks_for(by, organisation, commitment, today):
        raise PermissionDenied
