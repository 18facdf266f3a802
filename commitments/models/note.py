"""What a source reports beside its promises."""

from django.db import models
from django.db.models.functions import Upper

from commitments.models.commitment import Commitment
from commitments.models.plan import Plan
from commitments.models.tracking import tracked


@tracked()
class Note(models.Model):
    """A result or a fact that a plan's source states, kept in its words; never a commitment."""

    class Kind(models.TextChoices):
        PROGRESS = "progress", "Reported progress"
        CONTEXT = "context", "Context"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="notes")
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="notes"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    reference = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    value_text = models.CharField(max_length=150, blank=True)
    baseline_text = models.CharField(max_length=150, blank=True)
    when_text = models.CharField(max_length=100, blank=True)
    source = models.TextField(blank=True)

    class Meta:
        ordering = ("reference",)
        constraints = [
            models.UniqueConstraint("plan", Upper("reference"), name="note_reference_unique")
        ]

    def __str__(self) -> str:
        return self.title
