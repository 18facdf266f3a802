"""Send the reminders that are owed."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError

from commitments.reminders.sending import Outcome, run
from workforce_tracker import clock
from workforce_tracker.templatetags.words import plural, weekday


class Command(BaseCommand):
    help = "Sends every reminder that is owed and not yet sent. Running it twice sends once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", metavar="YYYY-MM-DD", help="as if it were this day")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go to whom, and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="answer with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        day = _day(options["date"]) if options["date"] else clock.today()
        with pghistory.context(origin="command", command="send_reminders"):
            outcome = run(day, dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_dict()))
        else:
            self.stdout.write("\n".join(_words(outcome)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f'"{text}" is not a date. Use year-month-day, such as 2027-02-28.'
        ) from error


def _words(outcome: Outcome) -> list[str]:
    lines = [
        f"Reminders for {weekday(outcome.date)}: planned {outcome.planned:,}, sent {outcome.sent:,}"
        f" in {plural(outcome.messages, 'message')}, withheld {outcome.withheld:,},"
        f" failed {outcome.failed:,}."
    ]
    if outcome.dry_run:
        lines.append("Nothing was sent or changed. A run would send:")
        for message in outcome.would_send:
            lines.append(f"  {message['to']}: {message['subject']}")
            lines += [
                f"    {item['urgency']}: {item['title']} ({item['commitment']}; {item['stage']})"
                for item in message["milestones"]
            ]
        if not outcome.would_send:
            lines.append("  nothing")
    return lines
