"""What everybody may read without signing in: public plans and what they promise.

The public pages have templates of their own (templates/commitments/public) and print nothing but
what those name: the promise, its milestones and figures, and both ratings. Never drafts, comments,
words of an update, or names of staff.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

# Anybody's copy of a public page may be this old.
SECONDS = 300


def public_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page for people who have not signed in, in a frame that leads to the plans and to sign-in.
    Caches may share it among them."""
    url = reverse("plans")
    frame = {
        "public": True,
        "sections": [{"label": "Plans", "url": url, "current": request.path.startswith(url)}],
    }
    response = render(request, template, context | frame)
    patch_cache_control(response, public=True, max_age=SECONDS)
    return response


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: search engines may read the public pages, and nothing of a demonstration."""
    allowed = [] if settings.EMBEDDED else [reverse("plans"), reverse("commitments") + "*/*/"]
    lines = ["User-agent: *", *(f"Allow: {path}" for path in allowed), "Disallow: /"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")
