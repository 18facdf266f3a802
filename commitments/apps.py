"""App configuration."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    """What: plans, commitments, measures, milestones, progress, uploads and reminders."""

    name = "commitments"

    def ready(self) -> None:
        """Say what somebody who leaves an organisation leaves behind, and what changes when
        organisations or the parties of a commitment do."""
        from commitments.handing_over import Milestones
        from commitments.inheriting import Commitments
        from commitments.register.actions import followers
        from commitments.review.actions import refresh_all
        from organisations.people import duties
        from organisations.succession import effects

        duties.register(Milestones())
        effects.register(Commitments())
        followers.register(refresh_all)
