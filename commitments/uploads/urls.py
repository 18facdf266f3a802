"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.uploads import views

urlpatterns: list[URLPattern] = [
    path("", views.uploads, name="uploads"),
    path("add/", views.upload_add, name="upload_add"),
    path("template/", views.upload_template, name="upload_template"),
    path("<int:pk>/", views.upload, name="upload"),
    path("<int:pk>/apply/", views.upload_apply, name="upload_apply"),
    path("<int:pk>/discard/", views.upload_discard, name="upload_discard"),
    path("<int:pk>/file/", views.upload_file, name="upload_file"),
]
