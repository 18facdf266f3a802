"""What an organisation has under way with its updates: drafts, updates that came back, late ones,
and who nudged it. Read for the home page."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from commitments.models import Commitment, Nudge, ProgressUpdate, Round, UpdateDraft
from commitments.owed import late_updates
from organisations.models import Succession, User
from organisations.permissions import Capability

SHOWN = 10


@dataclass(frozen=True)
class OwnReporting:
    """The first SHOWN of each."""

    drafts: list[UpdateDraft]
    returned: list[ProgressUpdate]
    late: list[Commitment]
    nudges: list[Nudge]

    def __bool__(self) -> bool:
        return bool(self.drafts or self.returned or self.late or self.nudges)


def own_reporting(user: User, organisation_id: int, today: date) -> OwnReporting:
    """What a person's organisation has under way, out of what the person may report on. Constant
    in queries."""
    mine = Commitment.objects.allowing(user, Capability.REPORT, today)
    bodies = Succession.objects.predecessors_of([organisation_id], today)
    newer = ProgressUpdate.objects.filter(
        commitment=OuterRef("commitment"),
        organisation=OuterRef("organisation"),
        submitted_at__gt=OuterRef("submitted_at"),
    )
    drafts = UpdateDraft.objects.filter(organisation=organisation_id, commitment__in=mine)
    returned = ProgressUpdate.objects.filter(
        ~Exists(newer),
        organisation__in=bodies,
        state=ProgressUpdate.State.RETURNED,
        commitment__in=mine,
        commitment__state=Commitment.State.ACTIVE,
    )
    running = Round.objects.taking(today).order_by()
    nudges = Nudge.objects.filter(
        organisation__in=bodies, about=Nudge.About.UPDATES, round__in=running.values("pk")
    ).order_by("round_id", "-on", "-pk")
    late = late_updates(user, [organisation_id], today) if mine.exists() else None
    return OwnReporting(
        list(drafts.select_related("commitment__plan", "author")[:SHOWN]),
        list(returned.select_related("commitment__plan", "settled_by")[:SHOWN]),
        list(late.select_related("plan")[:SHOWN]) if late is not None else [],
        list(nudges.distinct("round_id").select_related("round__plan", "by")[:SHOWN])
        if late is not None
        else [],
    )
