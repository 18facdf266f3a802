"""Which organisation a signed-in person is acting for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from organisations.models import Membership
from organisations.permissions import memberships_of

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
        request.acting = _acting(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def _acting(request: HttpRequest) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    held = memberships_of(request.user)
    chosen = request.session.get(SESSION_KEY)
    return next((m for m in held if m.organisation_id == chosen), held[0] if held else None)
