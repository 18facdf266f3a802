"""Addresses of this room."""

from django.urls import URLPattern, path

from commitments.conversation.views import (
    comment_edit,
    comment_reopen,
    comment_reply,
    comment_resolve,
    comment_take_back,
    discussion,
    discussion_people,
)

ONE = "commitments/<str:plan>/<str:reference>/discussion/"

urlpatterns: list[URLPattern] = [
    path(ONE, discussion, name="commitment_discussion"),
    path(f"{ONE}people/", discussion_people, name="discussion_people"),
    path(f"{ONE}<int:pk>/reply/", comment_reply, name="comment_reply"),
    path(f"{ONE}<int:pk>/edit/", comment_edit, name="comment_edit"),
    path(f"{ONE}<int:pk>/take-back/", comment_take_back, name="comment_take_back"),
    path(f"{ONE}<int:pk>/resolve/", comment_resolve, name="comment_resolve"),
    path(f"{ONE}<int:pk>/reopen/", comment_reopen, name="comment_reopen"),
]
