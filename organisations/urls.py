"""Addresses of the register of organisations.

The page of one organisation also shows its commitments, so it lives in commitments.register.
"""

from django.urls import URLPattern, URLResolver, include, path

from organisations import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.organisation_list, name="organisations"),
    path("switch/", views.switch_organisation, name="switch_organisation"),
    # Before the pages of one organisation: no code is written like this.
    path("changes/", include("organisations.succession.urls")),
]
