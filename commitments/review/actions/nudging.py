"""Remind an organisation of the answers that it owes; once a day and round at most."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count

from commitments.models import Commitment, Nudge, Review, Round
from commitments.register.actions import writes
from organisations.models import Organisation, Succession, User
from organisations.permissions import Capability


@writes
def nudge_for_answers(*, by: User, organisation: Organisation, today: date) -> int:
    """Nudge a body for the answers awaited from it on what the person may edit, in each round in
    which it was not nudged today. Gives how many answers it was asked for.

    Raises ValidationError when there is nothing to ask for now, and PermissionDenied for somebody
    who may edit none of it.
    """
    edited = Commitment.objects.allowing(by, Capability.EDIT, today)
    bodies = Succession.objects.predecessors_of([organisation.pk], today)
    awaited = Review.objects.awaited().filter(organisation__in=bodies)
    mine = awaited.filter(update__commitment__in=edited.order_by().values("pk"))
    if not mine.exists():
        if awaited.exists():
            raise PermissionDenied
        raise ValidationError(f"{organisation} has answered everything meanwhile.")
    in_rounds = mine.filter(update__round__isnull=False).order_by().values_list("update__round")
    numbers: dict[int, int] = dict(in_rounds.annotate(Count("pk")))
    if not numbers:
        raise ValidationError("These updates belong to no round, so nobody can be nudged.")
    # Locked in one order, so that two who nudge at once do not both do it.
    list(Round.objects.filter(pk__in=numbers).order_by("pk").select_for_update(no_key=True))
    today_s = Nudge.objects.filter(about=Nudge.About.ANSWERS, on=today, organisation=organisation)
    for done in today_s.filter(round__in=numbers).values_list("round", flat=True):
        del numbers[done]
    if not numbers:
        raise ValidationError(
            f"{organisation} has been nudged today. You can do so again tomorrow."
        )
    Nudge.objects.bulk_create(
        Nudge(
            round_id=round_id,
            organisation=organisation,
            about=Nudge.About.ANSWERS,
            by=by,
            on=today,
            number=number,
        )
        for round_id, number in numbers.items()
    )
    return sum(numbers.values())
