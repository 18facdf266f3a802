"""App configuration."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    """What: plans, commitments, measures, milestones, progress, uploads and reminders."""

    name = "commitments"
