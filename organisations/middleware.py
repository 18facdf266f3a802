"""Which organisation a signed-in person is acting for."""

from collections.abc import Callable
from contextlib import nullcontext

from django.http import HttpRequest, HttpResponse

from organisations.models import Membership
from organisations.models.succession import successions_read_once
from organisations.permissions import roles_of
from workforce_tracker import clock

SESSION_KEY = "acting_organisation"


class ActingOrganisationMiddleware:
    """Sets `request.acting`: the membership chosen in the header, else the first, else None.

    What a person may see and do follows from all their memberships together, so that a link in an
    e-mail always opens. The acting organisation decides what their home page is about, and in whose
    name they speak.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A page asks in many places who took over from whom. What changes something asks anew, as
        # it may change just that.
        once = successions_read_once() if request.method in ("GET", "HEAD") else nullcontext()
        with once:
            request.acting = _acting(request)  # type: ignore[attr-defined]
            return self.get_response(request)


def _acting(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    held = roles_of(request.user, clock.today())
    chosen = request.session.get(SESSION_KEY)
    return next((m for m in held if chosen in _places(m)), held[0] if held else None)


def _places(membership: Membership) -> set[int]:
    """The body acted for, also by the name it had when it was chosen."""
    origin = membership.came_from
    return {membership.organisation_id} | ({origin.pk} if origin else set())
