"""Taking commitments away: any filtered list, and the return of an organisation for a round.

What is small is handed over at once; anything larger is made by background work, for which the
person is asked first and then waits on a page of its own, or comes back later.
"""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from commitments.access import person_of
from commitments.models import Export, Plan, Round
from commitments.uploads import jobs, making
from commitments.uploads.choosing import commitments_of, filters_in_words
from commitments.uploads.owing import owing
from commitments.uploads.reading import MAX_ROWS
from commitments.uploads.waiting import progress, waiting
from workforce_tracker import clock
from workforce_tracker.downloads import download

State = Export.State


# --- asking for one -------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def commitments_export(request: HttpRequest, form: str) -> HttpResponse:
    """The commitments of a list, with the filters of its address, as .xlsx, .ods or .csv."""
    if form not in Export.Form.values:
        raise Http404
    query = request.GET.copy()
    query.pop("page", None)
    return _hand_over(request, _wanted(request, form=form, query=query.urlencode()))


@require_http_methods(["GET", "HEAD", "POST"])
def return_file(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The return of one organisation for a round: what it reports on, to be filled in offline."""
    today = clock.today()
    round_ = _round_or_404(request, pk, today)
    allowed = owing(round_, person_of(request), today)
    if not allowed:
        raise PermissionDenied
    body = next((row.organisation for row in allowed if row.organisation.code == code), None)
    if body is None:
        raise Http404
    return _hand_over(request, _wanted(request, form="xlsx", round=round_, body=body))


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


# --- those that were asked for --------------------------------------------------------------------
@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """The exports that a person has asked for, the newest first."""
    rows = _own(request)
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(request, "commitments/uploads/exports.html", {"page": page})


@require_safe
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an export is, and then the file."""
    return _show(request, _export_or_404(request, pk))


@require_safe
def export_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is, for the page that waits."""
    return progress(request, _export_or_404(request, pk))


@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file. The page says why where there is none (410), or none any more for this person
    (403)."""
    found = _export_or_404(request, pk)
    if found.state != State.READY:
        return _show(request, found, status=410 if found.state == State.GONE else 404)
    if not making.may_have(found, person_of(request)):
        return _show(request, found, status=403)
    try:
        return download(found.file, found.filename, making.content_type(found))
    except Http404:
        return _show(request, found, is_lost=True, status=410)


# --- inside ---------------------------------------------------------------------------------------
def _wanted(request: HttpRequest, **what: object) -> Export:
    acting = request.acting  # type: ignore[attr-defined]
    organisation = acting.organisation if acting else None
    return Export(asked_by=person_of(request), organisation=organisation, **what)


def _hand_over(request: HttpRequest, wanted: Export) -> HttpResponse:
    """The file of a small export; for a larger one the page that asks, then the one that waits."""
    today = clock.today()
    if request.method == "POST":
        asked = making.ask(wanted, today=today)
        jobs.send(asked)
        return redirect(asked)
    number = commitments_of(wanted, today).count()
    if number > making.SMALL:
        wanted.words = filters_in_words(wanted, today)
        context = {"export": wanted, "number": number, "is_too_large": number > MAX_ROWS}
        return render(request, "commitments/uploads/export_ask.html", context)
    if not number:
        messages.warning(request, "There is nothing to take away: no commitment fits.")
        return redirect(wanted.list_url)
    try:
        content = making.at_once(wanted, today)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(wanted.list_url)
    response = HttpResponse(content, content_type=making.content_type(wanted))
    header = content_disposition_header(True, wanted.filename)
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _show(
    request: HttpRequest, found: Export, *, is_lost: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "export": found,
        "is_lost": is_lost,
        # A round that is over has no returns.
        "is_repeatable": not found.round or found.round.closes_on >= clock.today(),
        "may_have": making.may_have(found, person_of(request)),
        "is_too_large": sum(found.counts.values()) > MAX_ROWS,
        **waiting(found),
    }
    return render(request, "commitments/uploads/export.html", context, status=status)


def _own(request: HttpRequest) -> QuerySet[Export]:
    related = ("round__plan", "body", "organisation")
    return Export.objects.filter(asked_by=person_of(request)).select_related(*related)


def _export_or_404(request: HttpRequest, pk: int) -> Export:
    """An export of the person's own. Unknown and somebody else's look the same."""
    found = _own(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _round_or_404(request: HttpRequest, pk: int, today: date) -> Round:
    """A round that is open, of a plan that the person may see."""
    plans = Plan.objects.visible_to(request.user, today)
    rounds = Round.objects.open_on(today).filter(plan__in=plans.values("pk"))
    found = rounds.select_related("plan").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
