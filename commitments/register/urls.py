"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.register.assigning_views import assign
from commitments.register.edit_views import commitment_add, commitment_change
from commitments.register.history import (
    commitment_history,
    commitment_history_export,
    plan_history_export,
)
from commitments.register.list_views import commitment_list, saved_view_add, saved_view_remove
from commitments.register.organisation_page import organisation_page
from commitments.register.page import commitment_page
from commitments.register.step_views import (
    figure_add,
    milestone_add,
    milestone_change,
    milestone_complete,
)

# Everything about one commitment.
ONE = "commitments/<str:plan>/<str:reference>/"

urlpatterns: list[URLPattern] = [
    path("commitments/", commitment_list, name="commitments"),
    path("commitments-views/add/", saved_view_add, name="saved_view_add"),
    path("commitments-views/<int:pk>/remove/", saved_view_remove, name="saved_view_remove"),
    path("commitments/add/", commitment_add, name="commitment_add"),
    path("commitments/<str:plan>/<str:reference>/", commitment_page, name="commitment"),
    path(f"{ONE}change/", commitment_change, name="commitment_change"),
    path(f"{ONE}milestones/add/", milestone_add, name="milestone_add"),
    path(f"{ONE}milestones/<int:pk>/", milestone_change, name="milestone_change"),
    path(f"{ONE}milestones/<int:pk>/complete/", milestone_complete, name="milestone_complete"),
    path(f"{ONE}measures/<int:pk>/figures/add/", figure_add, name="figure_add"),
    path(f"{ONE}history/export.csv", commitment_history_export, name="commitment_history_export"),
    path("plans/<str:code>/history.csv", plan_history_export, name="plan_history_export"),
    path(
        "commitments/<str:plan>/<str:reference>/history/",
        commitment_history,
        name="commitment_history",
    ),
    path("organisations/<str:code>/assign/", assign, name="assign"),
    path("organisations/<str:code>/", organisation_page, name="organisation"),
]
