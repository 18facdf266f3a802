"""What background work is done on."""

from typing import Any, ClassVar

from django.db import models


class Work(models.Model):
    """A row that asks for work by its state, and tells how far the work is.

    Work is asked for or under way while the state is one of BUSY: `stage`, `done` of `total` and
    `alive_at` are its signs of life, `tries` how often it was begun (commitments.uploads.jobs).
    """

    BUSY: ClassVar[tuple[str, ...]] = ()

    # Each kind of work has states of its own, and says why it was not done.
    state: Any
    error: Any
    stage = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    alive_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def is_busy(self) -> bool:
        """Whether background work on it is asked for or under way."""
        return self.state in self.BUSY

    @property
    def waits_to(self) -> str:
        """What is to be done next, in words: it waits to ..."""
        raise NotImplementedError

    def state_given_up(self) -> str:
        """The state it goes into when the work cannot be done."""
        raise NotImplementedError

    def get_progress_url(self) -> str:
        """Where its page asks how far the work is."""
        raise NotImplementedError
