"""Addresses of what did not arrive, under /reminders/undelivered/, and of who reports it."""

from django.urls import URLPattern, path

from commitments.reminders.delivery import receipts, views

urlpatterns: list[URLPattern] = [
    path("", views.undelivered, name="undelivered"),
    path("<int:pk>/again/", views.try_again, name="undelivered_again"),
    path("addresses/<int:pk>/again/", views.use_again, name="undelivered_address_again"),
    path("notify/", receipts.notify_receipt, name="notify_receipt"),
]
