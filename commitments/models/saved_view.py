"""Lists that a person comes back to."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class SavedView(models.Model):
    """The filters of a list, as its address has them. The unnamed one is the last used."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=80, blank=True)
    query = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint("user", Lower("name"), name="saved_view_unique")]

    def __str__(self) -> str:
        return self.name or "Last view"
