"""The one way to write answers, disputes and the comments that are used again.

Keyword arguments, `by=` the person (None is the product itself), all or nothing. Every one locks
the commitment first, and keeps `ProgressUpdate.joint_state` in the same transaction.
"""

from commitments.review.actions.asking import ask, forget, mark_silence, refresh, reschedule

__all__ = ["ask", "forget", "mark_silence", "refresh", "reschedule"]
