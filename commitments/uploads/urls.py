"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.uploads import views, wizard_views

urlpatterns: list[URLPattern] = [
    path("", views.uploads, name="uploads"),
    path("add/", views.upload_add, name="upload_add"),
    path("template/", views.upload_template, name="upload_template"),
    path("<int:pk>/", views.upload, name="upload"),
    path("<int:pk>/progress/", views.upload_progress, name="upload_progress"),
    path("<int:pk>/file/", views.upload_file, name="upload_file"),
    path("<int:pk>/marked/", views.upload_marked, name="upload_marked"),
    path("<int:pk>/columns/", wizard_views.upload_columns, name="upload_columns"),
    path("<int:pk>/names/", wizard_views.upload_names, name="upload_names"),
    path("<int:pk>/same/", wizard_views.upload_same, name="upload_same"),
    path("<int:pk>/withdraw/", wizard_views.upload_withdraw, name="upload_withdraw"),
    path("<int:pk>/again/", wizard_views.upload_again, name="upload_again"),
    path("<int:pk>/apply/", wizard_views.upload_apply, name="upload_apply"),
    path("<int:pk>/undo/", wizard_views.upload_undo, name="upload_undo"),
    path("<int:pk>/discard/", wizard_views.upload_discard, name="upload_discard"),
]
