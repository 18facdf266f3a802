"""Who may write what here. Every action asks one of these first."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import ParamSpec, TypeVar

import pghistory
from django.core.exceptions import PermissionDenied
from django.db import transaction

from commitments.models import Commitment, Plan
from organisations.models import User
from organisations.permissions import Capability

P = ParamSpec("P")
R = TypeVar("R")


def writes(action: Callable[P, R]) -> Callable[P, R]:
    """Decorator of every action: all or nothing, and the history names the person.

    Pages have the person in the history's context already; commands and tasks have not.
    """

    @wraps(action)
    def in_one_go(*args: P.args, **kwargs: P.kwargs) -> R:
        person = kwargs.get("by")
        context = {"user": person.pk} if isinstance(person, User) else {}
        with pghistory.context(**context), transaction.atomic():
            return action(*args, **kwargs)

    return in_one_go


def may_edit(user: User, commitment: Commitment, today: date) -> bool:
    """Whether somebody may change what a commitment promises and its steps."""
    return _allowed(user, commitment, Capability.EDIT, today)


def may_report(user: User, commitment: Commitment, today: date) -> bool:
    """Whether somebody may say how a commitment goes, on behalf of one of its parties."""
    return _allowed(user, commitment, Capability.REPORT, today)


def may_move(user: User, commitment: Commitment, today: date) -> bool:
    """Whether somebody may move and complete its milestones: who edits, and who reports."""
    return may_edit(user, commitment, today) or may_report(user, commitment, today)


def may_run(user: User, plan: Plan, today: date) -> bool:
    """Whether somebody's organisation keeps a plan, so that they may edit all of it."""
    return Plan.objects.allowing(user, Capability.EDIT, today).filter(pk=plan.pk).exists()


def may_import(user: User, plan: Plan, today: date) -> bool:
    """Whether somebody may bring commitments into a plan from a spreadsheet."""
    return Plan.objects.allowing(user, Capability.IMPORT, today).filter(pk=plan.pk).exists()


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless allowed."""
    if not allowed:
        raise PermissionDenied


def _allowed(user: User, commitment: Commitment, capability: Capability, today: date) -> bool:
    rows = Commitment.objects.allowing(user, capability, today)
    return rows.filter(pk=commitment.pk).exists()
