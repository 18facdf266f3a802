"""The steps of the wizard: its questions, applying, undoing, putting aside."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from commitments.access import person_of
from commitments.models import Upload
from commitments.uploads import actions, jobs, queries, undoing
from commitments.uploads.answers import NEW
from commitments.uploads.forms import ApplyForm
from commitments.uploads.layout import SheetProposal, mapping_of
from commitments.uploads.looking import known_layouts
from commitments.uploads.naming import kept_as_text
from commitments.uploads.views import show, upload_or_404
from commitments.uploads.wizard_forms import ColumnsForm, NamesForm, asked_names
from workforce_tracker import clock


@require_http_methods(["GET", "HEAD", "POST"])
def upload_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What each column holds: our guess with samples, to be confirmed or changed."""
    found = upload_or_404(request, pk)
    proposals = [SheetProposal.from_json(each) for each in found.result.get("proposals", ())]
    if not proposals or not found.is_open:
        return redirect("upload", pk)
    known = mapping_of(proposals, known_layouts(found.organisation))
    mapping = known | (found.answers.get("columns") or {})
    form = ColumnsForm(_posted(request), proposals=proposals, mapping=mapping)
    if request.method == "POST" and form.is_valid():
        return _answered(request, found, columns=form.mapping)
    return render(request, "commitments/uploads/columns.html", {"upload": found, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def upload_names(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the names mean that the register does not have."""
    found = upload_or_404(request, pk)
    asked = asked_names(found.result.get("questions", ()))
    if not asked or not found.is_open:
        return redirect("upload", pk)
    form = NamesForm(_posted(request), asked=asked, kept=kept_as_text(found.organisation))
    if request.method == "POST" and form.is_valid():
        return _answered(request, found, names=form.names, chosen=form.chosen)
    return render(request, "commitments/uploads/names.html", {"upload": found, "form": form})


@require_POST
def upload_same(request: HttpRequest, pk: int) -> HttpResponse:
    """Which rows without a reference are the same as a commitment of the plan, and which new."""
    found = upload_or_404(request, pk)
    for_all = request.POST.get("all", "")
    same = {}
    for question in found.result.get("questions", ()):
        values = [value for value, _ in question.get("choices", ())]
        given = request.POST.get(f"same-{question['key']}", "")
        if not given and not question.get("answer") and values:
            given = {"same": values[0], "new": NEW}.get(for_all, "")
        if given in values and question["group"] == "same":
            same[question["key"]] = given
    if not same:
        return show(request, found, problem="Choose an answer for at least one of the rows.")
    return _answered(request, found, same=same)


@require_POST
def upload_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw commitments that the file leaves out, or keep them after all."""
    found = upload_or_404(request, pk)
    on_page = request.POST.getlist("on_page")
    before = found.answers.get("withdraw", {}).get("references", [])
    kept = [reference for reference in before if reference not in on_page]
    chosen = [*kept, *request.POST.getlist("withdraw")]
    return _answered(request, found, withdraw=chosen, reason=request.POST.get("reason", ""))


@require_POST
def upload_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Check it once more."""
    found = upload_or_404(request, pk)
    try:
        actions.open_again(by=person_of(request), upload=found, today=clock.today())
        jobs.send(found)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("upload", pk)


@require_POST
def upload_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it applied; a second click finds it applied, or being applied."""
    found = upload_or_404(request, pk)
    form = ApplyForm(request.POST)
    form.is_valid()
    accepted = form.cleaned_data["accepted"]
    try:
        asked = actions.begin_apply(
            by=person_of(request), upload=found, accepted=accepted, today=clock.today()
        )
    except ValidationError as refused:
        if found.state == Upload.State.CHECKED and not found.counts.get("to_answer"):
            form.add_error("accepted", refused)
            return show(request, found, apply_form=form)
        return show(request, found, problem=" ".join(refused.messages))
    if asked:
        jobs.send(found)
    else:
        messages.success(request, f"{found.filename}: It had been applied already, once.")
    return redirect("upload", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def upload_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What undoing takes back, what was changed since, and the choice to take that back too."""
    found = upload_or_404(request, pk)
    if request.method == "POST":
        forced = [int(key) for key in request.POST.getlist("force") if key.isdecimal()]
        try:
            by = person_of(request)
            if undoing.begin(by=by, upload=found, forced=forced, today=clock.today()):
                jobs.send(found)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        return redirect("upload", pk)
    if not undoing.can_be_undone(found):
        return redirect("upload", pk)
    context = queries.undo_in_parts(undoing.what_it_did(found))
    return render(request, "commitments/uploads/undo.html", {"upload": found, **context})


@require_POST
def upload_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it aside."""
    found = upload_or_404(request, pk)
    try:
        actions.discard(by=person_of(request), upload=found, today=clock.today())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("upload", pk)
    messages.success(request, f"{found.filename} is put aside. Nothing was changed.")
    return redirect("uploads")


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, though it be nothing; None when nothing was to be."""
    return request.POST if request.method == "POST" else None


def _answered(request: HttpRequest, found: Upload, **answers: Any) -> HttpResponse:
    """Keep answers, have the file checked with them, and go to what comes next."""
    try:
        actions.answer(by=person_of(request), upload=found, today=clock.today(), **answers)
    except ValidationError as refused:
        return show(request, found, problem=" ".join(refused.messages))
    jobs.send(found)
    return redirect("upload", found.pk)
