"""Put the demonstration there: once, in one transaction, around the day it is."""

import calendar
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.core.management import CommandError
from django.db import transaction

from commitments.dates import FuzzyDate, Precision, add_working_days
from commitments.demonstration import contents
from commitments.demonstration.accounts import ACCOUNTS, make_accounts
from commitments.demonstration.answering import place_answers
from commitments.demonstration.contents import MARK, Number, Promise, Step
from commitments.demonstration.moving import place_moves
from commitments.demonstration.talking import place_talk
from commitments.models import Commitment, Figure, Milestone, Party, Plan, ProgressUpdate, Round
from commitments.progress.actions import nudge, post_update, return_update, save_draft
from commitments.register.actions import (
    CommitmentDraft,
    MeasureDraft,
    MilestoneDraft,
    PartyDraft,
    add_milestone,
    open_round,
    record_figure,
    save_commitments,
    save_plan,
)
from organisations.matching import side_of_class
from organisations.models import Organisation, User


@dataclass
class Placed:
    """What a run did: addresses of new accounts, and what else was placed (all or nothing)."""

    accounts: list[str] = field(default_factory=list)
    commitments: int = 0
    milestones: int = 0


@dataclass(frozen=True)
class Scene:
    """What everything is placed with: the day, the bodies by code and the people by address."""

    today: date
    bodies: dict[str, Organisation]
    people: dict[str, User]

    def day(self, working_days: int) -> date:
        return add_working_days(self.today, working_days)


def was_removed() -> bool:
    """Whether somebody took the demonstration away: the history remembers."""
    plans = Plan.pgh_event_model.objects  # type: ignore[attr-defined]
    removed = plans.filter(code=contents.PLAN_CODE, pgh_label="delete").exists()
    return removed and not Plan.objects.filter(code=contents.PLAN_CODE).exists()


def load(today: date, folder: Path) -> Placed:
    """Make what is missing. Later runs, on whatever day, place nothing twice and move nothing.

    Raises CommandError when the register or the plans are not loaded.
    """
    bodies = {body.code: body for body in Organisation.objects.filter(code__in=contents.CODES)}
    if missing := set(contents.CODES) - set(bodies):
        codes = ", ".join(sorted(missing))
        raise CommandError(f"Load the register of organisations first: {codes} are missing.")
    placed = Placed(accounts=make_accounts(folder, bodies))
    if Plan.objects.filter(code=contents.PLAN_CODE).exists():
        return placed
    emails = [account.email for account in ACCOUNTS]
    people = {user.email: user for user in User.objects.filter(email__in=emails)}
    with transaction.atomic():
        _place(Scene(today, bodies, people), placed)
    return placed


def _place(scene: Scene, placed: Placed) -> None:
    plan = save_plan(
        by=None,
        code=contents.PLAN_CODE,
        title=contents.PLAN_TITLE,
        publisher="Made up for demonstration",
        owner=scene.bodies[contents.BOARD],
        visibility=Plan.Visibility.INTERNAL,
        is_demonstration=True,
        today=scene.today,
    )
    drafts = [_draft(promise, scene) for promise in contents.PROMISES]
    saved = save_commitments(by=None, plan=plan, drafts=drafts, today=scene.today)
    placed.commitments = len(saved.new)
    placed.milestones = saved.milestones_new
    made = {commitment.reference: commitment for commitment in plan.commitments.all()}
    for promise in contents.PROMISES:
        if promise.measure:
            _place_figures(made[_reference(promise.number)], promise.measure, scene)
    round_ = open_round(
        by=None,
        plan=plan,
        name="Demonstration round",
        opens_on=scene.day(-5),
        closes_on=scene.day(4),
        today=scene.today,
        is_demonstration=True,
    )
    _place_updates(made, scene)
    place_answers(made[_reference(4)], scene.people, scene.today)
    place_talk(made[_reference(3)], scene.people, scene.bodies, scene.today)
    _place_under_way(made, round_, scene)
    place_moves(made, scene.people, scene.today)
    _place_on_published(scene, placed)


def _reference(number: int) -> str:
    return f"{contents.PLAN_CODE}-{number:03}"


def _draft(promise: Promise, scene: Scene) -> CommitmentDraft:
    number = promise.measure
    values = {
        "title": MARK + promise.title,
        "description": promise.description,
        "target": _month(scene.today, promise.months),
        "source": "Made up for demonstration",
        "is_demonstration": True,
    }
    roles = ((Party.Role.LEAD, promise.leads), (Party.Role.PARTNER, promise.partners))
    return CommitmentDraft(
        _reference(promise.number),
        values,
        pillar=promise.pillar,
        theme=promise.pillar.lower(),
        parties=[_party(role, who, scene) for role, names in roles for who in names],
        measures=[_measure(number, scene)] if number else [],
        milestones=[_milestone(step, scene) for step in promise.steps],
    )


