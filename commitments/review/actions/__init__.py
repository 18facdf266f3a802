"""The one way to write answers, disputes and the comments that are used again.

Keyword arguments, `by=` the person (None is the product itself), all or nothing. Every one locks
the commitment first, and keeps `ProgressUpdate.joint_state` in the same transaction.
"""

from commitments.review.actions.answering import (
    AnsweredMeanwhile,
    agree_to_plain,
    answer,
    words_missing,
)
from commitments.review.actions.asking import (
    ask,
    forget,
    mark_silence,
    refresh,
    refresh_all,
    reschedule,
)
from commitments.review.actions.disputing import agree_to_differ, escalate
from commitments.review.actions.nudging import nudge_for_answers
from commitments.review.actions.wording import keep_comment, remove_comment

__all__ = [
    "AnsweredMeanwhile",
    "agree_to_differ",
    "agree_to_plain",
    "answer",
    "ask",
    "escalate",
    "forget",
    "keep_comment",
    "mark_silence",
    "nudge_for_answers",
    "refresh",
    "refresh_all",
    "remove_comment",
    "reschedule",
    "words_missing",
]
