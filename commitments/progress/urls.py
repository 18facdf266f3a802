"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.progress.round_views import (
    round_add,
    round_extend,
    round_list,
    round_nudge,
    round_owed,
    round_page,
    round_reopen,
)
from commitments.progress.system_views import nudge_owing, system_round_add, system_rounds
from commitments.progress.table_views import progress_table
from commitments.progress.update_views import update_page, update_return, update_withdraw
from commitments.progress.views import draft_discard, draft_save, progress_add

# Everything about one commitment; everything about one round.
ONE = "commitments/<str:plan>/<str:reference>/"
ROUND = "plans/<str:code>/rounds/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("updates/", progress_table, name="progress_table"),
    path(f"{ONE}update/", progress_add, name="progress_add"),
    path(f"{ONE}update/draft/", draft_save, name="draft_save"),
    path(f"{ONE}update/draft/discard/", draft_discard, name="draft_discard"),
    path(f"{ONE}updates/<int:pk>/", update_page, name="update"),
    path(f"{ONE}updates/<int:pk>/return/", update_return, name="update_return"),
    path(f"{ONE}updates/<int:pk>/withdraw/", update_withdraw, name="update_withdraw"),
    path("plans/<str:code>/rounds/", round_list, name="rounds"),
    path("plans/<str:code>/rounds/add/", round_add, name="round_add"),
    path(ROUND, round_page, name="round"),
    path(f"{ROUND}owed/", round_owed, name="round_owed"),
    path(f"{ROUND}nudge/", round_nudge, name="round_nudge"),
    path(f"{ROUND}extend/", round_extend, name="round_extend"),
    path(f"{ROUND}reopen/", round_reopen, name="round_reopen"),
    path("organisations/<str:code>/rounds/", system_rounds, name="system_rounds"),
    path("organisations/<str:code>/rounds/add/", system_round_add, name="system_round_add"),
    path("organisations/<str:code>/nudge/", nudge_owing, name="nudge_owing"),
]
