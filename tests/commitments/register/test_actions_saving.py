"""Saving drafts: what is written, what is not, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from commitments.models import Commitment, Milestone, Party, Plan
from commitments.register.actions import (
    CommitmentDraft,
    DraftProblems,
    MeasureDraft,
    MilestoneDraft,
    PartyDraft,
    plan_changes,
    save_commitments,
    save_plan,
)
from tests import factories
from tests.conftest import TODAY, Bodies, Cast
from tests.factories import fuzzy


@pytest.fixture
def plan(bodies: Bodies) -> Plan:
    return factories.plan("JFP", owner=bodies.board)


FIVE, NINE = Decimal(5), Decimal(9)


def draft(reference: str = "JFP-001", **fields: object) -> CommitmentDraft:
    """A draft with a title, unless the test is about the lack of one."""
    values = {"title": "One staff passport", **fields.pop("values", {})}  # type: ignore[dict-item]
    return CommitmentDraft(reference, values, **fields)  # type: ignore[arg-type]


def full(bodies: Bodies) -> CommitmentDraft:
    return draft(
        values={"target": fuzzy("2031/32"), "staff_groups": ["Nurses"], "source": "Page 4"},
        pillar="Train",
        theme="train",
        parties=[
            PartyDraft("lead", "West Yorkshire ICB", bodies.board),
            PartyDraft("partner", "councils", None, "local_government"),
        ],
        measures=[MeasureDraft("Places", "places", target_low=Decimal(100))],
        milestones=[MilestoneDraft("Plan agreed", baseline=fuzzy("30/09/2026"))],
    )


def save(plan: Plan, *drafts: CommitmentDraft, by: object = None):
    return save_commitments(by=by, plan=plan, drafts=drafts, today=TODAY)  # type: ignore[arg-type]


def test_a_new_commitment_has_everything_its_draft_says(plan: Plan, bodies: Bodies) -> None:
    result = save(plan, full(bodies))

    made = Commitment.objects.select_related("standing").get()
    assert result.new == ["JFP-001"] and result.milestones_new == 1
    assert (made.title, made.target.text, made.target_date) == (
        "One staff passport",
        "2031/32",
        date(2032, 3, 31),
    )
    assert made.pillar and made.pillar.theme == "train"
    assert [(p.role, p.name, p.organisation, p.side) for p in made.parties.all()] == [
        ("lead", "West Yorkshire ICB", bodies.board, "nhs"),
        ("partner", "councils", None, "local_government"),
    ]
    measure = made.measures.get()
    assert (measure.target_low, measure.target_high) == (100, 100)
    assert made.milestones.get().baseline_date == date(2026, 9, 30)
    assert made.standing.is_joint and made.standing.milestones == 1


def test_saving_the_same_again_writes_nothing(plan: Plan, bodies: Bodies) -> None:
    save(plan, full(bodies))
    made = Commitment.objects.get()
    events = [made.events.count(), Party.pgh_event_model.objects.count()]

    result = save(plan, full(bodies))

    made.refresh_from_db()
    assert result.unchanged == ["JFP-001"] and not result.changed and not result.milestones_changed
    assert made.version == 1
    assert [made.events.count(), Party.pgh_event_model.objects.count()] == events


def test_only_the_rows_that_differ_are_written(plan: Plan) -> None:
    save(plan, draft("A"), draft("B"))

    result = save(plan, draft("A"), draft("B", values={"title": "Two passports"}))

    assert (result.changed, result.unchanged) == (["B"], ["A"])
    assert dict(Commitment.objects.values_list("reference", "version")) == {"A": 1, "B": 2}
    assert Commitment.objects.get(reference="A").events.count() == 1


def test_history_names_the_person_of_every_change(plan: Plan, cast: Cast, bodies: Bodies) -> None:
    save(plan, full(bodies), by=cast.lead)

    for row in (
        Commitment.objects.get(),
        Party.objects.first(),
        Milestone.objects.get(),
        plan.pillars.get(),
    ):
        event = row.events.get()  # type: ignore[union-attr]
        assert event.pgh_label == "insert"
        assert event.pgh_context.metadata["user"] == cast.lead.pk


def test_a_save_by_the_product_names_nobody(plan: Plan) -> None:
    save(plan, draft())
    context = Commitment.objects.get().events.get().pgh_context
    assert context is None or context.metadata.get("user") is None


def test_only_what_a_draft_names_changes(plan: Plan, bodies: Bodies) -> None:
    save(plan, full(bodies))
    save(plan, CommitmentDraft("JFP-001", {"source": "Page 5"}))

    made = Commitment.objects.get()
    assert made.source == "Page 5" and made.title == "One staff passport"
    assert made.pillar and made.parties.count() == 2 and made.measures.count() == 1
    assert made.target.text == "2031/32"


def test_a_reference_is_found_whatever_its_capitals(plan: Plan) -> None:
    save(plan, draft("JFP-001"))
    result = save(plan, draft("jfp-001", values={"title": "Another title"}))
    assert result.changed == ["JFP-001"]
    assert Commitment.objects.get().reference == "JFP-001"


def test_parties_are_replaced_and_those_that_stay_keep_who_answers(
    plan: Plan, bodies: Bodies
) -> None:
    save(plan, full(bodies))
    lead = Party.objects.get(role="lead")
    lead.assigned_to = bodies.other_board
    lead.save()

    parties = [
        PartyDraft("lead", "NHS West Yorkshire", bodies.board),
        PartyDraft("partner", "Leeds", bodies.council),
    ]
    save(plan, draft(parties=parties))

    lead.refresh_from_db()
    assert lead.name == "NHS West Yorkshire" and lead.assigned_to == bodies.other_board
    assert [p.name for p in Party.objects.filter(role="partner")] == ["Leeds"]
    assert Commitment.objects.get().version == 2


def test_a_class_of_bodies_can_later_become_one_body(plan: Plan, bodies: Bodies) -> None:
    save(plan, draft(parties=[PartyDraft("lead", "Trusts", None, "nhs")]))
    before = Party.objects.get()
    save(plan, draft(parties=[PartyDraft("lead", "Trusts", bodies.trust)]))
    after = Party.objects.get()
    assert (after.pk, after.organisation) == (before.pk, bodies.trust)


def test_the_same_body_twice_in_one_role_is_one_party(plan: Plan, bodies: Bodies) -> None:
    save(
        plan,
        draft(
            parties=[
                PartyDraft("lead", "WY ICB", bodies.board),
                PartyDraft("lead", "West Yorkshire", bodies.board),
                PartyDraft("partner", "Councils"),
                PartyDraft("partner", "councils"),
            ]
        ),
    )
    assert [p.name for p in Party.objects.all()] == ["WY ICB", "Councils"]


def test_a_measure_or_milestone_that_is_not_named_stays(plan: Plan, bodies: Bodies) -> None:
    save(plan, full(bodies))
    save(
        plan,
        draft(
            measures=[MeasureDraft("Vacancies", "%", "at_most", target_low=Decimal("5"))],
            milestones=[MilestoneDraft("Plan published", baseline=fuzzy("2027"))],
        ),
    )
    made = Commitment.objects.get()
    assert [m.name for m in made.measures.all()] == ["Places", "Vacancies"]
    assert {m.title for m in made.milestones.all()} == {"Plan agreed", "Plan published"}


def test_a_milestone_is_found_by_its_title_and_keeps_the_day_it_was_promised_for(
    plan: Plan, bodies: Bodies, cast: Cast
) -> None:
    save(plan, full(bodies))
    moved = MilestoneDraft("PLAN AGREED", baseline=fuzzy("31/12/2026"))

    changes = plan_changes(plan=plan, drafts=[draft(milestones=[moved])])
    result = save(plan, draft(milestones=[moved]), by=cast.lead)

    assert [change.label for change in changes[0].milestones[0].fields] == ["Now expected"]
    step = Milestone.objects.get()
    assert result.milestones_changed == 1 and result.changed == ["JFP-001"]
    assert (step.baseline_date, step.forecast_date) == (date(2026, 9, 30), date(2026, 12, 31))
    assert step.version == 2 and step.commitment.version == 1


def test_a_promised_date_and_a_forecast_that_disagree_are_refused(
    plan: Plan, bodies: Bodies, cast: Cast
) -> None:
    save(plan, full(bodies))
    both = MilestoneDraft("Plan agreed", baseline=fuzzy("1/1/2027"), forecast=fuzzy("2/2/2027"))
    with pytest.raises(DraftProblems, match="promised for 30 September 2026"):
        save(plan, draft(milestones=[both]), by=cast.lead)


def test_a_milestone_with_the_day_it_was_reached_is_complete(plan: Plan) -> None:
    save(plan, draft(milestones=[MilestoneDraft("Done", actual_on=date(2026, 11, 1))]))
    assert Milestone.objects.get().state == Milestone.State.COMPLETE


def test_one_day_written_in_another_way_is_no_change(plan: Plan, bodies: Bodies) -> None:
    save(plan, full(bodies))
    again = MilestoneDraft("Plan agreed", baseline=fuzzy("30 September 2026"))
    assert save(plan, draft(milestones=[again])).unchanged == ["JFP-001"]


def test_a_mapping_to_a_theme_that_somebody_made_is_kept(plan: Plan) -> None:
    pillar = factories.pillar(plan, "Attract and retain", theme="retain")
    save(plan, draft(pillar="attract and retain", theme="train"))
    pillar.refresh_from_db()
    assert pillar.theme == "retain" and Commitment.objects.get().pillar == pillar


def test_the_preview_says_what_the_save_then_does(plan: Plan, bodies: Bodies) -> None:
    save(plan, full(bodies), draft("JFP-002"))
    drafts = [
        draft("JFP-001", values={"title": "A better passport", "target": fuzzy("March 2030")}),
        draft("JFP-002"),
        draft("JFP-003"),
    ]
    changes = plan_changes(plan=plan, drafts=drafts)
    result = save(plan, *drafts)

    assert [(c.reference, c.kind) for c in changes] == [
        ("JFP-001", "changed"),
        ("JFP-002", "unchanged"),
        ("JFP-003", "new"),
    ]
    assert [(f.label, f.before, f.after) for f in changes[0].fields] == [
        ("Title", "One staff passport", "A better passport"),
        ("Target date", "2031/32", "March 2030"),
    ]
    assert (result.changed, result.unchanged, result.new) == (["JFP-001"], ["JFP-002"], ["JFP-003"])


def test_the_preview_writes_nothing(plan: Plan, bodies: Bodies) -> None:
    plan_changes(plan=plan, drafts=[full(bodies)])
    assert not Commitment.objects.exists() and not plan.pillars.exists()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (draft("A/1"), 'has a / in it'),
        (draft("A?1"), r"has a \? in it"),
        (draft("A#1"), "has a # in it"),
        (draft(""), "Give it a reference"),
        (draft(".."), "full stop"),
        (draft(" A1"), "blank"),
        (draft("A\u200b1"), "invisible"),
        (draft("A" * 41), "41 characters long. Use at most 40"),
        (draft("A1", values={"title": " "}), "Give it a title"),
        (CommitmentDraft("A1", {}), "Give it a title"),
        (draft("A1", values={"title": "x" * 301}), "Title is 301 characters long. Use at most 300"),
        (draft("A1", values={"state": "lost"}), '"lost" is not known'),
        (draft("A1", values={"state": "draft"}), "Say which organisation drafts it"),
        (draft("A1", values={"title": "a\x00b"}), "cannot be kept"),
        (draft("A1", parties=[PartyDraft("lead", "x" * 201)]), "Use at most 200"),
        (draft("A1", milestones=[MilestoneDraft("M"), MilestoneDraft("m ")]), "given twice"),
        (draft("A1", milestones=[MilestoneDraft("M", actual_on=date(2027, 1, 1))]), "to come"),
        (
            draft("A1", milestones=[MilestoneDraft("M", actual_on=TODAY, state="in_progress")]),
            "its state is complete",
        ),
        (
            draft("A1", measures=[MeasureDraft("M", target_low=NINE, target_high=FIVE)]),
            "Put the lower",
        ),
        (draft("A1", measures=[MeasureDraft("M", target_low=Decimal("1e17"))]), "more digits"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_in_words_and_nothing_is_written(
    plan: Plan, bad: CommitmentDraft, words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        save(plan, draft("GOOD-1"), bad)
    assert not Commitment.objects.exists()
    assert refused.value.problems[0].reference == bad.reference  # type: ignore[attr-defined]


def test_a_reference_given_twice_in_one_call_is_refused(plan: Plan) -> None:
    with pytest.raises(DraftProblems, match="given 2 times") as refused:
        save(plan, draft("A1"), draft("a1"))
    assert [problem.reference for problem in refused.value.problems] == ["A1", "a1"]


def test_a_draft_belongs_to_an_organisation_until_it_is_published(
    plan: Plan, bodies: Bodies
) -> None:
    save(plan, draft(values={"state": "draft", "draft_of": bodies.board}))
    assert Commitment.objects.get().draft_of == bodies.board
    save(plan, CommitmentDraft("JFP-001", {"state": "active"}))
    assert Commitment.objects.get().draft_of is None


def test_the_programme_lead_of_the_plan_may_save(plan: Plan, cast: Cast) -> None:
    assert save(plan, draft(), by=cast.lead).new == ["JFP-001"]


@pytest.mark.parametrize("who", ["other_lead", "viewer", "trust", "council", "lga", "nobody"])
def test_others_may_not_save_and_nothing_is_written(plan: Plan, cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        save(plan, draft(), by=getattr(cast, who))
    assert not Commitment.objects.exists()


def test_a_lead_of_a_commitment_may_change_it_in_a_plan_of_somebody_else(
    cast: Cast, bodies: Bodies
) -> None:
    national = factories.plan("LTWP", owner=bodies.england)
    factories.commitment(national, bodies.trust, reference="LTWP-1")
    factories.commitment(national, bodies.other_trust, reference="LTWP-2")

    save(national, CommitmentDraft("LTWP-1", {"title": "Ours"}), by=cast.lead)
    for refused in (
        [CommitmentDraft("LTWP-1", {"title": "X"}), CommitmentDraft("LTWP-2", {"title": "X"})],
        [CommitmentDraft("LTWP-1", {"title": "X"}), draft("LTWP-3")],
    ):
        with pytest.raises(PermissionDenied):
            save(national, *refused, by=cast.lead)
    assert set(Commitment.objects.values_list("title", flat=True)) == {"Ours", "Commitment LTWP-2"}


def test_saving_costs_the_same_queries_however_many_rows(
    plan: Plan, bodies: Bodies, django_assert_max_num_queries
) -> None:
    def drafts(number: int, title: str) -> list[CommitmentDraft]:
        return [
            draft(
                f"JFP-{n:04}",
                values={"title": f"{title} {n}"},
                parties=[PartyDraft("lead", "ICB", bodies.board)],
                measures=[MeasureDraft("Places", target_low=Decimal(n))],
                milestones=[MilestoneDraft("Agreed", baseline=fuzzy("2027"))],
            )
            for n in range(number)
        ]

    with django_assert_max_num_queries(20):
        save(plan, *drafts(900, "First"))
    with django_assert_max_num_queries(20):
        save(plan, *drafts(900, "Second"))
    assert Commitment.objects.filter(title__startswith="Second", version=2).count() == 900


def test_a_plan_is_added_once_and_changed_by_its_code(cast: Cast, bodies: Bodies) -> None:
    def keep(**fields: object) -> Plan:
        return save_plan(by=cast.lead, code="JFP", title="Joint plan", today=TODAY, **fields)

    made = keep(owner=bodies.board)
    again = keep(published=fuzzy("2023-06"))
    assert made.pk == again.pk and again.owner == bodies.board
    assert Plan.objects.get().published_date == date(2023, 6, 30)
    keep(published=fuzzy("2023-06"))
    assert made.events.count() == 2  # type: ignore[attr-defined]


def test_a_plan_of_another_system_may_not_be_taken_over(cast: Cast, bodies: Bodies) -> None:
    factories.plan("JFP", owner=bodies.board)
    for fields in ({}, {"owner": bodies.other_board}):
        with pytest.raises(PermissionDenied):
            save_plan(by=cast.other_lead, code="jfp", title="Mine", today=TODAY, **fields)
    assert Plan.objects.get().owner == bodies.board


@pytest.mark.parametrize(("code", "words"), [("A/B", "has a /"), ("", "Give it"), ("A" * 21, "21")])
def test_a_plan_needs_a_code_that_fits_an_address(db: None, code: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        save_plan(by=None, code=code, title="Plan", today=TODAY)
