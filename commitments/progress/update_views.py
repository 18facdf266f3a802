"""One update: read it with its versions, send it back, or take it back."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from commitments.access import commitment_or_404, person_of
from commitments.models import ProgressUpdate
from commitments.progress.actions import return_update, withdraw_update
from commitments.progress.queries import readable_updates, speaks_for
from commitments.progress.states import UPDATE
from commitments.register.actions import may_edit
from organisations.models import User
from workforce_tracker import clock

PAGE = "commitments/progress/one.html"


class ReturnForm(forms.Form):
    """Why an update goes back."""

    reason = forms.CharField(
        label="What has to change",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The organisation reads this above its next version.",
    )


@require_safe
def update_page(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """What an update says, what became of it, and what the person may do with it."""
    return _page(request, _update(request, plan, reference, pk), ReturnForm())


@require_POST
def update_return(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Send it back with reasons."""
    update, form = _update(request, plan, reference, pk), ReturnForm(request.POST)
    user, today = person_of(request), clock.today()
    try:
        # Asked first, so that whoever may not is told so and not what is missing.
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        return_update(by=user, update=update, reason=reason, today=today)
    except ValidationError as refused:
        if not form.errors:
            form.add_error(None, ValidationError(refused.messages))
        return _page(request, update, form)
    messages.success(request, f"The update went back to {update.organisation}.")
    return redirect(update.commitment)


@require_POST
def update_withdraw(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Take an update of one's own organisation back."""
    update = _update(request, plan, reference, pk)
    try:
        withdraw_update(by=person_of(request), update=update, today=clock.today())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("update", plan, reference, pk)
    messages.success(request, "The update is withdrawn. It stays in the history.")
    return redirect(update.commitment)


def _update(request: HttpRequest, plan: str, reference: str, pk: int) -> ProgressUpdate:
    """An update that the person may read; else Http404."""
    commitment = commitment_or_404(request, plan, reference)
    rows = readable_updates(person_of(request), commitment, clock.today()).select_related(
        "author", "organisation", "round", "settled_by", "replaces", "replaced_by"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    found.commitment = commitment
    return found


def _page(request: HttpRequest, update: ProgressUpdate, form: ReturnForm) -> HttpResponse:
    context = {"update": update, "commitment": update.commitment, "form": form}
    return render(request, PAGE, context | _may(update, person_of(request), clock.today()))


def _may(update: ProgressUpdate, user: User, today: date) -> dict[str, Any]:
    """Which moves the page offers. The actions decide again."""
    ours = speaks_for(user, update.organisation, update.commitment, today)
    edits = may_edit(user, update.commitment, today) and update.author_id != user.pk
    return {
        "may_return": edits and UPDATE.can("return", update.state),
        "may_withdraw": ours and UPDATE.can("withdraw", update.state),
        "may_correct": ours and UPDATE.can("correct", update.state),
        "may_resubmit": ours and UPDATE.can("resubmit", update.state),
    }
