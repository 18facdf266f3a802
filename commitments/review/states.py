"""Which move leads from which state to which, of answers and of disputes."""

from commitments.models import Dispute, Review
from commitments.states import Move, StateTable

_AWAITED, _AGREED, _COMMENTED = Review.State.AWAITED, Review.State.AGREED, Review.State.COMMENTED
_DISAGREED, _SILENT, _DROPPED = (
    Review.State.DISAGREED,
    Review.State.NO_ANSWER,
    Review.State.DROPPED,
)
# An answer may be changed until its round is frozen; one that did not come may still be given.
_ANSWERABLE = (_AWAITED, *Review.GIVEN, _SILENT)
_REVIEWERS = "reviewers of the organisation that is asked, but for the author of the update"

REVIEW = StateTable(
    "answer",
    Review.State,
    [
        Move("agree", _ANSWERABLE, _AGREED, _REVIEWERS),
        Move("comment", _ANSWERABLE, _COMMENTED, _REVIEWERS, "a comment"),
        Move(
            "disagree",
            _ANSWERABLE,
            _DISAGREED,
            _REVIEWERS,
            "the reason, and what would change their mind",
        ),
        Move("fall silent", (_AWAITED,), _SILENT, "the product", "the day it was due has passed"),
        Move(
            "drop",
            (_AWAITED, _SILENT),
            _DROPPED,
            "the product",
            "the partner is one no longer, or the update does not stand",
        ),
        Move(
            "ask again", (_DROPPED,), _AWAITED, "the product", "the organisation is a partner again"
        ),
    ],
)

_OPEN = (Dispute.End.OPEN,)
_SIDES = "the reporting organisation, or one that disagrees"

DISPUTE = StateTable(
    "dispute",
    Dispute.End,
    [
        Move(
            "revise",
            _OPEN,
            Dispute.End.REVISED,
            "the reporting organisation",
            "another update in place of the disputed one",
        ),
        Move(
            "differ",
            _OPEN,
            Dispute.End.DIFFER,
            _SIDES,
            "a note, and a yes to it from the reporting organisation and each that disagrees",
        ),
        Move(
            "escalate",
            _OPEN,
            Dispute.End.ESCALATED,
            _SIDES,
            "a note, and people who may see the commitment",
        ),
        Move("withdraw", _OPEN, Dispute.End.WITHDRAWN, "the product", "the update was withdrawn"),
        Move("settle", _OPEN, Dispute.End.DROPPED, "the product", "nobody disagrees any more"),
    ],
)

TABLES = [REVIEW, DISPUTE]
