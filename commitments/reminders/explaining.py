"""Why somebody is reminded of something or is not, in words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from commitments.models import Commitment, Milestone, Reminder, ReminderChoices, Upload
from commitments.reminders import ledger
from commitments.reminders.ladder import in_words, label, steps_to_come
from commitments.reminders.matters import MATTERS, rows_of
from commitments.reminders.wording import due_date
from organisations.models import User
from organisations.permissions import memberships_of
from workforce_tracker.templatetags.words import day, fuzzy, moment, when

TELLING = {
    Milestone.State.COMPLETE: "It is complete, so nobody is reminded of it.",
    Milestone.State.CANCELLED: "It was cancelled, so nobody is reminded of it.",
}


def explain(person: User, milestone: Milestone, today: date) -> list[str]:
    """What the rules say of one person and one milestone on a day, and what the ledger holds."""
    commitment = milestone.commitment
    due = due_date(milestone)
    lines = [f"“{milestone.title}” of {commitment.reference}, {commitment.plan.title}."]
    if milestone.due_date is None:
        return [*lines, "It has no date, so nobody is reminded of it."]
    lines.append(f"Due {fuzzy(due)}: {when(due, today)}.")
    if milestone.state in TELLING:
        return [
            *lines,
            TELLING[Milestone.State(milestone.state)],
            *_history(person, Reminder.Kind.MILESTONE, milestone.pk),
        ]
    if commitment.state != Commitment.State.ACTIVE:
        lines.append(f"{Reminder.Cause.COMMITMENT.label}, so nobody is reminded of it.")
        return [*lines, *_history(person, Reminder.Kind.MILESTONE, milestone.pk)]
    ladder = ledger.ladders_of(commitment.plan_id)[Reminder.Kind.MILESTONE]
    lines.append(
        f"Its plan reminds {in_words(ladder) or 'nobody before it escalates'}, and escalates "
        f"{ladder[-1].offset} working days after."
    )
    lines += _owed(person, milestone, today)
    lines += [
        f"Next stage: {step.label}, on {day(step.send_on)}."
        for step in steps_to_come([milestone.due_date], today, ladder)
    ]
    return [*lines, *_history(person, Reminder.Kind.MILESTONE, milestone.pk)]


def explain_thing(person: User, kind: str, pk: int, today: date) -> list[str] | None:
    """The same for one thing of any kind, by its key (an update owed by that of its commitment).
    None when there is no such thing."""
    row: Any
    if kind in MATTERS:
        row = rows_of(kind, {pk}).get(pk)
        name = MATTERS[kind].title(row) if row else ""
    else:
        model = Commitment if kind == Reminder.Kind.UPDATE else Upload
        row = model._default_manager.filter(pk=pk).first()
        name = str(row)
    if row is None:
        return None
    lines = [f"{Reminder.Kind(kind).label}: “{name}”."]
    plan_id = row.plan_id if kind == Reminder.Kind.UPDATE else None
    ladder = ledger.ladders_of(plan_id)[Reminder.Kind(kind)]
    lines.append(f"Its stages: {in_words(ladder)}.")
    if ladder[-1].is_escalation:
        lines.append(f"Its {ladder[-1].label}.")
    if kind in Reminder.URGENT:
        lines.append("It goes at once, on working days, and not with the daily message.")
    rows = [
        each for each in ledger.now_owed(None, today) if each.kind == kind and each.thing_id == pk
    ]
    lines += _owed_to(person, rows, today, "nobody is owed it: it has ended, or has not begun.")
    if rows:
        lines += [
            f"Next stage: {step.label}, on {day(step.send_on)}."
            for step in steps_to_come([rows[0].due_on], today, ladder)
        ]
    return [*lines, *_history(person, kind, pk)]


def _owed(person: User, milestone: Milestone, today: date) -> list[str]:
    rows = [
        row
        for row in ledger.now_owed([milestone.commitment_id], today)
        if row.kind == Reminder.Kind.MILESTONE and row.thing_id == milestone.pk
    ]
    reason = "no stage has come yet, or it was long late before it was first seen."
    if milestone.owner_id and milestone.owner_id != person.pk:
        reason = f"its owner is {milestone.owner}."
    return _owed_to(person, rows, today, reason)


def _owed_to(person: User, rows: list[ledger.Owed], today: date, otherwise: str) -> list[str]:
    mine = next((row for row in rows if row.person_id == person.pk), None)
    if mine is None:
        reason = _why_not(person, rows) or otherwise
        return [f"Nothing is owed to {person} on {day(today)}: {reason}"]
    lines = [f"Owed to {person} since {day(mine.send_on)}: the reminder {mine.label}."]
    if mine.hold:
        lines.append(f"It does not go by email: {Reminder.Cause(mine.hold).label.lower()}.")
    if mine.hold == Reminder.Cause.AWAY:
        others = _names(row for row in rows if row.standing_in_for_id == person.pk)
        lines[-1] += f" It goes to {others}." if others else " Nobody stands in for them."
    seen = Commitment.objects.visible_to(person, today)
    if mine.commitment_id and not seen.filter(pk=mine.commitment_id).exists():
        lines.append(f"It is not sent: {Reminder.Cause.ACCESS.label.lower()}.")
    if person.is_refused:
        lines.append(f"It is not sent: {Reminder.Cause.ADDRESS.label.lower()}.")
    choices = ReminderChoices.objects.filter(person=person).first() or ReminderChoices()
    if mine.stage != Reminder.ESCALATION and mine.kind not in Reminder.URGENT:
        often = "once a week" if choices.weekly else "once a day"
        lines.append(f"Their email goes {often}, on working days from {choices.digest_hour}:00.")
    return lines


def _why_not(person: User, rows: list[ledger.Owed]) -> str:
    if not person.is_active:
        return "their account is closed."
    if not memberships_of(person):
        return "they belong to no organisation."
    if rows:
        return f"it is owed to {_names(rows)}."
    return ""


def _names(rows: Iterable[ledger.Owed]) -> str:
    return ", ".join(map(str, User.objects.in_bulk([row.person_id for row in rows]).values()))


def _history(person: User, kind: str, pk: int) -> list[str]:
    rows = Reminder.objects.filter(person=person, kind=kind, thing_id=pk)
    found = [
        f"  {label(row.stage)} (for {day(row.send_on)}, due {day(row.due_on)}): {_state(row)}"
        for row in rows.order_by("send_on", "pk")
    ]
    return ["In the ledger:", *found] if found else ["The ledger has nothing for them about it."]


def _state(row: Reminder) -> str:
    if row.state == Reminder.State.SENT:
        return f"sent {moment(row.sent_at)}"
    words = {"planned": "waits", "withheld": "not sent", "failed": "given up"}[row.state]
    return f"{words}. {row.reason}" if row.reason else words
