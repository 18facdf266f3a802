"""What a plan has already, as far as a file speaks of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from commitments.models import Commitment, Party, Plan
from commitments.models.commitment import CommitmentQuerySet
from commitments.register.actions import Stored
from commitments.uploads.likeness import Known
from organisations.matching import plain
from organisations.models import User
from organisations.permissions import Capability


@dataclass
class Standing:
    """The commitments of a plan that the file names, as far as the person may import into them;
    all references in use; and every active one by reference, with its title."""

    plan: Plan
    stored: Stored
    mine: CommitmentQuerySet
    named: dict[str, Commitment]
    taken: set[str]
    titles: dict[str, str]

    @classmethod
    def of(
        cls, plan: Plan, stored: Stored, references: Iterable[str], by: User, today: date
    ) -> "Standing":
        """Three queries, however many references. `stored` is what was read of them."""
        wanted = {reference.upper() for reference in references}
        mine = Commitment.objects.allowing(by, Capability.IMPORT, today).filter(plan=plan)
        found = {ref: row for ref, row in stored.commitments.items() if ref in wanted}
        allowed: set[int] = set()
        if found:
            keys = [row.pk for row in found.values()]
            allowed |= set(mine.filter(pk__in=keys).values_list("pk", flat=True))
        active = mine.filter(state=Commitment.State.ACTIVE).order_by("reference", "pk")
        return cls(
            plan=plan,
            stored=stored,
            mine=mine,
            named={ref: row for ref, row in found.items() if row.pk in allowed},
            taken={ref.upper() for ref in plan.commitments.values_list("reference", flat=True)},
            titles=dict(active.values_list("reference", "title")),
        )

    def unnamed(self) -> list[Known]:
        """The active commitments that the file does not name: what a row without a reference may
        be the same as. Two queries."""
        leads: dict[int, set[int | str]] = {}
        rows = self.mine.filter(state=Commitment.State.ACTIVE)
        parties = Party.objects.filter(commitment__in=rows.order_by(), role=Party.Role.LEAD)
        for pk, body, name in parties.values_list("commitment_id", "organisation_id", "name"):
            leads.setdefault(pk, set()).add(body or plain(name))
        return [
            Known(reference, title, frozenset(leads.get(pk, ())), day)
            for pk, reference, title, day in rows.values_list(
                "pk", "reference", "title", "target_date"
            )
            if reference.upper() not in self.named
        ]

    def missing(self, references: Iterable[str]) -> dict[str, str]:
        """Active commitments that a file with these references leaves out, with their titles."""
        named = {reference.upper() for reference in references}
        return {ref: title for ref, title in self.titles.items() if ref.upper() not in named}
