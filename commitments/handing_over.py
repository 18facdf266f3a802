"""Milestones as duties: what a person who goes leaves behind, and who owns it then."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.urls import reverse

from commitments.models import Commitment, Milestone
from organisations.models import Organisation, User
from organisations.people.duties import Duty


class Milestones:
    """The open milestones that a person owns (a source of `organisations.people.duties`)."""

    def owed_by(self, person: User, organisation: Organisation | None) -> Iterable[Duty]:
        """Those owned for one organisation; for None, all of them. One query."""
        for milestone in self._owned(person, organisation).select_related("commitment__plan"):
            commitment = milestone.commitment
            address = reverse("commitment", args=[commitment.plan.code, commitment.reference])
            yield Duty(f"{milestone} ({commitment.reference})", address)

    def hand_over(
        self, *, by: User, person: User, organisation: Organisation | None, to: User | None
    ) -> int:
        """Give them to somebody else, or to nobody yet. How many there were."""
        owned = self._owned(person, organisation)
        # Commitments before milestones, in one order, as every change does it.
        touched = Commitment.objects.filter(pk__in=owned.values("commitment"))
        list(touched.order_by("pk").select_for_update().values_list("pk", flat=True))
        return owned.order_by().update(owner=to)

    def _owned(self, person: User, organisation: Organisation | None) -> QuerySet[Milestone]:
        owned = Milestone.objects.open().filter(owner=person)
        if organisation is None:
            return owned
        # A milestone that names no organisation belongs to those of its commitment.
        of_its_parties = Commitment.objects.answered_by({organisation.pk})
        return owned.filter(
            Q(organisation=organisation)
            | Q(organisation__isnull=True, commitment__in=of_its_parties)
        )
