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
        "sections": _sections(request.path, user),
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


def _sections(path: str, user: User) -> list[dict[str, Any]]:
    """The navigation: label, address and whether the page at `path` belongs to it."""
    found = []
    for label, name in SECTIONS:
        url = _address(name)
        if url and (name != "uploads" or may_import(user)):
            current = path == url if name == "home" else path.startswith(url)
            found.append({"label": label, "url": url, "current": current})
    return found


def _address(name: str) -> str:
    """The address of a page, or "": the frame stands around error pages too, and must not fail."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
