"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.register.history import commitment_history
from commitments.register.organisation_page import organisation_page
from commitments.register.page import commitment_page

urlpatterns: list[URLPattern] = [
    path("commitments/<str:plan>/<str:reference>/", commitment_page, name="commitment"),
    path(
        "commitments/<str:plan>/<str:reference>/history/",
        commitment_history,
        name="commitment_history",
    ),
    path("organisations/<str:code>/", organisation_page, name="organisation"),
]
