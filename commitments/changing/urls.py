"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.changing import views

# Everything about the moves of one commitment's promises.
ALL = "commitments/<str:plan>/<str:reference>/baseline-changes/"

urlpatterns: list[URLPattern] = [
    path(ALL, views.change_list, name="baseline_changes"),
    path(f"{ALL}ask/", views.change_ask, name="baseline_change_ask"),
    path(f"{ALL}<int:pk>/", views.change_page, name="baseline_change"),
    path(f"{ALL}<int:pk>/decide/", views.change_decide, name="baseline_change_decide"),
    path(f"{ALL}<int:pk>/object/", views.change_object, name="baseline_change_object"),
    path(f"{ALL}<int:pk>/withdraw/", views.change_withdraw, name="baseline_change_withdraw"),
]
