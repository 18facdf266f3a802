"""What a milestone waits on: look for another one, add it, take it away."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from commitments.access import milestone_or_404, person_of
from commitments.chains import Waiting, waiting
from commitments.dependencies import actions, queries
from commitments.dependencies.forms import AddForm
from commitments.models import Milestone
from commitments.register.actions import may_move
from organisations.permissions import Capability
from workforce_tracker import clock

LONGEST_WORDS = 100


def dependency_add(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Look for a milestone that this one waits on, and add it."""
    milestone, user, today = (
        _movable(request, plan, reference, pk),
        person_of(request),
        clock.today(),
    )
    words = " ".join(request.GET.get("words", "").split())[:LONGEST_WORDS]
    found = queries.candidates(user, milestone, words, today)
    form = AddForm(request.POST or None, offered=found)
    if request.method == "POST" and form.is_valid():
        upper = queries.one(user, form.cleaned_data["waits_on"], today)
        try:
            if upper is None:
                raise ValidationError("That milestone is not there any more. Look for it again.")
            note = form.cleaned_data["note"]
            actions.add_dependency(
                by=user, milestone=milestone, waits_on=upper, note=note, today=today
            )
            messages.success(request, f"“{milestone}” waits on “{upper}” now.")
            return redirect(milestone.commitment)
        except ValidationError as refused:
            form.add_error(None, refused)
    context: dict[str, Any] = {
        "commitment": milestone.commitment,
        "milestone": milestone,
        "waiting": waiting(milestone.commitment, user, today).get(milestone.pk, Waiting()),
        "words": words,
        "too_short": 0 < len(words) < queries.SHORTEST,
        "found": found,
        "form": form,
    }
    return render(request, "commitments/dependencies/add.html", context)


@require_POST
def dependency_remove(
    request: HttpRequest, plan: str, reference: str, pk: int, dependency: int
) -> HttpResponse:
    """Take one away."""
    milestone = _movable(request, plan, reference, pk)
    row = milestone.dependencies.filter(pk=dependency).first()
    if row is None:
        messages.info(request, "That was taken away already.")
    else:
        row.milestone = milestone
        actions.remove_dependency(by=person_of(request), dependency=row, today=clock.today())
        messages.success(request, f"“{milestone}” no longer waits on it.")
    return redirect("dependency_add", plan=plan, reference=reference, pk=pk)


def _movable(request: HttpRequest, plan: str, reference: str, pk: int) -> Milestone:
    """A milestone on which the person may report or that they may edit."""
    milestone = milestone_or_404(request, plan, reference, pk, Capability.VIEW)
    if not may_move(person_of(request), milestone.commitment, clock.today()):
        raise PermissionDenied
    return milestone
