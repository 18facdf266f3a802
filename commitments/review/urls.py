"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.review.comment_views import comment_change, comment_remove, comments
from commitments.review.desk_views import agree_to_plain, council_side_heard, desk, nudge, waiting
from commitments.review.views import (
    commitment_reviews,
    dispute_differ,
    dispute_escalate,
    review_answer,
)

# The reviews of one commitment.
ONE = "commitments/<str:plan>/<str:reference>/reviews/"

urlpatterns: list[URLPattern] = [
    path("reviews/", desk, name="reviews"),
    path("reviews/agree/", agree_to_plain, name="reviews_agree"),
    path("reviews/waiting/", waiting, name="reviews_waiting"),
    path("reviews/nudge/<str:code>/", nudge, name="reviews_nudge"),
    path("reviews/heard/", council_side_heard, name="reviews_heard"),
    path("reviews/comments/", comments, name="sector_comments"),
    path("reviews/comments/<int:pk>/", comment_change, name="sector_comment_change"),
    path("reviews/comments/<int:pk>/remove/", comment_remove, name="sector_comment_remove"),
    path(ONE, commitment_reviews, name="commitment_reviews"),
    path(f"{ONE}<int:pk>/answer/", review_answer, name="review_answer"),
    path(f"{ONE}disputes/<int:pk>/differ/", dispute_differ, name="dispute_differ"),
    path(f"{ONE}disputes/<int:pk>/escalate/", dispute_escalate, name="dispute_escalate"),
]
