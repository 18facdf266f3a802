"""Background work: the Celery application, what it runs by the clock, and its signs of life."""

import os
from pathlib import Path

from celery import Celery
from celery.schedules import crontab

from workforce_tracker.heartbeat import WorkerHeartbeat
from workforce_tracker.history import RecordedTask

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workforce_tracker.settings")

app = Celery("workforce_tracker", task_cls=RecordedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
# Tasks live in the capability folders, beside the functions that they call.
capabilities = Path(__file__).parent.parent / "commitments"
app.autodiscover_tasks(
    [f"commitments.{tasks.parent.name}" for tasks in sorted(capabilities.glob("*/tasks.py"))]
)
app.steps["worker"].add(WorkerHeartbeat)

app.conf.beat_scheduler = "workforce_tracker.heartbeat:Scheduler"
# A killed beat loses nothing: the schedule is written after each task that it sends.
app.conf.beat_sync_every = 1
app.conf.beat_schedule = {
    "reminders": {
        "task": "commitments.reminders.tasks.send_due_reminders",
        "schedule": crontab(hour="6", minute="0"),
    },
}
