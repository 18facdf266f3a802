"""The one way to write plans, commitments, milestones, figures and rounds.

Keyword arguments, `by=` the person (None is the product itself), all or nothing. An action asks for
permission (PermissionDenied), refuses in plain words (ValidationError), and leaves history,
versions and ratings to the database.
"""

from commitments.register.actions.checking import explain_reference
from commitments.register.actions.comparing import Stored, lock_named, read
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
from commitments.register.actions.editing import (
    REPORTABLE,
    add_commitment,
    add_milestone,
    change_commitment,
    change_milestone,
    complete_milestone,
)
from commitments.register.actions.merging import Choices, Conflict, EditConflict, meanwhile
from commitments.register.actions.moving import PromiseStands, Wanted, is_promised, move_promise
from commitments.register.actions.notes import NoteDraft, save_notes
from commitments.register.actions.permission import (
    may_edit,
    may_import,
    may_move,
    may_report,
    may_run,
    writes,
)
from commitments.register.actions.reporting import EXAMPLES, record_figure
from commitments.register.actions.restoring import Restored, Trace, restore, traces
from commitments.register.actions.rounds import (
    ANSWER_DAYS,
    RoundDates,
    next_dates,
    open_round,
    open_system_rounds,
    plans_of_system,
)
from commitments.register.actions.saving import (
    Planned,
    plan_changes,
    plan_save,
    save_commitments,
    save_plan,
)
from commitments.register.actions.snapshots import parties_ever

__all__ = [
    "ANSWER_DAYS",
    "EXAMPLES",
    "REPORTABLE",
    "Change",
    "Choices",
    "CommitmentDraft",
    "Conflict",
    "DraftProblems",
    "EditConflict",
    "FieldChange",
    "MeasureDraft",
    "MilestoneChange",
    "MilestoneDraft",
    "NoteDraft",
    "PartyDraft",
    "Planned",
    "Problem",
    "PromiseStands",
    "Restored",
    "RoundDates",
    "SaveResult",
    "Stored",
    "Trace",
    "Wanted",
    "add_commitment",
    "add_milestone",
    "change_commitment",
    "change_milestone",
    "complete_milestone",
    "explain_reference",
    "is_promised",
    "lock_named",
    "may_edit",
    "may_import",
    "may_move",
    "may_report",
    "may_run",
    "meanwhile",
    "move_promise",
    "next_dates",
    "open_round",
    "open_system_rounds",
    "parties_ever",
    "plan_changes",
    "plan_save",
    "plans_of_system",
    "read",
    "record_figure",
    "restore",
    "save_commitments",
    "save_notes",
    "save_plan",
    "traces",
    "writes",
]
