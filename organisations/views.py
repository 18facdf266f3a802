"""Pages of the register of organisations."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from organisations import queries
from organisations.as_it_was import asked_day
from organisations.filters import ALL, OPEN, OrganisationFilter
from organisations.lineage import Lineage
from organisations.middleware import SESSION_KEY
from organisations.models import Organisation
from organisations.permissions import roles_of
from workforce_tracker import clock

PAGE_SIZE = 50


@dataclass(frozen=True)
class Row:
    """A line of the register: the body, its place, and what became of it if it is closed."""

    body: Organisation
    place: queries.Place
    is_closed: bool
    now: list[Organisation]


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    """The register, filtered and paged in the database; the results alone for htmx."""
    asked = asked_day(request, clock.today())
    bodies = queries.with_place(Organisation.objects.defer("source", "notes"), asked.day)
    register = OrganisationFilter(request.GET, bodies, today=asked.day)
    page = Paginator(register.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    lineage = Lineage.load(asked.day)
    without_day = request.GET.copy()
    without_day.pop("on", None)
    context = {
        "asked": asked,
        "today_url": f"?{without_day.urlencode()}",
        "form": register.form,
        "page": page,
        "rows": [_row(body, lineage, register) for body in page],
        "chips": register.chips(),
        "is_open": register.data["state"] == OPEN,
        "is_all": register.data["state"] == ALL,
        "closest": [] if page.object_list else queries.closest(request.GET.get("q", "")),
    }
    is_part = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    context["is_part"] = is_part
    response = render(request, f"organisations/list.html{'#results' if is_part else ''}", context)
    if is_part:
        day = [f"on={asked.day}"] if asked.is_other else []
        address = "&".join([part for part in [register.address()] if part] + day)
        push_url(response, f"{request.path}?{address}".rstrip("?"))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _row(body: Organisation, lineage: Lineage, register: OrganisationFilter) -> Row:
    now = [end for end in lineage.now(body) if end.pk != body.pk]
    return Row(body, queries.place_of(body), body.is_closed(register.today), now)


@require_POST
def switch_organisation(request: HttpRequest) -> HttpResponse:
    """Act for another of one's own organisations from now on, and go to `next` on this site.

    An organisation in which the person holds no role is as unknown as one that does not exist.
    """
    chosen = request.POST.get("organisation", "")
    held = {str(membership.organisation_id) for membership in roles_of(request.user, clock.today())}
    if chosen not in held:
        raise Http404
    request.session[SESSION_KEY] = int(chosen)
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        onward, {request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(onward if safe else resolve_url("home"))
