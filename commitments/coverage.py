"""Who owes what in reporting rounds, and how it stands: the one definition that the grid, the
snapshot of a closed round, nudges and benchmarks read.

A row is one lead of one active commitment in one round; after a merger the body that answers now.
An update of any of its parties serves for all leads, as it does for the rating.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from commitments.models import Commitment, Party, ProgressUpdate, Round, SnapshotRow, UpdateDraft
from commitments.models.commitment import CommitmentQuerySet
from organisations.models import Organisation, Succession


class State(models.TextChoices):
    """How one owed update stands. LATE: the round has closed without one."""

    NOT_STARTED = "not_started", "Not started"
    DRAFT = "draft", "Draft"
    RETURNED = "returned", "Sent back"
    LATE = "late", "Late"
    SUBMITTED = "submitted", "Submitted"
    AGREED = "agreed", "Agreed"
    DISPUTED = "disputed", "Disputed"


OWED = (State.NOT_STARTED, State.DRAFT, State.RETURNED, State.LATE)
GIVEN = (State.SUBMITTED, State.AGREED, State.DISPUTED)

_JOINT = ProgressUpdate.JointState
_GIVEN_STATE = Case(
    When(joint_state=_JOINT.AGREED, then=Value(State.AGREED.value)),
    When(
        joint_state__in=(_JOINT.DISPUTED, _JOINT.ESCALATED),
        then=Value(State.DISPUTED.value),
    ),
    default=Value(State.SUBMITTED.value),
    output_field=CharField(),
)


def owing(rounds: Iterable[int], visible: CommitmentQuerySet, today: date) -> Any:
    """Every lead that owes or gave an update in these rounds, out of the commitments that somebody
    may see: parties with `round_id`, `state` (see State) and `update_id`, `came_late`."""
    here = {"commitment": OuterRef("commitment")}
    given = _of_round(ProgressUpdate.objects.standing().filter(**here))
    given = given.order_by("-submitted_at", "-pk")
    returned = ProgressUpdate.objects.filter(
        **here, round=OuterRef("round_id"), state=ProgressUpdate.State.RETURNED
    )
    return (
        Party.objects.filter(
            role=Party.Role.LEAD,
            answering__isnull=False,
            commitment__state=Commitment.State.ACTIVE,
            commitment__plan__rounds__in=list(rounds),
            commitment__in=visible.order_by().values("pk"),
        )
        .order_by()
        .annotate(
            round_id=F("commitment__plan__rounds"),
            closes_on=F("commitment__plan__rounds__closes_on"),
            first_day=F("commitment__plan__rounds__opens_on"),
            last_day=F("commitment__plan__rounds__answers_due_on"),
        )
        .annotate(
            update_id=Subquery(given.values("pk")[:1]),
            came_late=Coalesce(Subquery(given.values("is_late")[:1]), Value(False)),
            state=Coalesce(
                Subquery(given.annotate(stands=_GIVEN_STATE).values("stands")[:1]),
                Case(
                    When(closes_on__lt=today, then=Value(State.LATE.value)),
                    When(Exists(returned), then=Value(State.RETURNED.value)),
                    When(Exists(UpdateDraft.objects.filter(**here)), then=Value(State.DRAFT.value)),
                    default=Value(State.NOT_STARTED.value),
                    output_field=CharField(),
                ),
            ),
        )
    )


def _of_round(updates: Any) -> Any:
    """Those given in the round; of those given outside of any, those of its days."""
    return updates.filter(
        Q(round=OuterRef("round_id"))
        | Q(
            round__isnull=True,
            submitted_at__date__gte=OuterRef("first_day"),
            submitted_at__date__lte=OuterRef("last_day"),
        )
    )


@dataclass
class Line:
    """A line of the grid: how many updates of one organisation stand how."""

    organisation: Organisation
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def owed(self) -> int:
        return sum(self.counts[state] for state in OWED)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def cells(self) -> list[tuple[State, int]]:
        """Every state with its number."""
        return [(state, self.counts[state]) for state in State]


def grid(rounds: Iterable[Round], visible: CommitmentQuerySet, today: date) -> list[Line]:
    """How the rounds stand, by organisation; who owes most first. Of a frozen round what stood then
    is told. Four queries, however much is owed."""
    keys = [round_.pk for round_ in rounds]
    frozen = set(Round.objects.filter(pk__in=keys).frozen().values_list("pk", flat=True))
    counts: dict[tuple[int, str], int] = defaultdict(int)
    live = [key for key in keys if key not in frozen]
    if live:
        rows: Any = owing(live, visible, today).values_list("answering", "state")
        for answering, state, number in rows.annotate(number=Count("pk")):
            counts[answering, state] += number
    if frozen:
        stood = SnapshotRow.objects.filter(
            snapshot__round__in=frozen,
            snapshot__reopened_at__isnull=True,
            commitment__in=visible.order_by().values("pk"),
        )
        totals = stood.order_by().values_list("organisation", "state").annotate(number=Count("pk"))
        for answering, state, number in totals:
            counts[answering, state] += number
    return _lines(counts, today)


def _lines(counts: dict[tuple[int, str], int], today: date) -> list[Line]:
    heirs = Succession.objects.heirs({body for body, _ in counts}, today)
    rest = {body for body, _ in counts} - set(heirs)
    named = heirs | Organisation.objects.defer("source", "notes").in_bulk(rest)
    lines: dict[int, Line] = {}
    for (answering, state), number in counts.items():
        body = named[answering]
        lines.setdefault(body.pk, Line(body)).counts[state] += number
    return sorted(lines.values(), key=lambda line: (-line.owed, line.organisation.name))


def totals(lines: Iterable[Line]) -> list[tuple[State, int]]:
    """All lines of a grid together."""
    found: dict[str, int] = defaultdict(int)
    for line in lines:
        for state, number in line.counts.items():
            found[state] += number
    return [(state, found[state]) for state in State]
