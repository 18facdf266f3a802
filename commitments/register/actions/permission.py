"""Who may write what here. Every action asks one of these first."""

from datetime import date

from commitments.models import Commitment, Plan
from organisations.models import User
from organisations.permissions import Capability
from organisations.writing import require, writes

__all__ = ["may_edit", "may_import", "may_move", "may_report", "may_run", "require", "writes"]


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


def _allowed(user: User, commitment: Commitment, capability: Capability, today: date) -> bool:
    rows = Commitment.objects.allowing(user, capability, today)
    return rows.filter(pk=commitment.pk).exists()
