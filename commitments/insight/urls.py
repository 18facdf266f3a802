"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.insight.views import home, plan_list, plan_page

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("plans/", plan_list, name="plans"),
    path("plans/<str:code>/", plan_page, name="plan"),
]
