"""What a plan has already, as far as a file speaks of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from commitments.models import Commitment, Party, Plan
from commitments.models.commitment import CommitmentQuerySet
from commitments.uploads.likeness import Known
from organisations.matching import plain
from organisations.models import User
from organisations.permissions import Capability


@dataclass
class Standing:
    """The references of a plan, in capitals: all that are `taken`, and those of commitments that
    the person may import into (`mine`); and every active one of these, as it is written, with its
    title."""

    rows: CommitmentQuerySet
    taken: set[str]
    mine: set[str]
    titles: dict[str, str]

    @classmethod
    def of(cls, plan: Plan, by: User, today: date) -> "Standing":
        """Two queries."""
        rows = Commitment.objects.allowing(by, Capability.IMPORT, today).filter(plan=plan)
        found = list(rows.order_by("reference", "pk").values_list("reference", "title", "state"))
        return cls(
            rows=rows,
            taken={ref.upper() for ref in plan.commitments.values_list("reference", flat=True)},
            mine={reference.upper() for reference, _, _ in found},
            titles={ref: title for ref, title, state in found if state == Commitment.State.ACTIVE},
        )

    def unnamed(self, named: Collection[str]) -> list[Known]:
        """The active commitments that the file does not name: what a row without a reference may
        be the same as. Two queries."""
        if not self.titles:
            return []
        leads: dict[int, set[int | str]] = {}
        rows = self.rows.filter(state=Commitment.State.ACTIVE)
        parties = Party.objects.filter(commitment__in=rows.order_by(), role=Party.Role.LEAD)
        for pk, body, name in parties.values_list("commitment_id", "organisation_id", "name"):
            leads.setdefault(pk, set()).add(body or plain(name))
        return [
            Known(reference, title, frozenset(leads.get(pk, ())), day)
            for pk, reference, title, day in rows.values_list(
                "pk", "reference", "title", "target_date"
            )
            if reference.upper() not in named
        ]

    def missing(self, named: Collection[str]) -> dict[str, str]:
        """Active commitments that a file with these references, in capitals, leaves out, with their
        titles."""
        return {ref: title for ref, title in self.titles.items() if ref.upper() not in named}
