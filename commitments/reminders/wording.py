"""One reminder in words: what it is about, how it stands to its date, what can be done, and why
this person is told."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse

from commitments.dates import FuzzyDate, Precision, format_fuzzy
from commitments.models import Milestone, Reminder, Upload
from commitments.reminders.matters import MATTERS, Matter
from commitments.reminders.things import Thing
from organisations.models import User
from workforce_tracker.templatetags.words import ago, day, weekday, when

# How the state begins of what counts from a day on which something happened.
SINCE = ("asked", "opened", "passed on", "sent back", "written", "added")
# What somebody can do about a thing, the most urgent first: heading and advice.
GROUPS = {
    "escalated": (
        "Escalated to you",
        "These are late, or nearly so, although those who answer for them were reminded. Ask what "
        "stands in the way, and help to remove it.",
    ),
    "dispute": (
        "Disputes",
        "Those who answer for these do not agree. Read both views, and help them to one.",
    ),
    "returned": (
        "Updates that were sent back",
        "Read why, and give a new version.",
    ),
    "review": (
        "Answers to give",
        "Say whether your organisation agrees. After the last day silence counts as no answer, "
        "never as agreement.",
    ),
    "nudge": (
        "Asked for again",
        "Somebody waits for these in particular.",
    ),
    "late": (
        "Due today or past their date",
        "Say that they are complete, or move the date and say why.",
    ),
    "update": (
        "Updates to give",
        "Say how these commitments go. A few sentences and a rating are enough.",
    ),
    "upload": (
        "Files to apply or put aside",
        "Nothing in these files counts until somebody applies them.",
    ),
    "baseline": (
        "Changes of a promise to decide",
        "Approve or refuse them. Until then the promise stands.",
    ),
    "actual": (
        "Figures to enter",
        "The period is over. Enter the figure, also where it is not the one that was planned.",
    ),
    "mention": (
        "Comments that name you",
        "Read them, and answer where something is asked of you.",
    ),
    "coming": (
        "Coming up",
        "If the date holds, there is nothing to do yet. If it has moved, change it now.",
    ),
    "evidence": (
        "Evidence that you can verify",
        "Look at it when you have a moment: what another organisation has verified counts for "
        "more.",
    ),
}


@dataclass(frozen=True)
class Item:
    """One thing in a message, in words. `path` is its address within the product."""

    reminder: Reminder
    group: str
    title: str
    late: bool
    urgency: str
    due: str
    commitment: str
    plan: str
    plan_owner_id: int | None
    path: str
    why: str
    is_demonstration: bool
    # The return that can be filled in offline instead: its name and its path within the product.
    round: str = ""
    return_path: str = ""

    @property
    def due_label(self) -> str:
        """What stands before `due`."""
        if self.group == "upload" or self.due.startswith(SINCE):
            return "State"
        return "Was due" if self.late else "Due"

    @property
    def return_url(self) -> str:
        """The address of its return for somebody who reads an e-mail."""
        return f"{settings.SITE_URL}{self.return_path}" if self.return_path else ""

    @property
    def url(self) -> str:
        """Its address for somebody who reads an e-mail."""
        return f"{settings.SITE_URL}{self.path}"


def item_of(reminder: Reminder, thing: Thing, person: User, today: date) -> Item:
    """A reminder in words."""
    if thing.upload:
        return _upload(reminder, thing.upload, today)
    if thing.matter:
        return _matter(reminder, thing, today)
    commitment = thing.commitment
    assert commitment is not None
    late = reminder.due_on < today
    if thing.milestone:
        due = due_date(thing.milestone)
        title = " ".join(thing.milestone.title.split())
        path, group = (
            commitment.get_absolute_url(),
            "late" if reminder.due_on <= today else "coming",
        )
        is_demonstration = thing.milestone.is_demonstration
    else:
        assert thing.round is not None
        due = FuzzyDate.on(thing.round.closes_on)
        title = f"{thing.round.name}: update on {commitment.title}"
        path = reverse("progress_add", args=[commitment.plan.code, commitment.reference])
        group, is_demonstration = "update", commitment.is_demonstration
    escalated = reminder.stage == Reminder.ESCALATION
    offline = group == "update" and reminder.through is not None and not (escalated or late)
    return Item(
        reminder=reminder,
        group="escalated" if escalated else group,
        title=title,
        late=late,
        urgency=urgency(due, today),
        due=_in_full(due),
        commitment=f"{commitment.reference} {commitment.title}",
        plan=commitment.plan.title,
        plan_owner_id=commitment.plan.owner_id,
        path=commitment.get_absolute_url() if escalated else path,
        why=why(reminder, thing.milestone, person),
        is_demonstration=is_demonstration,
        round=f"{commitment.plan.code}, {thing.round.name}" if thing.round and offline else "",
        return_path=_return_path(reminder, thing) if offline else "",
    )


def _return_path(reminder: Reminder, thing: Thing) -> str:
    assert thing.round is not None and reminder.through is not None
    return reverse("return_file", args=[thing.round.pk, reminder.through.code])


def _upload(reminder: Reminder, upload: Upload, today: date) -> Item:
    return Item(
        reminder=reminder,
        group="upload",
        title=upload.filename,
        late=False,
        urgency=f"Waiting, brought {ago(reminder.due_on, today)}",
        due=f"brought on {weekday(reminder.due_on)}, not applied yet",
        commitment="",
        plan=upload.plan_title,
        plan_owner_id=upload.plan.owner_id if upload.plan else None,
        path=upload.get_absolute_url(),
        why="you brought this file",
        is_demonstration=False,
    )


def _matter(reminder: Reminder, thing: Thing, today: date) -> Item:
    matter, row, commitment = MATTERS[reminder.kind], thing.matter, thing.commitment
    plan = commitment.plan if commitment else row.round.plan
    exact = FuzzyDate.on(reminder.due_on)
    escalated = reminder.stage == Reminder.ESCALATION
    since = f"{matter.since} {ago(reminder.due_on, today)}"
    return Item(
        reminder=reminder,
        group="escalated" if escalated else matter.group,
        title=" ".join(matter.title(row).split()),
        late=not matter.since and reminder.due_on < today,
        urgency=since.capitalize() if matter.since else urgency(exact, today),
        due=f"{matter.since} on {weekday(reminder.due_on)}" if matter.since else _in_full(exact),
        commitment=f"{commitment.reference} {commitment.title}" if commitment else "",
        plan=plan.title,
        plan_owner_id=plan.owner_id,
        path=matter.path(row, commitment),
        why=_why_matter(reminder, matter),
        is_demonstration=getattr(row, "is_demonstration", False),
    )


def _why_matter(reminder: Reminder, matter: Matter) -> str:
    if reminder.standing_in_for_id or reminder.stage == Reminder.ESCALATION:
        return standing_why(reminder)
    if reminder.through is None:
        return matter.own
    return f"you {matter.part} {reminder.through}"


def due_date(milestone: Milestone) -> FuzzyDate:
    """The date that a milestone's lateness is counted from, as its source gives it."""
    return milestone.forecast if milestone.forecast.is_dated else milestone.baseline


