"""Which commitments would be rated otherwise once a file has gone in.

The ratings are the database's own, now (commitments.ratings) and as they would be (supposing).
"""

from datetime import date

from commitments.models import Commitment
from commitments.ratings import evidence_rating
from commitments.supposing import ratings_if
from commitments.uploads.check import Part


class Effects:
    """Takes the parts of a check, and keeps of each the commitments that change their rating."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.found: list[dict[str, str]] = []

    def take(self, part: Part) -> None:
        """Look at a part. Writes nothing that stays."""
        moving = part.planned.moving() if part.planned else {}
        if part.planned is None or not moving:
            return
        rows = Commitment.objects.filter(pk__in=list(moving)).order_by()
        before = dict(rows.values_list("pk", evidence_rating(self.today)))
        for key, rating in ratings_if(part.planned.supposed(), self.today).items():
            if before[key] != rating:
                commitment = moving[key]
                self.found.append({
                    "reference": commitment.reference,
                    "title": commitment.title,
                    "before": before[key],
                    "after": rating,
                })  # fmt: skip

    def as_json(self) -> list[dict[str, str]]:
        """By reference: its title, and the evidence rating before and after."""
        return sorted(self.found, key=lambda each: each["reference"])
