"""`manage.py explain_reminder`: why somebody is reminded of a milestone, or is not."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from commitments.models import Commitment, Ladder, Milestone, ReminderChoices
from organisations.models import Role, User
from tests import factories
from tests.commitments.reminders.conftest import Send
from tests.conftest import TODAY, Bodies, Cast, day

pytestmark = pytest.mark.django_db


def explained(person: User, milestone: Milestone, on: date = TODAY) -> str:
    out = StringIO()
    call_command(
        "explain_reminder",
        "--person", person.email, "--milestone", str(milestone.pk), "--on", str(on),
        stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_what_is_owed_and_was_sent(
    cast: Cast, promise: Commitment, send: Send, today: date
) -> None:
    step = factories.milestone(promise, "Rota agreed", forecast=TODAY, owner=cast.trust)
    before = explained(cast.trust, step)
    assert "“Rota agreed” of WYP-001" in before
    assert "Due 19 November 2026: today." in before
    assert "Owed to Tariq Trust since 19 November 2026: the reminder on the day." in before
    assert "Next stage: 1 working day after, on 20 November 2026." in before
    assert "escalation, 15 working days after, on 10 December 2026" in before
    assert "The ledger has nothing" in before
    send(TODAY)
    assert "sent 19 November 2026, 10:00am" in explained(cast.trust, step)


def test_why_somebody_is_not_reminded(cast: Cast, promise: Commitment, today: date) -> None:
    step = factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    assert "it is owed to Tariq Trust" in explained(cast.lead, step)
    assert "they belong to no organisation" in explained(cast.nobody, step)
    ReminderChoices.objects.create(person=cast.trust, no_email=["milestone"])
    assert "they chose not to get these by email" in explained(cast.trust, step)
    Milestone.objects.update(state="complete")
    assert "It is complete, so nobody is reminded" in explained(cast.trust, step)
    assert "It has no date" in explained(cast.trust, factories.milestone(promise))


def test_an_update_is_explained_by_the_ladder_of_its_plan(cast: Cast, promise: Commitment) -> None:
    Ladder.objects.create(plan=promise.plan, update_days=[-20, 3], update_escalation=7)
    factories.round_(promise.plan, day(-40), day(5))
    out = StringIO()
    call_command(
        "explain_reminder",
        "--person", cast.trust.email, "--update", str(promise.pk), "--on", str(TODAY),
        stdout=out,
    )  # fmt: skip
    said = out.getvalue()
    assert "“WYP-001 Fill the bank shifts”" in said
    assert "Its stages: 20 working days before, 3 working days after." in said
    assert "Next stage: 3 working days after, on 27 November 2026." in said
    assert "Next stage: escalation, 7 working days after, on 3 December 2026." in said


def test_while_somebody_is_away_it_says_who_gets_theirs(
    cast: Cast, bodies: Bodies, promise: Commitment
) -> None:
    step = factories.milestone(promise, forecast=TODAY, owner=cast.trust)
    choices = ReminderChoices.objects.create(person=cast.trust, away_until=TODAY)
    assert "they are away. Nobody stands in for them" in explained(cast.trust, step)
    choices.stand_in = factories.person("Stan Din", (Role.VIEWER, bodies.trust))
    choices.save()
    assert "they are away. It goes to Stan Din" in explained(cast.trust, step)


def test_what_does_not_exist_is_said(cast: Cast) -> None:
    for options, words in (
        (["--person", cast.lead.email, "--update", "999999"], "There is no commitment 999999"),
        (["--person", cast.lead.email, "--upload", "999999"], "There is no upload 999999"),
        (["--person", cast.lead.email, "--dispute", "999999"], "There is no dispute 999999"),
        (["--person", "no@test.example", "--milestone", "1"], "Nobody has an account"),
        (["--person", cast.lead.email, "--milestone", "999999"], "There is no milestone 999999"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("explain_reminder", *options)
