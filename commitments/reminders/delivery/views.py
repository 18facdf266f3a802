"""The page of reminders that did not arrive, for administrators."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from commitments.reminders.delivery import undelivered as queries
from commitments.reminders.queries import as_lines, names_for
from organisations.models import User
from workforce_tracker import clock

PER_PAGE = 50


@require_safe
def undelivered(request: HttpRequest) -> HttpResponse:
    """What was given up and why, and whose address was refused."""
    person, today = _administrator(request), clock.today()
    page = Paginator(queries.given_up(person, today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": as_lines(list(page), names_for(person, page, today)),
        "refused": queries.refused(person, today),
    }
    return render(request, "commitments/reminders/undelivered.html", context)


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one back in the queue."""
    person, today = _administrator(request), clock.today()
    reminder = get_object_or_404(queries.given_up(person, today), pk=pk)
    if queries.try_again(by=person, reminder=reminder, today=today):
        messages.success(
            request, f"The reminder to {reminder.person} will be tried again within minutes."
        )
    return redirect("undelivered")


@require_POST
def use_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send to a refused address again."""
    person, today = _administrator(request), clock.today()
    other = get_object_or_404(queries.people_of(person, today), pk=pk)
    if queries.use_again(by=person, person=other, today=today):
        messages.success(
            request, f"{other.email} is used again. What was kept back goes out within the hour."
        )
    return redirect("undelivered")


def _administrator(request: HttpRequest) -> User:
    """Who is asking; nobody else gets this page."""
    if not isinstance(request.user, User) or not queries.looks_after_anybody(
        request.user, clock.today()
    ):
        raise PermissionDenied
    return request.user
