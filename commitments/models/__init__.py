"""What was promised and how it goes. One file a noun."""

from commitments.models.baseline import BaselineChange, Objection
from commitments.models.comment import Comment, Mention
from commitments.models.commitment import Commitment, Party
from commitments.models.dependency import Dependency
from commitments.models.evidence import Evidence
from commitments.models.export import Export
from commitments.models.measure import Figure, Measure
from commitments.models.milestone import Milestone
from commitments.models.note import Note
from commitments.models.plan import Pillar, Plan, Theme
from commitments.models.progress import (
    Nudge,
    ProgressUpdate,
    Rating,
    Round,
    Snapshot,
    SnapshotRow,
    UpdateDraft,
)
from commitments.models.reminder import Reminder
from commitments.models.reminding import CalendarFeed, Ladder, ReminderChoices
from commitments.models.review import Dispute, Review, SectorComment
from commitments.models.saved_view import SavedView
from commitments.models.standing import Standing
from commitments.models.upload import KnownLayout, KnownName, Upload, UploadChanges
from commitments.models.work import Work

__all__ = [
    "BaselineChange",
    "CalendarFeed",
    "Comment",
    "Commitment",
    "Dependency",
    "Dispute",
    "Evidence",
    "Export",
    "Figure",
    "KnownLayout",
    "KnownName",
    "Ladder",
    "Measure",
    "Mention",
    "Milestone",
    "Note",
    "Nudge",
    "Objection",
    "Party",
    "Pillar",
    "Plan",
    "ProgressUpdate",
    "Rating",
    "Reminder",
    "ReminderChoices",
    "Review",
    "Round",
    "SavedView",
    "SectorComment",
    "Snapshot",
    "SnapshotRow",
    "Standing",
    "Theme",
    "UpdateDraft",
    "Upload",
    "UploadChanges",
    "Work",
]
