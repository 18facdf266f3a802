"""What every page is given: the frame around it and the look of its forms."""

from typing import Any

from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from commitments.models import Reminder
from organisations.models import User
from organisations.permissions import CAPABILITIES, Capability, memberships_of, roles_of
from workforce_tracker import clock

PRODUCT = "Workforce Tracker"

# Word in the navigation, name of its address.
SECTIONS = (
    ("Home", "home"),
    ("Commitments", "commitments"),
    ("Plans", "plans"),
    ("Organisations", "organisations"),
    ("Reviews", "reviews"),
    ("Uploads", "uploads"),
)
# Where a page belongs, by how its address begins: the longest that fits says it. What is named is
# the address of a section, or of another link in the frame.
PLACES = {
    "/updates/": "home",
    "/commitments": "commitments",
    "/exports/": "commitments",
    "/uploads/returns/": "commitments",
    "/plans/": "plans",
    "/exports/returns/": "plans",
    "/organisations/": "organisations",
    "/reviews/": "reviews",
    "/uploads/": "uploads",
    "/reminders/": "inbox",
    "/calendar/": "inbox",
    "/reminders/undelivered/": "undelivered",
    "/outbox/": "outbox",
    "/account": "account",
    "/invitations/": "account",
    "/people/": "account",
}


class FormRenderer(TemplatesSetting):
    """Gives NHS markup to every form: ours, allauth's and django-filter's.

    `{{ form }}` prints its fields, `{{ form.name.as_field_group }}` one of them. What is wrong with
    a form as a whole stands in the error summary that base.html puts above the heading.
    """

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what templates/base.html and the words filters need.

    Costs no query beyond the person and their memberships, which are read once a request, and one
    count from an index where the page shows `unread`.
    """
    today = clock.today()
    common = {"product": PRODUCT, "today": today, "embedded": settings.EMBEDDED}
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return common
    return common | {
        "person": user,
        "acting": getattr(request, "acting", None),
        "memberships": roles_of(user, today),
        "sections": _sections(user),
        "place": place_of(request.path),
        "may_import": may_import(user),
        "unread": SimpleLazyObject(lambda: Reminder.objects.unread(user).count()),
    }


def may_import(user: User) -> bool:
    """Whether a person may import for any organisation at all, so that uploads are worth a link.

    The pages themselves ask `organisations.permissions.grant` where.
    """
    return user.is_platform_administrator or any(
        Capability.IMPORT in CAPABILITIES[membership.role] for membership in memberships_of(user)
    )


def place_of(path: str) -> str:
    """The place that the page at `path` belongs to; "" for an address that is nobody's."""
    if path == "/":
        return "home"
    return PLACES.get(max(filter(path.startswith, PLACES), key=len, default=""), "")


def _sections(user: User) -> list[dict[str, str]]:
    """The navigation: the name of each section's address, its label and the address."""
    return [
        {"name": name, "label": label, "url": url}
        for label, name in SECTIONS
        if (url := _address(name)) and (name != "uploads" or may_import(user))
    ]


def _address(name: str) -> str:
    """The address of a page, or "": the frame stands around error pages too, and must not fail."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
