"""The page that waits for background work: how far it is, and whether anybody is at it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commitments.models import Work
from commitments.uploads import jobs


def waiting(work: Work) -> dict[str, Any]:
    """What progress.html shows of some work."""
    at_work = not work.is_busy or jobs.is_anybody_at_work()
    return {"work": work, "is_anybody_at_work": at_work}


def progress(request: HttpRequest, work: Work) -> HttpResponse:
    """How far the work is, for the page that asks every second; once it is over, that page is
    loaded again."""
    answer = render(request, "commitments/uploads/progress.html", waiting(work))
    if not work.is_busy:
        answer.headers["HX-Refresh"] = "true"
    return answer
