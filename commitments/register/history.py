"""The history of one commitment as a page.

What happened, in words, comes from `commitments.history.changes`, which other pages read too.
"""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commitments.access import commitment_or_404, plan_or_404
from commitments.history import HistoryEntry, changes, count_changes
from commitments.history_export import in_words, may_export
from commitments.models import Commitment
from workforce_tracker import clock
from workforce_tracker.spreadsheets import csv_response

PER_PAGE = 20

__all__ = ["changes", "commitment_history"]


class _Entries:
    """Entries of some commitments, read only where a paginator slices them."""

    def __init__(self, commitments: list[int]) -> None:
        self.commitments = commitments

    def count(self) -> int:
        return count_changes(self.commitments)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[HistoryEntry]:
        start, stop = wanted.start or 0, wanted.stop or 0
        return changes(self.commitments, limit=stop - start, offset=start)


@require_safe
def commitment_history(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Every change of a commitment and what belongs to it, newest first."""
    commitment = commitment_or_404(request, plan, reference)
    # It only asks for the count and for slices, which are all that _Entries has.
    entries = cast(Any, _Entries([commitment.pk]))
    paginator: Paginator[HistoryEntry] = Paginator(entries, PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request,
        "commitments/commitment/history.html",
        {
            "commitment": commitment,
            "page": page,
            "entries": page.object_list,
            "may_export": may_export(commitment, request.user, clock.today()),
        },
    )


@require_safe
def commitment_history_export(
    request: HttpRequest, plan: str, reference: str
) -> StreamingHttpResponse:
    """The same as CSV, for who edits the commitment or imports into its plan."""
    commitment = commitment_or_404(request, plan, reference)
    if not may_export(commitment, request.user, clock.today()):
        raise PermissionDenied
    rows = in_words([commitment.pk], clock.now())
    return csv_response(f"{commitment.reference}-history.csv", rows)


@require_safe
def plan_history_export(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """The history of every commitment of a plan that the person may see, as CSV, for who edits the
    plan or imports into it."""
    plan = plan_or_404(request, code)
    if not may_export(plan, request.user, clock.today()):
        raise PermissionDenied
    seen = Commitment.objects.visible_to(request.user, clock.today()).filter(plan=plan)
    return csv_response(f"{plan.code}-history.csv", in_words(seen, clock.now()))
