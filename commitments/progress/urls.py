"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.progress.views import progress_add

urlpatterns: list[URLPattern] = [
    path("commitments/<str:plan>/<str:reference>/update/", progress_add, name="progress_add"),
]
