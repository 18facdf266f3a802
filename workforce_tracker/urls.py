"""Every address of the product."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from workforce_tracker.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", login_not_required(healthz), name="healthz"),
    path("", include("organisations.people.urls")),
    path("accounts/", include("allauth.urls")),
    path("organisations/", include("organisations.urls")),
    path("", include("commitments.urls")),
]
