"""Ask for a baseline change, read those of a commitment, decide, object, withdraw."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from commitments.access import commitment_or_404, person_of
from commitments.changing import actions
from commitments.changing.forms import AskForm, DecideForm, ObjectForm
from commitments.changing.queries import Promise, deciders, may_object_for
from commitments.models import BaselineChange, Commitment
from commitments.refusals import add_refusal
from commitments.register.actions import may_edit, may_move
from workforce_tracker import clock

PAGE = "commitments/changing/change.html"


@require_safe
def change_list(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """All that was ever asked to move on one commitment, and what may be asked for."""
    commitment = commitment_or_404(request, plan, reference)
    milestones, measures = commitment.milestones.all(), commitment.measures.all()
    promises = [
        Promise(commitment),
        *(Promise(commitment, milestone=milestone) for milestone in milestones),
        *(Promise(commitment, measure=measure) for measure in measures),
    ]
    context = {
        "commitment": commitment,
        "changes": _changes(commitment),
        "promises": [promise for promise in promises if promise.stands],
        "may_ask": may_move(person_of(request), commitment, clock.today()),
    }
    return render(request, "commitments/changing/list.html", context)


def change_ask(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Ask to move what the address names: `milestone` or `measure` by key, else the target date.
    `to` is what to begin with."""
    commitment = commitment_or_404(request, plan, reference)
    today, user = clock.today(), person_of(request)
    if not may_move(user, commitment, today):
        raise PermissionDenied
    promise = _promise(request, commitment)
    data = request.POST if request.method == "POST" else None
    form = AskForm(data, promise=promise, initial={"to": request.GET.get("to", "")[:100]})
    if data is not None and form.is_valid():
        try:
            change = actions.ask(by=user, promise=promise, today=today, **form.wanted)
            messages.success(request, "It is asked for. Nothing moves until somebody decides.")
            return redirect(change)
        except ValidationError as refused:
            add_refusal(form, refused)
    waiting = promise.asked().filter(state=BaselineChange.State.ASKED).first()
    context = {"commitment": commitment, "promise": promise, "form": form, "waiting": waiting}
    return render(request, "commitments/changing/ask.html", context)


@require_safe
def change_page(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """One request: what, why, who objects, how it was decided."""
    return _page(request, _change(request, plan, reference, pk))


@require_POST
def change_decide(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Approve or refuse."""
    change = _change(request, plan, reference, pk)
    today, user = clock.today(), person_of(request)
    if not may_edit(user, change.commitment, today):
        raise PermissionDenied
    form = DecideForm(request.POST)
    if form.is_valid():
        approve = form.cleaned_data["decision"] == "approve"
        note = form.cleaned_data["note"]
        try:
            actions.decide(by=user, change=change, approve=approve, note=note, today=today)
            words = f"{change.what} is moved." if approve else "It is refused, and stays as it was."
            messages.success(request, words)
            return redirect(change)
        except ValidationError as refused:
            add_refusal(form, refused)
    return _page(request, _change(request, plan, reference, pk), decide=form)


@require_POST
def change_object(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Object on behalf of a party."""
    change = _change(request, plan, reference, pk)
    today, user = clock.today(), person_of(request)
    bodies = may_object_for(user, change, today)
    if change.is_open and not bodies:
        raise PermissionDenied
    form = ObjectForm(request.POST)
    if form.is_valid():
        try:
            actions.object_to(
                by=user,
                change=change,
                organisation=bodies[0] if bodies else change.organisation,
                reason=form.cleaned_data["reason"],
                today=today,
            )
            messages.success(request, "The objection is kept. Whoever decides has to answer it.")
            return redirect(change)
        except ValidationError as refused:
            add_refusal(form, refused)
    return _page(request, _change(request, plan, reference, pk), object_form=form)


@require_POST
def change_withdraw(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Take back what one asked for oneself."""
    change = _change(request, plan, reference, pk)
    try:
        actions.withdraw(by=person_of(request), change=change, today=clock.today())
        messages.success(request, "It is withdrawn, and nothing moves.")
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(change)


def _page(
    request: HttpRequest,
    change: BaselineChange,
    decide: DecideForm | None = None,
    object_form: ObjectForm | None = None,
) -> HttpResponse:
    today, user = clock.today(), person_of(request)
    is_own = change.asked_by_id == user.pk
    may_decide = change.is_open and not is_own and may_edit(user, change.commitment, today)
    bodies = may_object_for(user, change, today)
    context: dict[str, Any] = {
        "change": change,
        "commitment": change.commitment,
        "objections": change.objections.select_related("organisation", "by"),
        "deciders": deciders(change, today) if change.is_open else [],
        "is_own": is_own,
        "may_ask": may_move(user, change.commitment, today),
        "decide_form": (decide or DecideForm()) if may_decide else None,
        "object_for": bodies[0] if bodies else None,
        "object_form": (object_form or ObjectForm()) if bodies else None,
        "form": decide or object_form,
    }
    return render(request, PAGE, context)


def _changes(commitment: Commitment) -> list[BaselineChange]:
    rows = commitment.baseline_changes.select_related(*actions.RELATED)
    return list(rows.prefetch_related("objections__organisation"))


def _change(request: HttpRequest, plan: str, reference: str, pk: int) -> BaselineChange:
    """A request on a commitment that the person may see. Http404 as everywhere."""
    commitment = commitment_or_404(request, plan, reference)
    row = commitment.baseline_changes.select_related(*actions.RELATED).filter(pk=pk).first()
    if row is None:
        raise Http404
    row.commitment = commitment
    return row


def _promise(request: HttpRequest, commitment: Commitment) -> Promise:
    """What the address names. Http404 for what is not of this commitment."""
    found: dict[str, Any] = {}
    for name, rows in (("milestone", commitment.milestones), ("measure", commitment.measures)):
        if key := request.GET.get(name, ""):
            row = rows.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
            if row is None or found:
                raise Http404
            found[name] = row
    return Promise(commitment, **found)
