"""Two people at one commitment or milestone: merged where they do not meet, asked where they do."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import Commitment, Measure, Milestone, Party, Plan
from commitments.register.actions import (
    Choices,
    CommitmentDraft,
    DraftProblems,
    EditConflict,
    MeasureDraft,
    PartyDraft,
    add_commitment,
    add_milestone,
    change_commitment,
    change_milestone,
    complete_milestone,
    meanwhile,
    save_commitments,
)
from tests import factories
from tests.conftest import TODAY, Bodies, Cast
from tests.factories import fuzzy

State = Milestone.State


@pytest.fixture
def plan(bodies: Bodies) -> Plan:
    return factories.plan("JFP", owner=bodies.board)


@pytest.fixture
def passport(plan: Plan, bodies: Bodies) -> Commitment:
    draft = CommitmentDraft(
        "JFP-1",
        {"title": "Passport", "description": "One for all", "target": fuzzy("2027")},
        parties=[
            PartyDraft("lead", "Trust", bodies.trust),
            PartyDraft("partner", "councils", None, "local_government"),
        ],
        measures=[MeasureDraft("Passports", "people", target_low=Decimal(100))],
    )
    save_commitments(by=None, plan=plan, drafts=[draft], today=TODAY)
    return Commitment.objects.get()


def time_passes() -> None:
    factories.time_passes(Commitment, Milestone, Party, Measure)


def change(commitment: Commitment, by: object, base: int = 1, **rest) -> Commitment:
    choices = rest.pop("choices", None)
    time_passes()
    return change_commitment(
        by=by,  # type: ignore[arg-type]
        commitment=commitment,
        base_version=base,
        changes=rest,
        today=TODAY,
        choices=choices,
    )


def move(milestone: Milestone, by: object, base: int = 1, **rest) -> Milestone:
    choices = rest.pop("choices", None)
    return change_milestone(
        by=by,  # type: ignore[arg-type]
        milestone=milestone,
        base_version=base,
        changes=rest,
        today=TODAY,
        choices=choices,
    )


# --- commitments ----------------------------------------------------------------------------------
def test_one_person_changes_what_they_name(passport: Commitment, cast: Cast) -> None:
    saved = change(
        passport, cast.lead, title="Staff passport", target=fuzzy("December 2027"), pillar="Train"
    )
    assert (saved.title, saved.target.text, saved.version) == ("Staff passport", "December 2027", 2)
    assert saved.description == "One for all" and saved.pillar and saved.pillar.name == "Train"
    assert saved.events.last().pgh_context.metadata["user"] == cast.lead.pk  # type: ignore[attr-defined]
    assert not meanwhile(saved)


def test_changing_nothing_writes_nothing(passport: Commitment, cast: Cast) -> None:
    assert change(passport, cast.lead, title="Passport").version == 1


def test_edits_that_do_not_meet_are_merged_and_the_second_person_is_told(
    passport: Commitment, cast: Cast
) -> None:
    change(passport, cast.lead, title="Staff passport")
    saved = change(passport, cast.platform, title="Passport", description="One for everybody")

    assert (saved.title, saved.description) == ("Staff passport", "One for everybody")
    assert [(c.label, c.before, c.after) for c in meanwhile(saved)] == [
        ("Title", "Passport", "Staff passport")
    ]


def test_edits_that_meet_are_put_to_the_second_person_and_nothing_is_written(
    passport: Commitment, cast: Cast
) -> None:
    change(passport, cast.lead, title="Staff passport")

    with pytest.raises(EditConflict) as asked:
        change(passport, cast.platform, title="Work passport", description="New")

    (conflict,) = asked.value.fields
    assert (conflict.label, conflict.base, conflict.theirs, conflict.yours) == (
        "Title",
        "Passport",
        "Staff passport",
        "Work passport",
    )
    assert asked.value.by == "Lena Lead" and asked.value.version == 2
    passport.refresh_from_db()
    assert (passport.title, passport.description) == ("Staff passport", "One for all")


def test_who_changed_the_field_is_named_not_who_came_last(passport: Commitment, cast: Cast) -> None:
    change(passport, cast.lead, title="Staff passport")
    change(passport, cast.platform, base=2, description="Other words")
    with pytest.raises(EditConflict) as asked:
        change(passport, cast.platform, title="Work passport")
    assert asked.value.by == "Lena Lead"


def test_two_people_who_wrote_the_same_do_not_disagree(passport: Commitment, cast: Cast) -> None:
    change(passport, cast.lead, title="Staff passport")
    assert change(passport, cast.platform, title="Staff passport").version == 2


@pytest.mark.parametrize(
    ("choice", "title"), [("mine", "Work passport"), ("theirs", "Staff passport")]
)
def test_a_choice_settles_a_conflict(
    passport: Commitment, cast: Cast, choice: str, title: str
) -> None:
    change(passport, cast.lead, title="Staff passport")
    saved = change(
        passport,
        cast.platform,
        title="Work passport",
        description="New",
        choices=Choices(2, {"title": choice}),  # type: ignore[dict-item]
    )
    assert (saved.title, saved.description) == (title, "New")


def test_a_third_change_after_the_choice_asks_again(passport: Commitment, cast: Cast) -> None:
    change(passport, cast.lead, title="Staff passport")
    change(passport, cast.lead, base=2, title="Third passport")
    with pytest.raises(EditConflict):
        change(
            passport,
            cast.platform,
            title="Work passport",
            choices=Choices(2, {"title": "mine"}),
        )


def test_leads_and_partners_are_merged_apart(
    passport: Commitment, cast: Cast, bodies: Bodies
) -> None:
    change(passport, cast.lead, partners=[PartyDraft("partner", "Leeds", bodies.council)])
    saved = change(passport, cast.platform, leads=[PartyDraft("lead", "ICB", bodies.board)])

    assert saved.version == 3
    assert [(p.role, p.name) for p in saved.parties.all()] == [
        ("lead", "ICB"),
        ("partner", "Leeds"),
    ]
    assert [c.label for c in meanwhile(saved)] == ["Delivered with"]


def test_the_same_leads_as_before_do_not_undo_what_somebody_else_made_them(
    passport: Commitment, cast: Cast, bodies: Bodies
) -> None:
    change(passport, cast.lead, leads=[PartyDraft("lead", "ICB", bodies.board)])
    saved = change(
        passport, cast.platform, title="New", leads=[PartyDraft("lead", "Trust", bodies.trust)]
    )
    assert saved.parties.get(role="lead").organisation == bodies.board


def test_two_who_name_other_leads_are_asked(
    passport: Commitment, cast: Cast, bodies: Bodies
) -> None:
    change(passport, cast.lead, leads=[PartyDraft("lead", "ICB", bodies.board)])
    with pytest.raises(EditConflict) as asked:
        change(passport, cast.platform, leads=[PartyDraft("lead", "Council", bodies.council)])
    (conflict,) = asked.value.fields
    assert (conflict.base, conflict.theirs, conflict.yours) == ("Trust", "ICB", "Council")
    assert asked.value.by == "Lena Lead"


def test_parts_of_a_measure_are_merged(passport: Commitment, cast: Cast) -> None:
    measure = passport.measures.get()
    change(passport, cast.lead, measures=[MeasureDraft("Passports", "staff", target_low=Decimal(100), pk=measure.pk)])  # fmt: skip # noqa: E501
    saved = change(
        passport,
        cast.platform,
        measures=[
            MeasureDraft("Passports", "people", "at_most", target_low=Decimal(100), pk=measure.pk)
        ],
    )
    measure.refresh_from_db()
    assert (measure.unit, measure.direction, measure.target_high) == ("staff", "at_most", 100)
    assert [c.label for c in meanwhile(saved)] == ["Passports: unit"]


def test_a_new_measure_is_added_once(passport: Commitment, cast: Cast) -> None:
    for _ in range(2):
        change(passport, cast.lead, measures=[MeasureDraft("Trusts", target_low=Decimal(5))])
    assert [m.name for m in passport.measures.all()] == ["Passports", "Trusts"]
    passport.refresh_from_db()
    assert passport.version == 2


@pytest.mark.parametrize("who", ["trust", "council", "viewer", "other_lead", "lga", "nobody"])
def test_others_may_not_change_a_commitment(passport: Commitment, cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        change(passport, getattr(cast, who), title="X")


def test_a_version_that_never_was_is_refused_in_words(passport: Commitment, cast: Cast) -> None:
    with pytest.raises(ValidationError, match="Open it again"):
        change(passport, cast.lead, base=99, title="X")


def test_adding_the_same_twice_gives_the_one_that_stands(plan: Plan, cast: Cast) -> None:
    draft = CommitmentDraft("JFP-9", {"title": "Hub"})
    made = [add_commitment(by=cast.lead, plan=plan, draft=draft, today=TODAY) for _ in range(2)]
    assert made[0].pk == made[1].pk and made[1].version == 1


def test_a_reference_that_is_taken_is_refused_with_what_bears_it(
    plan: Plan, passport: Commitment, cast: Cast
) -> None:
    draft = CommitmentDraft("jfp-1", {"title": "Hub"})
    with pytest.raises(DraftProblems, match='"Passport" under JFP-1'):
        add_commitment(by=cast.lead, plan=plan, draft=draft, today=TODAY)


# --- milestones -----------------------------------------------------------------------------------
@pytest.fixture
def step(passport: Commitment, cast: Cast) -> Milestone:
    return add_milestone(
        by=cast.lead,
        commitment=passport,
        today=TODAY,
        title="Plan agreed",
        baseline=fuzzy("30/09/2026"),
    )


def test_a_milestone_is_added_once(passport: Commitment, step: Milestone, cast: Cast) -> None:
    again = add_milestone(
        by=cast.lead,
        commitment=passport,
        today=TODAY,
        title="Plan agreed",
        baseline=fuzzy("30/09/2026"),
    )
    assert again.pk == step.pk and again.version == 1


def test_another_milestone_needs_another_title(
    passport: Commitment, step: Milestone, cast: Cast
) -> None:
    with pytest.raises(ValidationError, match="There is a milestone"):
        add_milestone(by=cast.lead, commitment=passport, today=TODAY, title="plan agreed", note="x")


def test_moving_a_milestone_keeps_the_day_it_was_promised_for(step: Milestone, cast: Cast) -> None:
    moved = move(step, cast.lead, forecast=fuzzy("9/11/2026"))
    assert (moved.baseline_date, moved.forecast_date) == (date(2026, 9, 30), date(2026, 11, 9))
    assert moved.version == 2 and moved.slip_days == 40


def test_the_promised_date_cannot_be_changed_but_given_once(
    passport: Commitment, step: Milestone, cast: Cast
) -> None:
    with pytest.raises(ValidationError, match="stays on record"):
        move(step, cast.lead, baseline=fuzzy("1/1/2027"))
    undated = add_milestone(by=cast.lead, commitment=passport, today=TODAY, title="Hub opens")
    assert move(undated, cast.lead, baseline=fuzzy("2027")).baseline_text == "2027"


def test_who_reports_may_move_and_complete_but_not_rename(step: Milestone, cast: Cast) -> None:
    moved = move(step, cast.trust, forecast=fuzzy("9/11/2026"), title="Plan agreed")
    assert moved.forecast_date == date(2026, 11, 9)
    with pytest.raises(PermissionDenied):
        move(step, cast.trust, base=2, title="Another title")


@pytest.mark.parametrize("who", ["viewer", "other_lead", "council", "nobody"])
def test_others_may_not_touch_a_milestone(
    passport: Commitment, step: Milestone, cast: Cast, who: str
) -> None:
    person = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        move(step, person, forecast=fuzzy("2027"))
    with pytest.raises(PermissionDenied):
        complete_milestone(by=person, milestone=step, on=TODAY, today=TODAY)
    with pytest.raises(PermissionDenied):
        add_milestone(by=person, commitment=passport, today=TODAY, title="Mine")


def test_completing_twice_is_completing_once(step: Milestone, cast: Cast) -> None:
    complete_milestone(by=cast.trust, milestone=step, on=TODAY, today=TODAY)
    again = complete_milestone(by=cast.trust, milestone=step, on=TODAY, today=TODAY)
    assert (again.state, again.actual_on, again.version) == (State.COMPLETE, TODAY, 2)


def test_a_milestone_cannot_have_been_reached_in_days_to_come(step: Milestone, cast: Cast) -> None:
    with pytest.raises(ValidationError, match="still to come"):
        complete_milestone(by=cast.trust, milestone=step, on=date(2026, 11, 20), today=TODAY)


def test_opening_a_milestone_again_takes_the_day_away(step: Milestone, cast: Cast) -> None:
    complete_milestone(by=cast.trust, milestone=step, on=TODAY, today=TODAY)
    opened = move(step, cast.trust, base=2, state=State.IN_PROGRESS)
    assert opened.actual_on is None


def test_two_people_who_move_a_milestone_apart_are_asked(step: Milestone, cast: Cast) -> None:
    move(step, cast.trust, forecast=fuzzy("9/11/2026"))
    with pytest.raises(EditConflict) as asked:
        move(step, cast.lead, forecast=fuzzy("12/12/2026"), note="Supplier late")
    (conflict,) = asked.value.fields
    assert (conflict.base, conflict.theirs, conflict.yours) == (
        "",
        "9 November 2026",
        "12 December 2026",
    )
    assert asked.value.by == "Tariq Trust"
    saved = move(
        step,
        cast.lead,
        forecast=fuzzy("12/12/2026"),
        note="Supplier late",
        choices=Choices(2, {"forecast": "theirs"}),
    )
    assert (saved.forecast_date, saved.note) == (date(2026, 11, 9), "Supplier late")


def test_moves_that_do_not_meet_are_merged(step: Milestone, cast: Cast) -> None:
    move(step, cast.trust, note="Nearly there")
    saved = move(step, cast.lead, forecast=fuzzy("9/11/2026"))
    assert saved.note == "Nearly there" and saved.forecast_date == date(2026, 11, 9)
    assert [c.label for c in meanwhile(saved)] == ["Note"]
