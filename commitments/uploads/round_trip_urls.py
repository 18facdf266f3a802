"""Addresses of what people take away, and of what they send back."""

from django.urls import URLPattern, path

from commitments.uploads import export_views, return_views

urlpatterns: list[URLPattern] = [
    path("exports/commitments.<str:form>", export_views.commitments_export,
         name="commitments_export"),
    path("exports/", export_views.exports, name="exports"),
    path("exports/<int:pk>/", export_views.export_page, name="export"),
    path("exports/<int:pk>/progress/", export_views.export_progress, name="export_progress"),
    path("exports/<int:pk>/file/", export_views.export_file, name="export_file"),
    path("exports/returns/<int:pk>/", export_views.round_returns, name="round_returns"),
    path("exports/returns/<int:pk>/<str:code>.xlsx", export_views.return_file,
         name="return_file"),
    path("uploads/returns/add/", return_views.return_add, name="return_add"),
    path("uploads/returns/<int:pk>/", return_views.return_page, name="return_page"),
    path("uploads/returns/<int:pk>/progress/", return_views.return_progress,
         name="return_progress"),
    path("uploads/returns/<int:pk>/again/", return_views.return_again, name="return_again"),
    path("uploads/returns/<int:pk>/send/", return_views.return_send, name="return_send"),
    path("uploads/returns/<int:pk>/discard/", return_views.return_discard, name="return_discard"),
    path("uploads/returns/<int:pk>/marked/", return_views.return_marked, name="return_marked"),
    path("uploads/returns/<int:pk>/file/", return_views.return_original, name="return_original"),
]  # fmt: skip
