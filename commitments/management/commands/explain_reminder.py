"""Say why somebody is reminded of a milestone, or is not."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from commitments.models import Milestone
from commitments.reminders.explaining import explain
from organisations.models import User
from workforce_tracker import clock


class Command(BaseCommand):
    help = (
        "Explains one reminder in words: its stage, whether it is owed, sent or withheld, and why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--person", required=True, metavar="EMAIL")
        parser.add_argument("--milestone", required=True, type=int, metavar="ID")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="as if it were this day")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["person"]).first()
        if person is None:
            raise CommandError(f"Nobody has an account with the address {options['person']}.")
        milestones = Milestone.objects.select_related("commitment__plan", "owner")
        milestone = milestones.filter(pk=options["milestone"]).first()
        if milestone is None:
            raise CommandError(f"There is no milestone {options['milestone']}.")
        try:
            today = date.fromisoformat(options["on"]) if options["on"] else clock.today()
        except ValueError as error:
            raise CommandError(
                f'"{options["on"]}" is not a date. Use year-month-day, such as 2027-02-28.'
            ) from error
        self.stdout.write("\n".join(explain(person, milestone, today)))
