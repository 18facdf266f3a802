"""The one way to write plans, commitments, milestones, figures and rounds.

Keyword arguments, `by=` the person (None is the product itself), all or nothing. An action asks for
permission (PermissionDenied), refuses in plain words (ValidationError), and leaves history,
versions and ratings to the database.
"""

from commitments.register.actions.drafts import (
    Change,
    CommitmentDraft,
    DraftProblems,
    FieldChange,
    MeasureDraft,
    MilestoneChange,
    MilestoneDraft,
    PartyDraft,
    Problem,
    SaveResult,
)
from commitments.register.actions.permission import may_edit, may_import, may_report, may_run
from commitments.register.actions.saving import plan_changes, save_commitments, save_plan

__all__ = [
    "Change",
    "CommitmentDraft",
    "DraftProblems",
    "FieldChange",
    "MeasureDraft",
    "MilestoneChange",
    "MilestoneDraft",
    "PartyDraft",
    "Problem",
    "SaveResult",
    "may_edit",
    "may_import",
    "may_report",
    "may_run",
    "plan_changes",
    "save_commitments",
    "save_plan",
]
