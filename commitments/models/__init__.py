"""What was promised and how it goes. One file a noun."""

from commitments.models.commitment import Commitment, Party
from commitments.models.measure import Figure, Measure
from commitments.models.milestone import Milestone
from commitments.models.note import Note
from commitments.models.plan import Pillar, Plan, Theme
from commitments.models.progress import ProgressUpdate, Rating, Round
from commitments.models.reminder import Reminder
from commitments.models.reminding import CalendarFeed, Ladder, ReminderChoices
from commitments.models.saved_view import SavedView
from commitments.models.standing import Standing
from commitments.models.upload import KnownLayout, KnownName, Upload, UploadChanges

__all__ = [
    "CalendarFeed",
    "Commitment",
    "Figure",
    "KnownLayout",
    "KnownName",
    "Ladder",
    "Measure",
    "Milestone",
    "Note",
    "Party",
    "Pillar",
    "Plan",
    "ProgressUpdate",
    "Rating",
    "Reminder",
    "ReminderChoices",
    "Round",
    "SavedView",
    "Standing",
    "Theme",
    "Upload",
    "UploadChanges",
]
