"""Addresses of what did not arrive, under /reminders/undelivered/."""

from django.urls import URLPattern, path

from commitments.reminders.delivery import views

urlpatterns: list[URLPattern] = [
    path("", views.undelivered, name="undelivered"),
    path("<int:pk>/again/", views.try_again, name="undelivered_again"),
    path("addresses/<int:pk>/again/", views.use_again, name="undelivered_address_again"),
]
