"""Addresses of this capability."""

from django.urls import URLPattern, path

from commitments.reminders import calendar_views, ladder_views, own_views, views

urlpatterns: list[URLPattern] = [
    path(
        "commitments/<str:plan>/<str:reference>/reminders/",
        views.commitment_reminders,
        name="commitment_reminders",
    ),
    path("plans/<str:code>/reminders/", ladder_views.plan_ladder, name="plan_ladder"),
    path("reminders/", own_views.inbox, name="inbox"),
    path("reminders/read/", own_views.inbox_read, name="inbox_read"),
    path("reminders/all/", own_views.my_reminders, name="my_reminders"),
    path("reminders/choices/", own_views.reminder_choices, name="reminder_choices"),
    path("reminders/unsubscribe/<str:token>/", own_views.unsubscribe, name="reminders_unsubscribe"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("calendar/add/", calendar_views.calendar_add, name="calendar_add"),
    path("calendar/<int:pk>/revoke/", calendar_views.calendar_revoke, name="calendar_revoke"),
    path("calendar/<str:token>.ics", calendar_views.calendar_feed, name="calendar_feed"),
    path(
        "commitments/<str:plan>/<str:reference>/milestones/<int:pk>/milestone.ics",
        calendar_views.milestone_calendar,
        name="milestone_calendar",
    ),
    path("outbox/", views.outbox, name="outbox"),
    # A slug has neither dots nor slashes, so a name cannot leave the folder.
    path("outbox/<slug:name>/", views.outbox_message, name="outbox_message"),
    path("outbox/<slug:name>/html/", views.outbox_html, name="outbox_html"),
]
