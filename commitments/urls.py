"""Addresses of the capability folders."""

from django.urls import URLPattern, URLResolver, include, path

from commitments.public import robots

urlpatterns: list[URLPattern | URLResolver] = [
    path("robots.txt", robots, name="robots"),
    path("", include("commitments.insight.urls")),
    path("", include("commitments.register.urls")),
    path("", include("commitments.progress.urls")),
    path("", include("commitments.review.urls")),
    path("", include("commitments.changing.urls")),
    path("", include("commitments.evidence.urls")),
    path("", include("commitments.dependencies.urls")),
    path("", include("commitments.conversation.urls")),
    path("", include("commitments.uploads.round_trip_urls")),
    path("uploads/", include("commitments.uploads.urls")),
    path("", include("commitments.reminders.urls")),
    path("reminders/undelivered/", include("commitments.reminders.delivery.urls")),
]
