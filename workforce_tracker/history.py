"""How a change came about, for the history: noted once for pages, once for background work.

The database notes every change by itself (docs/history.md). What it cannot know is who and why;
that is the history's context: `origin` (page, command, task), `user`, `url` and so on. Commands
note theirs where they start.
"""

from typing import Any

import pghistory
from celery import Task
from django.http import HttpRequest
from pghistory.middleware import HistoryMiddleware


class RequestHistoryMiddleware(HistoryMiddleware):
    """Notes the person, the address and the method of the request in which something changes."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_context(request) | {"origin": "page", "method": request.method}


class RecordedTask(Task):
    """Every background task: what it changes is noted as made by that task."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with pghistory.context(origin="task", task=self.name):
            return super().__call__(*args, **kwargs)
