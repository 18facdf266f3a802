"""Which commitments an export is of: those of a list with its filters, or those of a return."""

from datetime import date

from django.http import QueryDict

from commitments.models import Commitment, Export
from commitments.models.commitment import CommitmentQuerySet
from commitments.register.filters import CommitmentFilter
from commitments.uploads.owing import due_from
from organisations.models import Succession


def commitments_of(export: Export, today: date) -> CommitmentQuerySet:
    """The commitments that belong into an export on a day, as far as whoever asked may see them."""
    if export.round and export.body:
        return due_from(export.round, export.body, export.asked_by, today)
    # Fetched anew by key: a search's words and order are no part of what is read.
    keys = _filter(export, today).narrow().order_by().values("pk")
    return Commitment.objects.filter(pk__in=keys)


def filters_in_words(export: Export, today: date) -> str:
    """The filters of its list, for people; empty for a return, or where there are none."""
    if export.round:
        return ""
    return ", ".join(words for words, _ in _filter(export, today).chips())


def _filter(export: Export, today: date) -> CommitmentFilter:
    # "Mine" stands for the body that somebody acted for, and for what it inherited.
    body = export.organisation_id
    mine = Succession.objects.predecessors_of([body], today) if body else set()
    visible = Commitment.objects.visible_to(export.asked_by, today)
    return CommitmentFilter(QueryDict(export.query), visible, mine=mine, today=today)
