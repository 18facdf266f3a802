"""How each commitment stands, kept by the database."""

from django.db import models

from commitments.models.commitment import Commitment
from commitments.models.milestone import Milestone
from commitments.models.progress import DECLARED_RATINGS, ProgressUpdate


class Standing(models.Model):
    """The facts behind a commitment's rating, one row a commitment, none of them about today.

    Database triggers rewrite the row whenever a milestone, measure, figure, update or party of the
    commitment changes, by whatever route (commitments/sql/standing.sql). What depends on the day is
    decided when it is read, in commitments.ratings, from these columns alone; so a list of ratings
    costs one join however many milestones there are. Never written from Python; the foreign keys
    are the database's own (ON DELETE CASCADE / SET NULL), so that deleting needs no Python either.
    """

    commitment = models.OneToOneField(
        Commitment,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="standing",
    )
    milestones = models.IntegerField()
    milestones_complete = models.IntegerField()
    milestones_dated = models.IntegerField()
    earliest_due = models.DateField(null=True)
    latest_due = models.DateField(null=True)
    slipped = models.BooleanField()
    next_milestone = models.ForeignKey(
        Milestone, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    measures = models.IntegerField()
    measures_with_actuals = models.IntegerField()
    measures_at_target = models.IntegerField()
    measures_amber = models.IntegerField()
    measures_red = models.IntegerField()
    latest_update = models.ForeignKey(
        ProgressUpdate,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    declared_rating = models.CharField(max_length=15, choices=DECLARED_RATINGS, blank=True)
    reported_on = models.DateField(null=True)
    joint_state = models.CharField(max_length=10, choices=ProgressUpdate.JointState, blank=True)
    is_joint = models.BooleanField()
    is_assigned = models.BooleanField()

    class Meta:
        indexes = [
            models.Index("earliest_due", "commitment", name="standing_by_earliest_due"),
            models.Index("commitment", name="standing_joint", condition=models.Q(is_joint=True)),
            models.Index(
                fields=["joint_state", "commitment"],
                name="standing_by_joint_state",
                condition=~models.Q(joint_state=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Standing of {self.commitment_id}"
