"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.dependencies import views

# What one milestone waits on.
ALL = "commitments/<str:plan>/<str:reference>/milestones/<int:pk>/waits-on/"

urlpatterns: list[URLPattern] = [
    path(ALL, views.dependency_add, name="dependency_add"),
    path(f"{ALL}<int:dependency>/remove/", views.dependency_remove, name="dependency_remove"),
]
