"""Pages of a workbook that comes back: choose it, see what it does, choose what to keep, send."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commitments.access import person_of
from commitments.models import Upload
from commitments.uploads import jobs
from commitments.uploads.forms import FileForm
from commitments.uploads.queries import kept_page
from commitments.uploads.return_actions import (
    TOLD,
    begin_send,
    discard_return,
    may_return,
    open_return_again,
    start_return,
)
from commitments.uploads.views import marked
from commitments.uploads.waiting import progress, waiting
from workforce_tracker import clock
from workforce_tracker.downloads import download

PAGE = "commitments/uploads/return.html"
# Choices that are asked for on one page; what is left is asked for on the next.
CLASHES_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def return_add(request: HttpRequest) -> HttpResponse:
    """Choose a workbook that was filled in; its page says what it does."""
    user, today = person_of(request), clock.today()
    if not may_return(user, today):
        raise PermissionDenied
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        made = start_return(
            by=user,
            acting=request.acting,  # type: ignore[attr-defined]
            content=file.read(),
            filename=file.name,
            today=today,
        )
        jobs.send(made)
        return redirect("return_page", made.pk)
    return render(request, "commitments/uploads/return_add.html", {"form": form})


@require_safe
def return_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What sending a workbook does, what somebody else changed meanwhile, and what is wrong."""
    return _show(request, _return_or_404(request, pk))


@require_safe
def return_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is, for the page that waits."""
    return progress(request, _return_or_404(request, pk))


@require_POST
def return_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it sent, with what was chosen; what was left open is shown again."""
    found = _return_or_404(request, pk)
    if found.state == Upload.State.CHECKED:
        chosen, missing = _chosen(found, request.POST)
        if missing:
            return _show(request, found, missing=missing)
    else:
        chosen = {}
    try:
        asked = begin_send(
            by=person_of(request),
            acting=request.acting,  # type: ignore[attr-defined]
            upload=found,
            chosen=chosen,
            is_all=len(found.result.get("clashes", ())) <= CLASHES_A_PAGE,
        )
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("return_page", pk)
    if asked:
        jobs.send(found)
    return redirect("return_page", pk)


@require_POST
def return_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at it once more."""
    found = _return_or_404(request, pk)
    try:
        open_return_again(by=person_of(request), upload=found)
        jobs.send(found)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("return_page", pk)


@require_POST
def return_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it aside."""
    found = _return_or_404(request, pk)
    try:
        discard_return(by=person_of(request), upload=found)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("return_page", pk)
    messages.success(request, f"{found.filename} is put aside. Nothing was changed.")
    return redirect("return_add")


@require_safe
def return_original(request: HttpRequest, pk: int) -> FileResponse:
    """The workbook as it came. Never shown in the browser: what is in it is not ours."""
    found = _return_or_404(request, pk)
    return download(found.file, found.filename)


@require_safe
def return_marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The same workbook with its problems marked, to be mended and sent back."""
    found = _return_or_404(request, pk)
    return marked(found) if found.result.get("errors") else redirect("return_page", pk)


def _show(request: HttpRequest, found: Upload, missing: Sequence[str] = ()) -> HttpResponse:
    """The page of a return, perhaps with choices that are still to be made."""
    clashes = found.result.get("clashes", [])
    context = {
        "upload": found,
        "missing": missing,
        "clashes": clashes[:CLASHES_A_PAGE],
        "more": max(0, len(clashes) - CLASHES_A_PAGE),
        "page": kept_page(found, TOLD, request.GET.get("page")),
        **waiting(found),
    }
    return render(request, PAGE, context)


def _chosen(upload: Upload, data: QueryDict) -> tuple[dict[str, Any], list[str]]:
    """What was chosen for each clash shown, on top of earlier choices, and those left open."""
    chosen: dict[str, Any] = dict(upload.answers.get("choices", {}))
    missing = []
    for clash in upload.result["clashes"][:CLASHES_A_PAGE]:
        names = [field["name"] for field in clash["fields"]]
        found = {name: data.get(f"{clash['key']}-{name}", "") for name in names}
        offered = ("mine", "theirs", *(("exported",) if clash["can_go_back"] else ()))
        if all(value in offered for value in found.values()):
            earlier = chosen.get(clash["key"], {}).get("fields", {})
            chosen[clash["key"]] = {"seen": clash["seen"], "fields": {**earlier, **found}}
        else:
            missing.append(clash["key"])
    return chosen, missing


def _return_or_404(request: HttpRequest, pk: int) -> Upload:
    """A return of the person's own. Unknown and forbidden look the same."""
    rows = Upload.objects.visible_to(request.user, clock.today()).filter(kind=Upload.Kind.RETURN)
    found = rows.select_related("plan", "uploaded_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
