"""What a plan has already, as far as a file speaks of it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models.functions import Upper

from commitments.models import Commitment, Party, Plan
from commitments.models.commitment import CommitmentQuerySet
from commitments.uploads.likeness import Known
from organisations.matching import plain
from organisations.models import User
from organisations.permissions import Capability


@dataclass
class Standing:
    """The references of a plan, in capitals: those of commitments that the person may import into
    (`mine`), and of `others`."""

    rows: CommitmentQuerySet
    mine: set[str]
    others: set[str]

    @classmethod
    def of(cls, plan: Plan, by: User, today: date) -> "Standing":
        """Two queries."""
        rows = Commitment.objects.allowing(by, Capability.IMPORT, today).filter(plan=plan)
        mine = {reference.upper() for reference in _references(rows)}
        taken = (reference.upper() for reference in _references(plan.commitments.all()))
        return cls(rows, mine, {reference for reference in taken if reference not in mine})

    def unnamed(self, named: Collection[str]) -> list[Known]:
        """The active commitments that the file does not name: what a row without a reference may
        be the same as. Two queries."""
        leads: dict[int, set[int | str]] = {}
        parties = Party.objects.filter(commitment__in=self._active(), role=Party.Role.LEAD)
        for pk, body, name in parties.values_list("commitment_id", "organisation_id", "name"):
            leads.setdefault(pk, set()).add(body or plain(name))
        known = self._active().values_list("pk", "reference", "title", "target_date")
        return [
            Known(reference, title, frozenset(leads.get(pk, ())), day)
            for pk, reference, title, day in known
            if reference.upper() not in named
        ]

    def missing(self, named: Collection[str]) -> dict[str, str]:
        """Active commitments that a file with these references, in capitals, leaves out, with their
        titles. One query."""
        known = self._active().order_by("reference", "pk").values_list("reference", "title")
        return {ref: title for ref, title in known.iterator() if ref.upper() not in named}

    def _active(self) -> CommitmentQuerySet:
        return self.rows.filter(state=Commitment.State.ACTIVE).order_by()


def of_other_plans(plan: Plan, by: User, today: date, new: Collection[str]) -> dict[str, str]:
    """The titles of the plans to which references that are `new` here, in capitals, belong: those
    that begin with the code of another plan, and stand in it. Two queries."""
    plans = Plan.objects.visible_to(by, today).exclude(pk=plan.pk)
    codes = {code.upper() for code in plans.values_list("code", flat=True)}
    named = [reference for reference in new if codes.intersection(_beginnings(reference))]
    rows = Commitment.objects.visible_to(by, today).annotate(upper=Upper("reference"))
    found = rows.filter(plan__in=plans, upper__in=named).order_by("pk")
    return dict(found.values_list("upper", "plan__title")) if named else {}


def _beginnings(reference: str) -> Iterator[str]:
    """What stands before each dash of a reference: the code of its plan, as a rule."""
    parts = reference.split("-")
    return ("-".join(parts[:end]) for end in range(1, len(parts)))


def _references(rows: CommitmentQuerySet) -> Iterator[str]:
    return rows.order_by().values_list("reference", flat=True).iterator()
