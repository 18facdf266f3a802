"""The list of commitments, and the views of it that people keep."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from commitments.models import Commitment, Plan
from commitments.register import facets
from commitments.register.filters import CommitmentFilter
from commitments.register.queries import INDEXED, LIKELIEST, SORTS, Listing, listing
from commitments.register.saved_views import (
    has_blanks,
    remember_last,
    remove_view,
    save_view,
    tidy,
    views_of,
)
from organisations.models import Succession
from organisations.permissions import Capability, grant
from workforce_tracker import clock

SHOW_ALL = "show=all"
# The filters that stand in the first line of the form; the others are under "More filters".
FIRST_LINE = ("plan", "theme", "system", "rating", "due")
MAIN = ("q", "organisation", *FIRST_LINE)


@require_safe
def commitment_list(request: HttpRequest) -> HttpResponse:
    """Find commitments. Without any query it goes back to the person's last view; htmx gets only
    the results and the counts beside the choices."""
    views, last = views_of(request.user)  # type: ignore[arg-type]
    query = tidy(request.GET)
    if not request.GET and last:
        return redirect(_address(last))
    is_part = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    if not is_part and has_blanks(request.GET):
        return redirect(_address(query))
    kept = "" if query == SHOW_ALL else query
    context = _list_context(request, query) | {"views": views, "query": kept}
    # Nobody wants to come back to what could not be read.
    come_back_to = kept if context["form"].is_valid() else ""
    if come_back_to != last:
        remember_last(by=request.user, query=come_back_to)  # type: ignore[arg-type]
    template = "commitments/list_part.html" if is_part else "commitments/list.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    if is_part:
        here = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
        # The same address twice would make "back" stand still.
        response["HX-Push-Url"] = "false" if here == _address(query) else _address(query)
    return response


@require_POST
def saved_view_add(request: HttpRequest) -> HttpResponse:
    """Keep the present view under a name, and go back to it."""
    query = tidy(QueryDict(request.POST.get("query", "")))
    try:
        view = save_view(by=request.user, name=request.POST.get("name", ""), query=query)  # type: ignore[arg-type]
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, f"The view “{view}” is saved.")
    return redirect(_address(query))


@require_POST
def saved_view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one of one's own views, and go back to the list. Somebody else's is not found."""
    if not remove_view(by=request.user, pk=pk):  # type: ignore[arg-type]
        raise Http404
    return redirect(_address(tidy(QueryDict(request.POST.get("query", "")))))


def _address(query: str) -> str:
    return f"{reverse('commitments')}?{query or SHOW_ALL}"


def _list_context(request: HttpRequest, query: str) -> dict[str, Any]:
    """Everything that the list shows: the form with its counts, the rows, the words around them."""
    today = clock.today()
    visible = Commitment.objects.visible_to(request.user, today)
    chosen = CommitmentFilter(QueryDict(query), visible, mine=_mine(request), today=today)
    fitting = chosen.narrow()
    order: tuple = ()
    misspelt: tuple[str, ...] = ()
    if chosen.is_valid() and chosen.chosen().get("q"):
        order, misspelt = chosen.found.order, chosen.found.misspelt
    found = listing(fitting, request.GET.get("sort", ""), request.GET.get("page"), today, order)
    bodies: list[tuple[str, str]] = []
    if found.is_long:
        facets.without_counts(chosen, Plan.objects.visible_to(request.user, today))
    else:
        bodies = facets.add_counts(chosen, found.keys)
    form = chosen.form
    return {
        "form": form,
        "listing": found,
        "limit": facets.LIMIT,
        "bodies": bodies,
        "misspelt": misspelt,
        "chips": chosen.chips(),
        "sorts": _sorts(query, found, bool(order)),
        "first_line": [form[name] for name in FIRST_LINE],
        "more": [form[name] for name in form.fields if name not in MAIN],
        "more_open": any(name not in MAIN for name in chosen.chosen()),
        "late_url": "?overdue=yes&state=active&sort=late",
        "may_add": bool(grant(request.user, Capability.EDIT, today)),
        "may_return": any(
            grant(request.user, right, today) for right in (Capability.EDIT, Capability.REPORT)
        ),
    }


def _mine(request: HttpRequest) -> set[int]:
    """The organisation somebody acts for, and those whose commitments it inherited."""
    acting = request.acting  # type: ignore[attr-defined]
    if acting is None:
        return set()
    return Succession.objects.predecessors_of([acting.organisation_id], clock.today())


def _sorts(query: str, found: Listing, is_search: bool) -> list[tuple[str, str, bool]]:
    """The orders to choose from: in words, their address, and whether it is the present one."""
    offered = []
    for name, words in SORTS.items():
        if (name == LIKELIEST and not is_search) or (found.is_long and name not in INDEXED):
            continue
        data = QueryDict(query, mutable=True)
        data.pop("show", None)
        data["sort"] = name
        offered.append((words, f"?{data.urlencode()}", name == found.sort))
    return offered
