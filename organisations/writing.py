"""What every action shares."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import transaction

from organisations.models import Organisation, User

P = ParamSpec("P")
R = TypeVar("R")


def writes(action: Callable[P, R]) -> Callable[P, R]:
    """Decorator of every action: all or nothing, and the history names the person.

    Pages have the person in the history's context already; commands and tasks have not.
    """

    @wraps(action)
    def in_one_go(*args: P.args, **kwargs: P.kwargs) -> R:
        person = kwargs.get("by")
        context = {"user": person.pk} if isinstance(person, User) and person.pk else {}
        with pghistory.context(**context), transaction.atomic():
            return action(*args, **kwargs)

    return in_one_go


@contextmanager
def undone() -> Iterator[None]:
    """What is written in here is taken back at the end: it is done to look at what would be."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed."""
    if not allowed:
        raise PermissionDenied


def lock(organisation: Organisation) -> None:
    """Let changes to one organisation's people wait for each other, so that two who leave at the
    same moment do not both think the other stays."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
