"""Taking commitments away: any filtered list, and the return of an organisation for a round."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from commitments.access import person_of
from commitments.models import Commitment, Plan, Round
from commitments.register.filters import CommitmentFilter
from commitments.uploads.exporting import MOST, Export, export, export_lines
from commitments.uploads.ods import TYPE as ODS
from commitments.uploads.ods import spreadsheet
from commitments.uploads.owing import Owing, due_from, how_owed, owing
from commitments.uploads.workbook import workbook
from organisations.models import Succession
from workforce_tracker import clock
from workforce_tracker.spreadsheets import csv_response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: dict[str, tuple[Callable[[Export], bytes], str]] = {
    "xlsx": (workbook, XLSX),
    "ods": (spreadsheet, ODS),
}


@require_safe
def commitments_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The commitments of a list, with the filters of its address, as .xlsx, .ods or .csv."""
    today, user = clock.today(), person_of(request)
    if form not in (*FORMATS, "csv"):
        raise Http404
    visible = Commitment.objects.visible_to(user, today)
    chosen = CommitmentFilter(request.GET, visible, mine=_mine(request, today), today=today)
    # Fetched anew by key: a search's words and order are no part of what is read.
    found = Commitment.objects.filter(pk__in=chosen.narrow().order_by().values("pk"))
    name = f"commitments-{today:%Y-%m-%d}"
    if form == "csv":
        return csv_response(f"{name}.csv", export_lines(found, user, today))
    number = found.count()
    if number > MOST:
        messages.warning(
            request,
            f"A workbook holds up to {MOST:,} commitments, and this list has {number:,}. Choose "
            "more filters, or export the list as .csv, which has no limit.",
        )
        return redirect(f"{reverse('commitments')}?{request.GET.urlencode() or 'show=all'}")
    return _file(export(found, user, today), form, name)


@require_safe
def round_returns(request: HttpRequest, pk: int) -> HttpResponse:
    """The returns of a round that a person may have, one for each organisation that reports."""
    today, user = clock.today(), person_of(request)
    round_ = _round_or_404(request, pk, today)
    rows = owing(round_, user, today)
    if not rows:
        raise PermissionDenied
    context = {"round": round_, "plan": round_.plan, "rows": rows, "today": today}
    return render(request, "commitments/uploads/returns.html", context)


@require_safe
def return_file(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The return of one organisation for a round: what it reports on, to be filled in offline."""
    today, user = clock.today(), person_of(request)
    round_ = _round_or_404(request, pk, today)
    allowed: list[Owing] = owing(round_, user, today)
    if not allowed:
        raise PermissionDenied
    body = next((row.organisation for row in allowed if row.organisation.code == code), None)
    if body is None:
        raise Http404
    due = due_from(round_, body, user, today)
    made = export(due, user, today, owed=how_owed(due, round_), open_to_all=True)
    return _file(made, "xlsx", f"return-{round_.plan.code}-{code}-{today:%Y-%m-%d}")


def _file(made: Export, form: str, name: str) -> HttpResponse:
    make, content_type = FORMATS[form]
    response = HttpResponse(make(made), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _round_or_404(request: HttpRequest, pk: int, today: date) -> Round:
    """A round that is open, of a plan that the person may see."""
    plans = Plan.objects.visible_to(request.user, today)
    rounds = Round.objects.open_on(today).filter(plan__in=plans.values("pk"))
    found = rounds.select_related("plan").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _mine(request: HttpRequest, today: date) -> set[int]:
    """What "mine" stands for in the filters: the body somebody acts for and what it inherited."""
    acting = request.acting  # type: ignore[attr-defined]
    return Succession.objects.predecessors_of([acting.organisation_id], today) if acting else set()
