"""A request to move a date that waits, and a milestone that waits on a late one."""

from collections.abc import Mapping
from datetime import date

from commitments.changing.actions import ask
from commitments.changing.queries import Promise
from commitments.dates import FuzzyDate, add_working_days
from commitments.demonstration.contents import LEAD_PERSON, MARK, PLAN_CODE, TRUST_PERSON
from commitments.dependencies.actions import add_dependency
from commitments.models import Commitment
from organisations.models import User

BANK, INDUCTION = f"{PLAN_CODE}-002", f"{PLAN_CODE}-001"


def place_moves(made: Mapping[str, Commitment], people: Mapping[str, User], today: date) -> None:
    """Place both; `made` are the commitments of the demonstration by reference."""
    bank, induction = made[BANK], made[INDUCTION]
    ask(
        by=people[TRUST_PERSON],
        promise=Promise(
            bank, milestone=bank.milestones.get(title=f"{MARK}first hundred people on the bank")
        ),
        to=FuzzyDate.on(add_working_days(today, 40)),
        reason="Made up. The booking system came late, so the first people come late as well.",
        today=today,
        is_demonstration=True,
    )
    add_dependency(
        by=people[LEAD_PERSON],
        milestone=induction.milestones.get(title=f"{MARK}shared week offered every month"),
        waits_on=bank.milestones.get(title=f"{MARK}booking system open to both"),
        note="Made up. Places in the shared week are booked there.",
        today=today,
        is_demonstration=True,
    )
