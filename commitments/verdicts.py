"""The rating that was declared for a joint commitment, and beside it what each side answers.

The one read of both, for the commitment's page, the reviews, lists and boards: four queries,
however many commitments. Give it commitments that the reader may see.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from commitments.models import Dispute, ProgressUpdate, Review, Standing
from organisations.kinds import COUNCIL_KINDS, Side


@dataclass(frozen=True)
class Sides:
    """An update and the answers to it, in order: those that are asked no longer are left out.

    `dispute` is the open one of the commitment, else the last one about this update.
    """

    update: ProgressUpdate
    reviews: tuple[Review, ...]
    dispute: Dispute | None = None

    @property
    def is_told(self) -> bool:
        """Whether everybody may read its words: it stands, or was replaced without having been sent
        back. What was sent back or withdrawn is between those who wrote it and those who read it
        for them."""
        state, sent_back = self.update.state, self.update.settled_at is not None
        replaced = state == ProgressUpdate.State.REPLACED and not sent_back
        return state == ProgressUpdate.State.SUBMITTED or replaced

    @property
    def heard(self) -> int:
        """How many have answered."""
        return sum(review.state in Review.GIVEN for review in self.reviews)

    @property
    def awaited(self) -> list[Review]:
        return [review for review in self.reviews if review.state == Review.State.AWAITED]

    @property
    def disagreeing(self) -> list[Review]:
        return [review for review in self.reviews if review.state == Review.State.DISAGREED]

    @property
    def councils(self) -> list[Review]:
        """The councils' own answers."""
        return [r for r in self.reviews if r.organisation.kind in COUNCIL_KINDS]

    @property
    def councils_heard(self) -> int:
        return sum(review.state in Review.GIVEN for review in self.councils)

    @property
    def council_side_was_heard(self) -> bool:
        """Whether local government said anything: by reporting, or by an answer of a council or of
        the body that speaks for all of them."""
        return self.update.organisation.side == Side.LOCAL_GOVERNMENT or any(
            review.state in Review.GIVEN and review.organisation.side == Side.LOCAL_GOVERNMENT
            for review in self.reviews
        )


def verdicts(commitments: Iterable[int]) -> dict[int, Sides]:
    """The latest update of each of these commitments with the answers to it, by commitment."""
    latest = ProgressUpdate.objects.filter(pk__in=_latest(commitments)).select_related(
        "organisation", "author", "round"
    )
    return {sides.update.commitment_id: sides for sides in answers_to(latest)}


def answers_to(updates: Iterable[ProgressUpdate]) -> list[Sides]:
    """Updates, in their order, each with the answers to it. Three queries; give updates with their
    organisation, author and round at hand."""
    updates = list(updates)
    reviews: dict[int, list[Review]] = defaultdict(list)
    asked = Review.objects.filter(update__in=updates).exclude(state=Review.State.DROPPED)
    for review in asked.select_related("organisation", "answered_by", "differs_by"):
        reviews[review.update_id].append(review)
    disputes = _disputes(updates)
    return [
        Sides(
            update,
            tuple(reviews[update.pk]),
            disputes.get((update.commitment_id, None)) or disputes.get((None, update.pk)),
        )
        for update in updates
    ]


def _latest(commitments: Iterable[int]):  # type: ignore[no-untyped-def]
    rows = Standing.objects.filter(commitment__in=list(commitments), latest_update__isnull=False)
    return rows.values("latest_update")


def _disputes(updates: list[ProgressUpdate]) -> dict[tuple[int | None, int | None], Dispute]:
    """Open disputes by commitment, ended ones by update; the last one stands."""
    rows = Dispute.objects.filter(commitment__in={update.commitment_id for update in updates})
    found: dict[tuple[int | None, int | None], Dispute] = {}
    named = rows.select_related("ended_by", "differs_by", "update__organisation")
    for dispute in named.prefetch_related("escalated_to").order_by("opened_at", "pk"):
        is_open = dispute.end == Dispute.End.OPEN
        key = (dispute.commitment_id, None) if is_open else (None, dispute.update_id)
        found[key] = dispute
    return found
