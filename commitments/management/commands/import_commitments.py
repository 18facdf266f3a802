"""`manage.py import_commitments FILE --plan CODE --as EMAIL`: an upload without a page."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pghistory
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from commitments.models import Plan
from commitments.uploads import actions
from commitments.uploads.answers import Answers
from commitments.uploads.check import Checked
from commitments.uploads.drafted_answers import draft_answers, read_answers
from commitments.uploads.keeping import tables_in
from commitments.uploads.queries import grouped
from commitments.uploads.reading import MAX_BYTES, Unreadable, too_big
from organisations.models import Organisation, User
from organisations.permissions import Capability, grant, memberships_of
from workforce_tracker import clock


class Command(BaseCommand):
    """Check a spreadsheet and apply it, all or nothing, as one person.

    What is certain is applied. The rest is listed under to_confirm: names that nobody knows are
    kept as text, columns that are only guessed are not read, and rows that are probably the same as
    a commitment of the plan are left out. --answers takes the answers from a file, of which
    --dry-run writes a draft. With --json the last line is an object: new, changed, unchanged,
    milestones and missing are numbers; to_confirm and errors are lists of objects with sheet, cell,
    value and message. Exits 1 on errors, having changed nothing.
    """

    help = "Import commitments from a workbook or a .csv file into a plan."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A workbook or a .csv file")
        parser.add_argument("--plan", required=True, metavar="CODE", help="The plan's code")
        parser.add_argument("--new-plan", metavar="TITLE", help="Start the plan, with this title")
        parser.add_argument("--as", required=True, metavar="EMAIL", dest="email",
                            help="Whose permissions apply, and whom the history names")  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done")
        parser.add_argument("--answers", type=Path, metavar="FILE",
                            help="Answers to what would be asked on the page, as JSON; with "
                            "--dry-run, a draft of it is written there")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="End with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with pghistory.context(origin="command", command="import_commitments"):
                checked = self._import(options)
        except Unreadable as problem:
            self._fail(options, str(problem))
        except ValidationError as refused:
            self._fail(options, " ".join(refused.messages))
        except PermissionDenied:
            self._fail(options, f"{options['email']} may not import into {options['plan']}.")
        else:
            self._report(checked, options)

    def _import(self, options: dict[str, Any]) -> Checked:
        by = _person(options["email"])
        file: dict[str, Any] = {
            "by": by,
            "content": _content(options["file"]),
            "filename": options["file"].name,
            "target": _target(by, options["plan"], options["new_plan"]),
            "today": clock.today(),
        }
        if options["dry_run"]:
            file["answers"] = _answers(options["answers"], must_exist=False)
            checked = actions.check_file(**file)
            if options["answers"]:
                tables = tables_in(file["content"], file["filename"])
                draft = draft_answers(tables, checked, file["answers"])
                options["answers"].write_text(json.dumps(draft, indent=2, ensure_ascii=False))
            return checked
        file["answers"] = _answers(options["answers"], must_exist=True)
        return actions.import_file(**file, now=clock.now())

    def _report(self, checked: Checked, options: dict[str, Any]) -> None:
        counts = checked.counts()
        for note in checked.notes:
            self.stdout.write(note)
        for title, findings in (("To confirm", checked.to_confirm), ("Errors", checked.errors)):
            if findings:
                self.stdout.write(f"{title}: {len(findings)}")
            # The same in many cells is one line, as on the page.
            for group in grouped(finding.as_json() for finding in findings):
                self.stdout.write(f"  {group.message}")
        would = "Would be" if options["dry_run"] else "Were"
        if not checked.errors:
            self.stdout.write(
                f"{would}: {counts['new']} new, {counts['changed']} changed, "
                f"{counts['unchanged']} unchanged, {counts['milestones']} milestones."
            )
        if options["json"]:
            lists = {"to_confirm": checked.to_confirm, "errors": checked.errors}
            found = {key: [each.as_json() for each in value] for key, value in lists.items()}
            self.stdout.write(json.dumps(counts | found))
        if checked.errors:
            raise CommandError("Nothing was changed: mend the errors above, then try again.")

    def _fail(self, options: dict[str, Any], message: str) -> None:
        """One error about the whole file."""
        if options["json"]:
            error = {"sheet": "", "cell": "", "value": str(options["file"]), "message": message}
            counts = dict.fromkeys(("new", "changed", "unchanged", "milestones"), 0)
            self.stdout.write(json.dumps(counts | {"to_confirm": [], "errors": [error]}))
        raise CommandError(message)


def _person(email: str) -> User:
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise ValidationError(f"Nobody with the address {email} can sign in.")
    return person


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValidationError(too_big(path.stat().st_size))
        return path.read_bytes()
    except OSError as problem:
        raise ValidationError(f"{path} cannot be read: {problem.strerror}.") from problem


def _answers(path: Path | None, *, must_exist: bool) -> Answers | None:
    """The answers in a file; a draft of it need not be there yet."""
    if path is None or not (must_exist or path.exists()):
        return None
    try:
        return read_answers(path)
    except OSError as problem:
        raise ValidationError(f"{path} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise ValidationError(str(problem)) from problem


def _target(by: User, code: str, new_title: str | None) -> actions.Target:
    """The plan with this code, or a new one kept by the person's first organisation for which they
    import."""
    today = clock.today()
    if new_title:
        if not grant(by, Capability.IMPORT, today):
            raise PermissionDenied
        return actions.Target(code=code, title=new_title, owner=_owner(by))
    plan = Plan.objects.visible_to(by, today).filter(code__iexact=code).first()
    if plan is None:
        raise ValidationError(
            f"There is no plan {code} that {by.email} can see. To start one, add --new-plan TITLE."
        )
    return actions.Target(plan=plan, owner=_owner(by))


def _owner(by: User) -> Organisation | None:
    held = grant(by, Capability.IMPORT, clock.today())
    bodies = (membership.organisation for membership in memberships_of(by))
    return next((body for body in bodies if held.covers(body.pk)), None)
