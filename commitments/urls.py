"""Addresses of the capability folders."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("commitments.insight.urls")),
    path("", include("commitments.register.urls")),
    path("", include("commitments.progress.urls")),
    path("uploads/", include("commitments.uploads.urls")),
    path("", include("commitments.reminders.urls")),
    path("reminders/undelivered/", include("commitments.reminders.delivery.urls")),
]
