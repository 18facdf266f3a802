"""Ask an organisation for the updates that it owes in a round; once a day at most."""

from datetime import date

from django.core.exceptions import ValidationError

from commitments.coverage import grid
from commitments.models import Commitment, Nudge, Round
from commitments.register.actions.permission import may_run, require, writes
from organisations.models import Organisation, User


@writes
def nudge(
    *, by: User, round: Round, organisations: list[Organisation] | None = None, today: date
) -> list[Nudge]:
    """Nudge organisations that owe updates in a round, or all who owe. Gives the nudges made now:
    those who were nudged today already are left alone, and so are those who owe nothing.

    Raises ValidationError when there is nobody left to nudge, PermissionDenied unless the person's
    organisation keeps the plan.
    """
    require(may_run(by, round.plan, today))
    row = Round.objects.select_for_update().get(pk=round.pk)
    if row.opens_on > today or Round.objects.frozen().filter(pk=row.pk).exists():
        raise ValidationError(f"“{row}” takes no updates now, so there is nothing to ask for.")
    wanted = None if organisations is None else {body.pk for body in organisations}
    # Whoever keeps a plan sees all of it.
    lines = grid([row], Commitment.objects.visible_to(by, today), today)
    owing = {
        line.organisation.pk: line
        for line in lines
        if line.owed and (wanted is None or line.organisation.pk in wanted)
    }
    if not owing:
        raise ValidationError("Nobody owes an update any more.")
    asked = row.nudges.filter(about=Nudge.About.UPDATES, on=today, organisation__in=owing)
    for body in asked.values_list("organisation", flat=True):
        del owing[body]
    if not owing:
        raise ValidationError("They have been nudged today. You can do so again tomorrow.")
    return Nudge.objects.bulk_create(
        Nudge(
            round=row,
            organisation=line.organisation,
            about=Nudge.About.UPDATES,
            by=by,
            on=today,
            number=line.owed,
        )
        for line in owing.values()
    )
