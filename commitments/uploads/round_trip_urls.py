"""Addresses of what people take away, and of what they send back."""

from django.urls import URLPattern, path

from commitments.uploads import export_views, return_views

urlpatterns: list[URLPattern] = [
    path("exports/commitments.<str:form>", export_views.commitments_export,
         name="commitments_export"),
    path("exports/returns/<int:pk>/", export_views.round_returns, name="round_returns"),
    path("exports/returns/<int:pk>/<str:code>.xlsx", export_views.return_file,
         name="return_file"),
    path("uploads/returns/add/", return_views.return_add, name="return_add"),
    path("uploads/returns/<int:pk>/", return_views.return_page, name="return_page"),
    path("uploads/returns/<int:pk>/send/", return_views.return_send, name="return_send"),
    path("uploads/returns/<int:pk>/discard/", return_views.return_discard, name="return_discard"),
    path("uploads/returns/<int:pk>/file/", return_views.return_original, name="return_original"),
]  # fmt: skip
