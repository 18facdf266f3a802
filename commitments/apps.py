"""App configuration."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    """What: plans, commitments, measures, milestones, progress, uploads and reminders."""

    name = "commitments"

    def ready(self) -> None:
        """Say what somebody who leaves an organisation leaves behind."""
        from commitments.handing_over import Milestones
        from organisations.people import duties

        duties.register(Milestones())