def urgency(due: FuzzyDate, today: date) -> str:
    """How a date stands to today: "Late by 12 days", "Due tomorrow", "Due in 6 working days"."""
    words = when(due, today)
    if words.endswith(" late"):
        return f"Late by {words.removesuffix(' late')}"
    return f"Due {words}"


def _in_full(due: FuzzyDate) -> str:
    if due.precision == Precision.DAY:
        return weekday(due.last_day)
    return f"{format_fuzzy(due)} ({day(due.last_day)} at the latest)"


def why(reminder: Reminder, milestone: Milestone | None, person: User) -> str:
    """Why this person is told, to come after "because"."""
    if reminder.standing_in_for_id or reminder.stage == Reminder.ESCALATION:
        return standing_why(reminder)
    if milestone and milestone.owner_id == person.pk:
        return "you own this milestone"
    if reminder.through is None:
        return "you owned this milestone when this reminder was planned"
    return f"you report for {reminder.through}, which answers for it"


def standing_why(reminder: Reminder) -> str:
    """Why somebody is told who stands in for another, or who can step in."""
    if reminder.standing_in_for_id:
        return f"you stand in for {reminder.standing_in_for}, who is away"
    if reminder.through is None:
        return "you are the senior responsible owner of the plan"
    return f"you lead the programme at {reminder.through}, and it is still not done"
