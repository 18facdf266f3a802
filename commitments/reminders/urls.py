"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.reminders import views

urlpatterns: list[URLPattern] = [
    path(
        "commitments/<str:plan>/<str:reference>/reminders/",
        views.commitment_reminders,
        name="commitment_reminders",
    ),
    path("outbox/", views.outbox, name="outbox"),
    # A slug has neither dots nor slashes, so a name cannot leave the folder.
    path("outbox/<slug:name>/", views.outbox_message, name="outbox_message"),
    path("outbox/<slug:name>/html/", views.outbox_html, name="outbox_html"),
]
