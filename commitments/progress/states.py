"""The states of a progress update, and the moves between them."""

from commitments.models import ProgressUpdate
from commitments.states import Move, StateTable

State = ProgressUpdate.State
REPORTER = "whoever reports for its organisation"

UPDATE = StateTable(
    "update",
    State,
    (
        Move("submit", (), State.SUBMITTED, REPORTER, "a rating, how it is going"),
        Move(
            "return",
            (State.SUBMITTED,),
            State.RETURNED,
            "whoever edits the commitment, but not its author",
            "a reason",
        ),
        Move(
            "withdraw",
            (State.SUBMITTED,),
            State.WITHDRAWN,
            REPORTER,
            "no partner has answered it, and its round is not frozen",
        ),
        Move("resubmit", (State.RETURNED,), State.REPLACED, REPORTER, "a new version"),
        Move("correct", (State.SUBMITTED,), State.REPLACED, REPORTER, "a new version"),
    ),
)

TABLES = [UPDATE]
