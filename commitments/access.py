"""Fetching what an address names, for whoever asks: the only way views get hold of a row.

Unknown and forbidden look the same (404). Something one may read but not change is 403 on writing.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from commitments.models import Commitment, Milestone, Plan
from organisations.models import User
from organisations.permissions import Capability
from workforce_tracker import clock


def person_of(request: HttpRequest) -> User:
    """Whoever asks, on a page that needs a sign-in."""
    assert isinstance(request.user, User)
    return request.user


def commitment_or_404(
    request: HttpRequest, plan: str, reference: str, capability: Capability = Capability.VIEW
) -> Commitment:
    """The commitment with this plan code and reference (capitals do not matter), with its plan.

    Raises Http404 if the person may not see it, PermissionDenied if they see it without holding
    the capability.
    """
    named = Commitment.objects.filter(plan__code__iexact=plan, reference__iexact=reference)
    return _fetch(named.select_related("plan", "pillar"), request, capability)


def plan_or_404(request: HttpRequest, code: str, capability: Capability = Capability.VIEW) -> Plan:
    """The plan with this code, on the same terms."""
    return _fetch(Plan.objects.filter(code__iexact=code), request, capability)


def milestone_or_404(
    request: HttpRequest, plan: str, reference: str, pk: int, capability: Capability
) -> Milestone:
    """A milestone of a commitment, on the terms of its commitment."""
    commitment = commitment_or_404(request, plan, reference, capability)
    try:
        milestone = commitment.milestones.get(pk=pk)
    except Milestone.DoesNotExist as missing:
        raise Http404 from missing
    milestone.commitment = commitment
    return milestone


def _fetch(rows, request: HttpRequest, capability: Capability):  # type: ignore[no-untyped-def]
    today = clock.today()
    found = rows.visible_to(request.user, today).first()
    if found is None:
        raise Http404
    if capability != Capability.VIEW and not (
        rows.allowing(request.user, capability, today).filter(pk=found.pk).exists()
    ):
        raise PermissionDenied
    return found