def _party(role: str, who: str, scene: Scene) -> PartyDraft:
    if body := scene.bodies.get(who):
        return PartyDraft(role, body.name, body)
    return PartyDraft(role, who, None, side_of_class(who))


def _milestone(step: Step, scene: Scene) -> MilestoneDraft:
    def on(days: int | None) -> FuzzyDate | None:
        return None if days is None else FuzzyDate.on(scene.day(days))

    return MilestoneDraft(
        MARK + step.title,
        baseline=on(step.promised),
        forecast=on(step.expected),
        actual_on=None if step.reached is None else scene.day(step.reached),
        state=Milestone.State.IN_PROGRESS.value if step.begun else None,
        owner=scene.people.get(step.person),
        organisation=scene.bodies[step.code],
        source="Made up for demonstration",
        is_demonstration=True,
    )


def _measure(number: Number, scene: Scene) -> MeasureDraft:
    return MeasureDraft(
        MARK + number.name,
        number.unit,
        baseline_value=number.baseline,
        baseline=_month(scene.today, -12),
        target_low=number.target,
        target_high=number.target,
        target_text="made up",
    )


def _place_figures(commitment: Commitment, number: Number, scene: Scene) -> None:
    measure = commitment.measures.get(name=MARK + number.name)
    measure.commitment = commitment
    for kind, values in (
        (Figure.Kind.TRAJECTORY, number.planned),
        (Figure.Kind.ACTUAL, number.actual),
    ):
        for months, value in values:
            record_figure(
                by=None,
                measure=measure,
                kind=kind,
                value=Decimal(value),
                period=_month(scene.today, months),
                source="Made up for demonstration",
                is_demonstration=True,
                today=scene.today,
            )


def _place_updates(made: dict[str, Commitment], scene: Scene) -> None:
    for said in contents.UPDATES:
        update = post_update(
            by=scene.people[said.person],
            commitment=made[_reference(said.number)],
            organisation=scene.bodies[said.code],
            rating=said.rating,
            confidence=said.confidence,
            narrative=said.narrative,
            reason=said.reason,
            path_to_green=said.path_to_green,
            difference_reason="Made up. The milestones have not been brought up to date.",
            next_steps=said.next_steps,
            today=scene.today,
        )
        # People cannot mark what they say as made up; only this can.
        ProgressUpdate.objects.filter(pk=update.pk).update(is_demonstration=True)


def _place_under_way(made: dict[str, Commitment], round_: Round, scene: Scene) -> None:
    """An update that came back, one that is still being written, and a nudge."""
    lead, trust = scene.people[contents.LEAD_PERSON], scene.bodies[contents.TRUST]
    update = post_update(
        by=scene.people[contents.TRUST_PERSON],
        commitment=made[_reference(2)],
        organisation=trust,
        rating="green",
        confidence="medium",
        narrative="Made up. The bank is going well.",
        difference_reason="Made up. The booking system opened this week.",
        today=scene.today,
    )
    ProgressUpdate.objects.filter(pk=update.pk).update(is_demonstration=True)
    return_update(
        by=lead,
        update=update,
        reason="Made up. How many shifts did the bank fill last month, and by whom?",
        today=scene.today,
    )
    save_draft(
        by=lead,
        commitment=made[_reference(1)],
        organisation=scene.bodies[contents.BOARD],
        boxes={"rating": ["amber"], "narrative": ["Made up. The first shared week was full."]},
        seen=0,
        today=scene.today,
    )
    nudge(by=lead, round=round_, organisations=[trust], today=scene.today)


def _place_on_published(scene: Scene, placed: Placed) -> None:
    found = Commitment.objects.filter(reference__in=[ref for ref, _ in contents.ON_PUBLISHED])
    published = {commitment.reference: commitment for commitment in found}
    for reference, step in contents.ON_PUBLISHED:
        if commitment := published.get(reference):
            draft = _milestone(step, scene)
            add_milestone(by=None, commitment=commitment, today=scene.today, **vars(draft))
            placed.milestones += 1


def _month(today: date, months: int) -> FuzzyDate:
    """The month so many months from now, as plans name it."""
    count = today.year * 12 + today.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    last_day = date(year, month + 1, last)
    return FuzzyDate(f"{last_day:%B %Y}", last_day, Precision.MONTH)
