"""Addresses of changes of organisations."""

from django.urls import URLPattern, path

from organisations.succession import views

urlpatterns: list[URLPattern] = [
    path("", views.succession_list, name="successions"),
    path("add/", views.succession_add, name="succession_add"),
    path("<int:pk>/reverse/", views.succession_reverse, name="succession_reverse"),
]
