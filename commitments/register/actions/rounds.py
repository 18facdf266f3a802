"""Open reporting rounds, of a plan or of a whole system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from commitments.dates import add_working_days, is_working_day, next_working_day
from commitments.dates import working_days_between as between
from commitments.models import Commitment, Plan, Round
from commitments.register.actions.permission import may_run, require, writes
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability, holds

# England's working days that partners have for their answers once a round has closed.
ANSWER_DAYS = 5
# ... and those that an update takes, unless the last round was of another length.
ROUND_DAYS = 10
MONTHS = {Round.Cadence.MONTHLY: 1, Round.Cadence.QUARTERLY: 3}


@dataclass(frozen=True)
class RoundDates:
    """The days of a round to come."""

    opens_on: date
    closes_on: date
    answers_due_on: date


def next_dates(last: Round | None, cadence: str, today: date) -> RoundDates:
    """The days of the next round, by England's working days and in the past never: on the first
    working day of the month that follows the last round by its cadence, as long as the last one
    was. Without a last round or a cadence it begins now."""
    opens_on, days, answer_days = today, ROUND_DAYS, ANSWER_DAYS
    if last is not None:
        days = between(last.opens_on, last.first_closes_on)
        answer_days = between(last.closes_on, last.answers_due_on)
        opens_on = max(today, next_working_day(last.closes_on))
        if months := MONTHS.get(Round.Cadence(cadence)):
            count = last.opens_on.year * 12 + last.opens_on.month - 1 + months
            opens_on = max(opens_on, date(count // 12, count % 12 + 1, 1))
    if not is_working_day(opens_on):
        opens_on = next_working_day(opens_on)
    closes_on = add_working_days(opens_on, max(1, days))
    return RoundDates(opens_on, closes_on, add_working_days(closes_on, max(1, answer_days)))


@writes
def open_round(
    *,
    by: User | None,
    plan: Plan,
    name: str,
    opens_on: date,
    closes_on: date,
    today: date,
    cadence: str = Round.Cadence.AD_HOC,
    answers_due_on: date | None = None,
    system: Organisation | None = None,
    is_demonstration: bool = False,
) -> Round:
    """Open a reporting round of a plan. The very same again gives the one that stands. The answers
    of a joint review are due ANSWER_DAYS working days after it closes, unless another day is given.

    Raises ValidationError by field, and PermissionDenied.
    """
    if by is not None:
        require(may_run(by, plan, today))
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    wanted = {"name": name.strip(), "opens_on": opens_on, "closes_on": closes_on}
    if same := plan.rounds.filter(**wanted).first():
        return same
    answers_due_on = answers_due_on or add_working_days(closes_on, ANSWER_DAYS)
    check_dates(plan, opens_on, closes_on, answers_due_on, today)
    made = Round(
        plan=plan,
        **wanted,
        first_closes_on=closes_on,
        answers_due_on=answers_due_on,
        cadence=cadence,
        system=system,
        is_demonstration=is_demonstration,
    )
    made.full_clean()
    made.save()
    return made


def plans_of_system(board: Organisation, today: date) -> Sequence[Plan]:
    """The plans kept by a board, its trusts and its councils, and what these inherited; not those
    that a later one has superseded, nor those that promise nothing."""
    boards = Succession.objects.predecessors_of([board.pk], today)
    placed = Organisation.objects.in_systems(boards, today).values_list("pk", flat=True)
    bodies = Succession.objects.predecessors_of({board.pk, *placed}, today)
    active = Commitment.objects.filter(plan=OuterRef("pk"), state=Commitment.State.ACTIVE)
    plans = Plan.objects.filter(Exists(active), owner__in=bodies, superseded_by__isnull=True)
    return list(plans.order_by("pk"))


@writes
def open_system_rounds(
    *,
    by: User,
    board: Organisation,
    name: str,
    opens_on: date,
    closes_on: date,
    answers_due_on: date | None = None,
    cadence: str = Round.Cadence.AD_HOC,
    today: date,
) -> list[Round]:
    """Open the same round in every plan kept in a system (`plans_of_system`): all or nothing.

    Raises ValidationError, with the plans that stand in the way, and PermissionDenied for whoever
    does not edit in the whole system.
    """
    require(holds(by, Capability.EDIT, board, today))
    plans = plans_of_system(board, today)
    if not plans:
        raise ValidationError(f"No plan with active commitments is kept in the system of {board}.")
    made, refused = [], []
    for plan in plans:
        try:
            made.append(
                open_round(
                    by=by, plan=plan, name=name, opens_on=opens_on, closes_on=closes_on,
                    answers_due_on=answers_due_on, cadence=cadence, system=board, today=today,
                )
            )  # fmt: skip
        except ValidationError as problem:
            refused += [f"{plan.code}: {message}" for message in problem.messages]
    if refused:
        raise ValidationError([*refused, "No round was opened."])
    return made


def check_dates(
    plan: Plan,
    opens_on: date,
    closes_on: date,
    answers_due_on: date,
    today: date,
    known: Round | None = None,
) -> None:
    """Raise ValidationError, by field, where a round of a plan cannot have these days; `known` is
    the round itself where it stands already."""
    if closes_on < opens_on:
        raise ValidationError({"closes_on": "A round cannot close before it opens."})
    if closes_on < today:
        raise ValidationError(
            {"closes_on": f"{closes_on:%d/%m/%Y} has passed. Give a day from today on."}
        )
    if answers_due_on < closes_on:
        raise ValidationError(
            {"answers_due_on": "Answers cannot be due before the updates that they answer."}
        )
    others = plan.rounds.exclude(pk=known.pk) if known else plan.rounds.all()
    overlapping = others.filter(opens_on__lte=closes_on, closes_on__gte=opens_on).first()
    if overlapping:
        raise ValidationError(
            {
                "closes_on" if known else "opens_on": f'"{overlapping.name}" runs from '
                f"{overlapping.opens_on:%d/%m/%Y} to {overlapping.closes_on:%d/%m/%Y}. "
                "Rounds of a plan cannot overlap: choose other days."
            }
        )
