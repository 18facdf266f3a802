"""The one way to write what organisations report: updates, drafts, nudges, and the close of rounds.

Keyword arguments, `by=` the person, all or nothing, like the actions of the register.
"""

from commitments.progress.actions.closing import close_rounds, freeze, reopen_round
from commitments.progress.actions.drafts import (
    SET_ASIDE,
    DraftConflict,
    discard_draft,
    save_draft,
)
from commitments.progress.actions.extending import extend_round
from commitments.progress.actions.nudging import nudge
from commitments.progress.actions.saying import (
    FigureReport,
    MilestoneReport,
    Reported,
    ReportProblems,
    explain_said,
    post_update,
    report,
    what_if,
)
from commitments.progress.actions.settling import return_update, withdraw_update

__all__ = [
    "SET_ASIDE",
    "DraftConflict",
    "FigureReport",
    "MilestoneReport",
    "ReportProblems",
    "Reported",
    "close_rounds",
    "discard_draft",
    "explain_said",
    "extend_round",
    "freeze",
    "nudge",
    "post_update",
    "reopen_round",
    "report",
    "return_update",
    "save_draft",
    "what_if",
    "withdraw_update",
]
