"""Who owes what in a reporting round, for the returns that are given out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from commitments.answering import answers
from commitments.models import Commitment, Party, Plan, Round
from commitments.models.commitment import CommitmentQuerySet
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability, grant
from workforce_tracker.templatetags.words import day


@dataclass(frozen=True)
class Owing:
    """A body with a return in a round: how many commitments it has to report on, and on how many
    of them nothing has come yet."""

    organisation: Organisation
    total: int
    silent: int


def owing(round_: Round, by: User, today: date) -> list[Owing]:
    """The bodies whose returns a person may have: all for those who run the plan, else those for
    which they report. Constant in queries."""
    due = Commitment.objects.visible_to(by, today).filter(
        plan=round_.plan_id, state=Commitment.State.ACTIVE
    )
    reported = dict(due.values_list("pk", "standing__reported_on"))
    leads = Party.objects.filter(commitment__in=reported, role=Party.Role.LEAD)
    found: dict[Organisation, set[int]] = defaultdict(set)
    for answer in answers(leads.select_related("organisation", "assigned_to"), today):
        for body in answer.now:
            found[body].add(answer.party.commitment_id)
    rows = []
    for body, keys in found.items():
        days = [reported[key] for key in keys]
        silent = sum(on is None or on < round_.opens_on for on in days)
        rows.append(Owing(body, len(keys), silent))
    if not runs(round_.plan, by, today):
        held = grant(by, Capability.REPORT, today)
        rows = [row for row in rows if held.covers(row.organisation.pk)]
    return sorted(rows, key=lambda row: (-row.silent, row.organisation.name))


def runs(plan: Plan, by: User, today: date) -> bool:
    """Whether somebody's organisation keeps the plan, so that they ask others for returns."""
    return Plan.objects.allowing(by, Capability.EDIT, today).filter(pk=plan.pk).exists()


def due_from(round_: Round, body: Organisation, by: User, today: date) -> CommitmentQuerySet:
    """The commitments on which a body reports in a round, as far as the person may see them."""
    bodies = Succession.objects.predecessors_of([body.pk], today)
    leads = Party.objects.filter(
        commitment=OuterRef("pk"), role=Party.Role.LEAD, answering__in=bodies
    )
    return Commitment.objects.visible_to(by, today).filter(
        Exists(leads), plan=round_.plan_id, state=Commitment.State.ACTIVE
    )


def how_owed(commitments: CommitmentQuerySet, round_: Round) -> dict[int, str]:
    """How the update of each commitment stands in a round, in words, by key. One query."""
    due = f"Due by {day(round_.closes_on)}"
    return {
        key: f"Given on {day(on)}" if on and on >= round_.opens_on else due
        for key, on in commitments.values_list("pk", "standing__reported_on")
    }
