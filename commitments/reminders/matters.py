"""The kinds of things of which one row says everything: answers, decisions, disputes, comments,
evidence and figures. What each is called, where it is opened, and whether it still waits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from commitments.models import (
    BaselineChange,
    Commitment,
    Dispute,
    Evidence,
    Figure,
    Mention,
    Nudge,
    ProgressUpdate,
    Reminder,
    Review,
)

Kind = Reminder.Kind


@dataclass(frozen=True)
class Matter:
    """One kind. `since` is the word before the day it counts from ("asked"); empty where its date
    is a day by which something is to be done. `address` is the name of a page of the commitment,
    `names_row` whether the key of the thing is in it. `own` and `part` say why somebody is told:
    as the person it belongs to, and as one of an organisation ("review for" it)."""

    model: type[models.Model]
    related: tuple[str, ...]
    group: str
    title: Callable[[Any], str]
    is_open: Callable[[Any], bool]
    counts_from: Callable[[Any], date | datetime | None]
    since: str = ""
    address: str = ""
    part: str = "report for"
    own: str = ""
    names_row: bool = False

    def day(self, row: Any) -> date | None:
        """The day in London that the thing counts from, or by which it is due."""
        found = self.counts_from(row)
        return timezone.localdate(found) if isinstance(found, datetime) else found

    def path(self, row: Any, commitment: Commitment | None) -> str:
        """Its address within the product."""
        if commitment is None:
            return reverse("reviews" if row.about == Nudge.About.ANSWERS else "progress_table")
        if not self.address:
            return commitment.get_absolute_url()
        key = [row.pk] if self.names_row else []
        return reverse(self.address, args=[commitment.plan.code, commitment.reference, *key])


def _answers(row: Review) -> bool:
    standing = row.update.state == ProgressUpdate.State.SUBMITTED
    return standing and row.state == Review.State.AWAITED


def _verifiable(row: Evidence) -> bool:
    unverified = (Evidence.Strength.DOCUMENT, Evidence.Strength.SELF_DECLARED)
    harmful = row.scan == Evidence.Scan.INFECTED
    return row.strength in unverified and not row.removed_at and not harmful


def _nudge(row: Nudge) -> str:
    what = "answer" if row.about == Nudge.About.ANSWERS else "update"
    many = f"{row.number} {what}{'' if row.number == 1 else 's'}"
    return f"{row.round.name}: {row.by} asks {row.organisation} for {many}"


def _review(row: Review) -> str:
    of = row.update
    return f"{row.organisation}’s answer to {of.organisation}’s update ({of.get_rating_display()})"


_ASKED: dict[str, Any] = {
    "model": Review,
    "related": ("update__organisation", "organisation"),
    "group": "review",
    "title": _review,
    "is_open": _answers,
    "address": "commitment_reviews",
    "part": "review for",
}
MATTERS: dict[str, Matter] = {
    Kind.REVIEW_ASKED: Matter(**_ASKED, counts_from=lambda row: row.asked_at, since="asked"),
    Kind.REVIEW: Matter(**_ASKED, counts_from=lambda row: row.due_on),
    Kind.NUDGE: Matter(
        Nudge,
        ("round__plan", "organisation", "by"),
        "nudge",
        _nudge,
        lambda row: True,  # whether anything is still owed is asked in SQL
        lambda row: row.on,
        "asked",
        part="act for",
    ),
    Kind.BASELINE: Matter(
        BaselineChange,
        ("milestone", "measure", "organisation"),
        "baseline",
        lambda row: f"{row.what}: {row.organisation} asks to move it",
        lambda row: row.state == BaselineChange.State.ASKED,
        lambda row: row.asked_at,
        "asked",
        "baseline_change",
        "lead the programme at",
        names_row=True,
    ),
    Kind.DISPUTE: Matter(
        Dispute,
        ("update__organisation",),
        "dispute",
        lambda row: f"A partner disagrees with {row.update.organisation}’s update",
        lambda row: row.end == Dispute.End.OPEN,
        lambda row: row.opened_at,
        "opened",
        "commitment_reviews",
        "lead the programme at",
    ),
    Kind.PASSED_ON: Matter(
        Dispute,
        ("update__organisation",),
        "dispute",
        lambda row: f"The dispute about {row.update.organisation}’s update was passed on to you",
        lambda row: row.end == Dispute.End.ESCALATED,
        lambda row: row.ended_at,
        "passed on",
        "commitment_reviews",
        own="it was passed on to you by name",
    ),
    Kind.RETURNED: Matter(
        ProgressUpdate,
        ("organisation", "author"),
        "returned",
        lambda row: f"{row.organisation}’s update was sent back",
        lambda row: row.state == ProgressUpdate.State.RETURNED,
        lambda row: row.settled_at,
        "sent back",
        "update",
        own="you wrote it",
        names_row=True,
    ),
    Kind.MENTION: Matter(
        Mention,
        ("comment__author",),
        "mention",
        lambda row: f"{row.comment.author} named you in a comment",
        lambda row: row.seen_at is None and row.comment.removed_at is None,
        lambda row: row.comment.written_at,
        "written",
        "commitment_discussion",
        own="the comment names you",
    ),
    Kind.EVIDENCE: Matter(
        Evidence,
        ("organisation",),
        "evidence",
        lambda row: f"Evidence from {row.organisation}: {row.title}",
        _verifiable,
        lambda row: row.added_at,
        "added",
        "commitment_evidence",
        "act for",
    ),
    Kind.ACTUAL: Matter(
        Figure,
        ("measure",),
        "actual",
        lambda row: f"Figure for {row.period_text}: {row.measure.name}",
        lambda row: True,  # whether a figure has come is asked in SQL
        lambda row: row.period_date,
    ),
}


def rows_of(kind: str, keys: set[int]) -> dict[int, Any]:
    """The things of one kind by key, with all that their words need. One query."""
    matter = MATTERS[kind]
    return matter.model._default_manager.select_related(*matter.related).in_bulk(keys)
