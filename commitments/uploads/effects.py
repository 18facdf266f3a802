"""Which commitments would be rated otherwise once a file has gone in, as pages of its preview.

The ratings are the database's own, now (commitments.ratings) and as they would be (supposing).
"""

from datetime import date

from commitments.models import Commitment
from commitments.ratings import evidence_rating
from commitments.supposing import ratings_if
from commitments.uploads.check import Part
from commitments.uploads.pages import RATINGS, Pages


class Effects:
    """Takes the parts of a check, and keeps of each the commitments that change their rating: in
    the order of the file, with the rating before and after."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.pages = Pages()

    def take(self, part: Part) -> None:
        """Look at a part. Writes nothing that stays."""
        moving = part.planned.moving() if part.planned else {}
        if not moving:
            return
        rows = Commitment.objects.filter(pk__in=list(moving)).order_by()
        before = dict(rows.values_list("pk", evidence_rating(self.today)))
        supposed = (row for work in moving.values() for row in work.rated_rows())
        for key, rating in ratings_if(supposed, self.today).items():
            # Without a rating before: it has been removed since the rows were read.
            if before.get(key, rating) != rating:
                commitment = moving[key].commitment
                self.pages.put(RATINGS, {
                    "reference": commitment.reference,
                    "title": commitment.title,
                    "before": before[key],
                    "after": rating,
                })  # fmt: skip
