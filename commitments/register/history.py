"""The history of one commitment as a page.

What happened, in words, comes from `commitments.history.changes`, which other pages read too.
"""

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commitments.access import commitment_or_404
from commitments.history import HistoryEntry, changes, count_changes

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
        {"commitment": commitment, "page": page, "entries": page.object_list},
    )
