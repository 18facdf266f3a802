"""Which move leads from which state to which, of requests to move a promise."""

from commitments.models import BaselineChange
from commitments.states import Move, StateTable

State = BaselineChange.State
_DECIDERS = "who may edit the commitment, but for the person who asked"

BASELINE_CHANGE = StateTable(
    "baseline change",
    State,
    [
        Move(
            "approve",
            (State.ASKED,),
            State.APPROVED,
            _DECIDERS,
            "that what stood still stands; where a party objects, why it goes ahead",
        ),
        Move("refuse", (State.ASKED,), State.REFUSED, _DECIDERS, "the reason"),
        Move(
            "withdraw",
            (State.ASKED,),
            State.WITHDRAWN,
            "the person who asked; the product, when somebody asks again for what was overtaken",
        ),
    ],
)
TABLES = [BASELINE_CHANGE]
