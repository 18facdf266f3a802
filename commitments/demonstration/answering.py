"""Made-up answers to made-up updates: one dispute, the others still awaited."""

from datetime import date

from commitments.models import Commitment, Dispute, ProgressUpdate, Review
from commitments.review.actions import answer
from organisations.models import User


def place_answers(commitment: Commitment, people: dict[str, User], today: date) -> None:
    """Let the reviewer of the Local Government Association disagree with the latest update, where
    that asks them."""
    asked = Review.objects.filter(update__commitment=commitment, update__state="submitted")
    for_sector = asked.awaited().filter(for_sector=True).first()
    if for_sector is None:
        return
    answer(
        by=people["lga@demo.example"],
        review=for_sector,
        base_version=for_sector.version,
        answer="disagree",
        reason="Made up. Councils were not asked which care providers take part.",
        would_change="Made up. A list of providers that the council has seen.",
        today=today,
    )
    # People cannot mark what they say as made up; only this can.
    ProgressUpdate.objects.filter(pk=for_sector.update_id).update(is_demonstration=True)
    asked.update(is_demonstration=True)
    Dispute.objects.filter(commitment=commitment).update(is_demonstration=True)
