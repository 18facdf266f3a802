"""Which commitments would be rated otherwise once a file has gone in.

The ratings are the database's own (commitments.ratings): what could move one is saved, looked at,
and taken back.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models.functions import Upper

from commitments.models import Commitment, Plan
from commitments.ratings import evidence_rating
from commitments.register.actions import save_commitments
from commitments.uploads.check import Checked
from organisations.models import User

# A rating follows from nothing else that a file can change.
MOVING = {"target", "measures", "state"}


def rating_effects(checked: Checked, *, plan: Plan, by: User, today: date) -> list[dict[str, str]]:
    """Commitments of the plan that change their rating, each as reference, title, and the ratings
    before and after. Writes nothing that stays. Empty while there are errors."""
    moving = {
        change["reference"].upper()
        for change in checked.changes
        if change["kind"] == "changed"
        and (change["milestones"] or {each["field"] for each in change["fields"]} & MOVING)
    }
    if not moving or checked.planned is None:
        return []
    planned = checked.planned.only(moving)
    before = _ratings(plan, moving, today)
    with transaction.atomic():
        save_commitments(by=by, plan=plan, drafts=planned.drafts, today=today, planned=planned)
        after = _ratings(plan, moving, today)
        transaction.set_rollback(True)
    return [
        {
            "reference": reference,
            "title": title,
            "before": before[reference][1],
            "after": rating,
        }
        for reference, (title, rating) in after.items()
        if before[reference][1] != rating
    ]


def _ratings(plan: Plan, references: Iterable[str], today: date) -> dict[str, tuple[str, str]]:
    """Title and evidence rating of commitments, by reference."""
    rows = (
        Commitment.objects.filter(plan=plan)
        .annotate(upper=Upper("reference"), rated=evidence_rating(today))
        .filter(upper__in=list(references))
        .order_by("reference")
        .values_list("reference", "title", "rated")
    )
    return {reference: (title, rated) for reference, title, rated in rows}
