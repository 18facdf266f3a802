"""The history of an organisation and its people, to read and to take away."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from organisations.history import Entries, Entry, as_rows
from organisations.models import Invitation, JoinRequest, Membership
from organisations.people.views.fetching import place_or_404
from workforce_tracker.spreadsheets import csv_response

PER_PAGE = 30


@require_safe
def organisation_history(request: HttpRequest, code: str) -> HttpResponse:
    """Every change of an organisation, its names, successions and people, newest first: for who
    looks after its people."""
    organisation = place_or_404(request, code)
    # It only asks for the count and for slices, which are all that Entries has.
    paginator: Paginator[Entry] = Paginator(cast(Any, Entries(organisation)), PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {"organisation": organisation, "page": page, "entries": page.object_list}
    return render(request, "organisations/people/history.html", context)


@require_safe
def organisation_history_export(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """Who held which role when, who was invited and who asked, with every change, as CSV."""
    organisation = place_or_404(request, code)
    entries = Entries(organisation, (Membership, Invitation, JoinRequest))
    return csv_response(f"{organisation.code}-people-history.csv", as_rows(entries))
