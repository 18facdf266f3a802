"""Wiring: settings, addresses, Celery, the embedded services. No rules live here."""

from workforce_tracker.celery import app as celery_app

__all__ = ["celery_app"]
