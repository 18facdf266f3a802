"""Addresses of this room."""

from django.urls import URLPattern, path

from commitments.evidence.views import (
    evidence_add,
    evidence_file,
    evidence_page,
    evidence_remove,
    evidence_take_back,
    evidence_verify,
)

ONE = "commitments/<str:plan>/<str:reference>/evidence/"

urlpatterns: list[URLPattern] = [
    path(ONE, evidence_page, name="commitment_evidence"),
    path(f"{ONE}add/", evidence_add, name="evidence_add"),
    path(f"{ONE}<int:pk>/file/", evidence_file, name="evidence_file"),
    path(f"{ONE}<int:pk>/verify/", evidence_verify, name="evidence_verify"),
    path(f"{ONE}<int:pk>/take-back/", evidence_take_back, name="evidence_take_back"),
    path(f"{ONE}<int:pk>/remove/", evidence_remove, name="evidence_remove"),
]
