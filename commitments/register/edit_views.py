"""Add and change a commitment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from commitments.access import commitment_or_404, person_of, plan_or_404
from commitments.models import Commitment, Party, Plan
from commitments.numbering import free_references
from commitments.register.actions import (
    Choices,
    EditConflict,
    MeasureDraft,
    PromiseStands,
    Wanted,
    add_commitment,
    change_commitment,
    meanwhile,
    parties_ever,
)
from commitments.register.forms import CommitmentForm, MeasureForm, NewCommitmentForm
from organisations.permissions import Capability, grant
from workforce_tracker import clock

PAGE = "commitments/edit/commitment.html"
CHOICE = "choose-"


def commitment_add(request: HttpRequest) -> HttpResponse:
    """Add a commitment to the plan that the address names; without one, ask which plan."""
    today, user = clock.today(), person_of(request)
    if not grant(user, Capability.EDIT, today):
        raise PermissionDenied
    code = request.GET.get("plan", "")
    if not code:
        plans = Plan.objects.allowing(user, Capability.EDIT, today)
        return render(request, "commitments/edit/which_plan.html", {"plans": plans})
    plan = plan_or_404(request, code, Capability.EDIT)
    data = request.POST if request.method == "POST" else None
    headings = list(plan.pillars.values_list("name", flat=True))
    form = NewCommitmentForm(data, headings=headings, initial={"reference": _free(plan)})
    measures = [MeasureForm(data)]
    if data is not None and _all_valid(form, measures):
        try:
            draft = form.draft(_drafts(measures))
            made = add_commitment(by=user, plan=plan, draft=draft, today=today)
            messages.success(request, f"{made.reference} is in the plan.")
            return redirect(made)
        except ValidationError as refused:
            form.add_problems(refused)
    return render(request, PAGE, {"form": form, "measures": measures, "plan": plan})


def commitment_change(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Change a commitment; where somebody else changed the same meanwhile, ask which to keep."""
    commitment = commitment_or_404(request, plan, reference, Capability.EDIT)
    form, measures = _forms(request, commitment)
    wanted: list[Wanted] = []
    if request.method == "POST" and _all_valid(form, measures):
        try:
            saved = change_commitment(
                by=person_of(request),
                commitment=commitment,
                base_version=form.cleaned_data["version"] or commitment.version,
                changes={**form.changes, "measures": _drafts(measures)},
                choices=choices_of(request.POST),
                today=clock.today(),
            )
            tell(request, saved, commitment.version, saved.reference)
            return redirect(saved)
        except EditConflict as conflict:
            return ask(request, conflict, commitment, commitment.title)
        except ValidationError as refused:
            form.add_problems(refused)
            wanted = refused.wanted if isinstance(refused, PromiseStands) else wanted
    context = {"form": form, "measures": measures, "commitment": commitment, "wanted": wanted}
    return render(request, PAGE, context | {"plan": commitment.plan})


def _forms(
    request: HttpRequest, commitment: Commitment
) -> tuple[CommitmentForm, list[MeasureForm]]:
    data = request.POST if request.method == "POST" else None
    parties: list[Party] = list(commitment.parties.select_related("organisation"))
    form = CommitmentForm(
        data,
        known=parties_ever(commitment),
        headings=list(commitment.plan.pillars.values_list("name", flat=True)),
        initial=CommitmentForm.initial_of(commitment, parties),
    )
    measures = [MeasureForm(data, measure=measure) for measure in commitment.measures.all()]
    return form, [*measures, MeasureForm(data)]


def _all_valid(form: CommitmentForm, measures: Sequence[MeasureForm]) -> bool:
    """Every form is looked at, so that all problems show at once, in one summary."""
    form.is_valid()
    for measure in measures:
        if found := [message for messages in measure.errors.values() for message in messages]:
            form.add_error(None, found)
    return not form.errors


def _drafts(measures: Sequence[MeasureForm]) -> list[MeasureDraft]:
    return [draft for draft in (measure.draft() for measure in measures) if draft]


def _free(plan: Plan) -> str:
    return next(free_references(plan.code, plan.commitments.values_list("reference", flat=True)))


# --- two people at once ---------------------------------------------------------------------------
def choices_of(data: Mapping[str, str]) -> Choices | None:
    """What was chosen on the page that asks, if it came from there."""
    seen = data.get("seen_version", "")
    fields = {
        name.removeprefix(CHOICE): value
        for name, value in data.items()
        if name.startswith(CHOICE) and value in ("mine", "theirs")
    }
    return Choices(int(seen), fields) if seen.isdigit() and fields else None  # type: ignore[arg-type]


def ask(
    request: HttpRequest, conflict: EditConflict, commitment: Commitment, what: str
) -> HttpResponse:
    """The page that asks what to keep, field by field; what was typed travels with it, unseen."""
    again = ("csrfmiddlewaretoken", "seen_version")
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in again and not name.startswith(CHOICE)
        for value in values
    ]
    context: dict[str, Any] = {
        "conflict": conflict,
        "commitment": commitment,
        "what": what,
        "typed": typed,
        "prefix": CHOICE,
        "is_unanswered": "seen_version" in request.POST,
    }
    return render(request, "commitments/edit/conflict.html", context)


def tell(request: HttpRequest, saved: Any, version: int, name: str) -> None:
    """Say what was saved, and what others had changed meanwhile. `version` is what stood before."""
    same = saved.version == version
    messages.success(request, f"{name}: nothing to change." if same else f"{name} is saved.")
    for change in meanwhile(saved):
        value = f"now “{change.after}”" if change.after else "now empty"
        messages.info(
            request,
            f"Somebody else changed this meanwhile, and it is kept: {change.label}, {value}.",
        )
