"""Say why somebody is reminded of something, or is not."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commitments.models import Milestone, Reminder
from commitments.reminders.explaining import explain, explain_thing
from organisations.models import User
from workforce_tracker import clock


class Command(BaseCommand):
    help = (
        "Explains one reminder in words: its stage, whether it is owed, sent or withheld, and why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--person", required=True, metavar="EMAIL")
        what = parser.add_mutually_exclusive_group(required=True)
        for kind in Reminder.Kind:
            what.add_argument(
                f"--{kind.value.replace('_', '-')}",
                dest=kind.value,
                type=int,
                metavar="ID",
                help=kind.label,
            )
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="as if it were this day")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["person"]).first()
        if person is None:
            raise CommandError(f"Nobody has an account with the address {options['person']}.")
        try:
            today = date.fromisoformat(options["on"]) if options["on"] else clock.today()
        except ValueError as error:
            raise CommandError(
                f'"{options["on"]}" is not a date. Use year-month-day, such as 2027-02-28.'
            ) from error
        lines = self._explain(person, today, options)
        self.stdout.write("\n".join(lines))

    def _explain(self, person: User, today: date, options: dict[str, Any]) -> list[str]:
        kind = next(kind for kind in Reminder.Kind if options[kind.value] is not None)
        pk = options[kind.value]
        if kind != Reminder.Kind.MILESTONE:
            if (lines := explain_thing(person, kind, pk, today)) is None:
                what = "commitment" if kind == Reminder.Kind.UPDATE else kind.replace("_", " ")
                raise CommandError(f"There is no {what} {pk}.")
            return lines
        milestones = Milestone.objects.select_related("commitment__plan", "owner")
        milestone = milestones.filter(pk=pk).first()
        if milestone is None:
            raise CommandError(f"There is no milestone {pk}.")
        return explain(person, milestone, today)
