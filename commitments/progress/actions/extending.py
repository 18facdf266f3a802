"""Give a round more time, with a reason."""

from datetime import date

from django.core.exceptions import ValidationError

from commitments.dates import add_working_days, working_days_between
from commitments.models import Plan, Round
from commitments.register.actions.permission import may_run, require, writes
from commitments.register.actions.rounds import check_dates
from commitments.review import actions as reviews
from organisations.models import User


@writes
def extend_round(*, by: User, round: Round, closes_on: date, reason: str, today: date) -> Round:
    """Give a round that is open or still to come a later last day, with a reason. The answers move
    with it, by as many working days after its close as before.

    Raises ValidationError by field (a closed round keeps its dates), and PermissionDenied.
    """
    require(may_run(by, round.plan, today))
    Plan.objects.select_for_update(no_key=True).get(pk=round.plan_id)
    row = Round.objects.select_for_update().get(pk=round.pk)
    if row.closes_on < today:
        raise ValidationError(
            f"“{row}” closed on {row.closes_on:%d/%m/%Y}, and a closed round keeps its dates. "
            f"Late updates are taken until {row.answers_due_on:%d/%m/%Y}."
        )
    problems = {}
    if not reason.strip():
        problems["reason"] = "Say why the round is extended."
    if closes_on <= row.closes_on:
        problems["closes_on"] = (
            f"The round closes on {row.closes_on:%d/%m/%Y}. Give a later day: people rely on the "
            "one that they were told."
        )
    if problems:
        raise ValidationError(problems)
    answer_days = working_days_between(row.closes_on, row.answers_due_on)
    answers_due_on = add_working_days(closes_on, max(1, answer_days))
    check_dates(row.plan, row.opens_on, closes_on, answers_due_on, today, row)
    row.closes_on, row.answers_due_on = closes_on, answers_due_on
    row.extension_reason = reason.strip()
    row.save(update_fields=["closes_on", "answers_due_on", "extension_reason"])
    reviews.reschedule(round=row, by=by, today=today)
    return row
