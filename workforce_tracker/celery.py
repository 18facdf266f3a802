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

SWEEP_EVERY_SECONDS = 5 * 60
# Each message expires when the next of its kind is due: a worker that comes back after three days
# finds one of each, and the ledger tells it the rest. Two beats send each twice, which is as good.
app.conf.beat_schedule = {
    # Every hour, because people choose the hour of their message. In London's time.
    "reminders": {
        "task": "commitments.reminders.tasks.send_due_reminders",
        "schedule": crontab(minute="0"),
        "options": {"expires": 60 * 60},
    },
    "reminders that wait": {
        "task": "commitments.reminders.tasks.sweep_reminders",
        "schedule": float(SWEEP_EVERY_SECONDS),
        "options": {"expires": SWEEP_EVERY_SECONDS},
    },
    "evidence that waits": {
        "task": "commitments.evidence.tasks.sweep_files",
        "schedule": float(SWEEP_EVERY_SECONDS),
        "options": {"expires": SWEEP_EVERY_SECONDS},
    },
    "rounds to close": {
        "task": "commitments.progress.tasks.close_rounds",
        "schedule": crontab(minute="20"),
        "options": {"expires": 60 * 60},
    },
    # More often, because a person sits before the page and waits.
    "uploads and exports that wait": {
        "task": "commitments.uploads.tasks.sweep_uploads",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "exports to delete": {
        "task": "commitments.uploads.tasks.delete_old_exports",
        "schedule": crontab(minute="40"),
        "options": {"expires": 60 * 60},
    },
}
