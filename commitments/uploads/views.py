"""Pages of an upload: the list, a new one, its check and preview, applying it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commitments.models import Plan, Upload
from commitments.uploads import actions, queries
from commitments.uploads.forms import ApplyForm, FileForm, UploadForm
from commitments.uploads.reading import Unreadable
from commitments.uploads.template import template_workbook
from organisations.models import Organisation, User
from organisations.permissions import Capability, grant
from workforce_tracker import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def uploads(request: HttpRequest) -> HttpResponse:
    """All uploads into the plans that a person imports for, the newest first."""
    _require_import(request)
    rows = (
        Upload.objects.visible_to(request.user, clock.today())
        .select_related("plan", "uploaded_by")
        .defer("result")
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(request, "commitments/uploads/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def upload_add(request: HttpRequest) -> HttpResponse:
    """Choose a file and a plan; a file that can be read leads to its preview."""
    _require_import(request)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        plans=_plans(request),
        owner=_owner(request),
        initial={"plan": _plans(request).filter(code__iexact=request.GET.get("plan", "")).first()},
    )
    if request.method == "POST" and form.is_valid():
        upload = _receive(request, form, form.target)
        if upload:
            return redirect("upload", upload.pk)
    return render(request, "commitments/uploads/add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """What the check found. A file with problems can be followed by a mended one right here."""
    found = _upload_or_404(request, pk)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        mended = _receive(request, form, actions.target_of(found))
        if mended:
            if found.is_open:
                actions.discard(by=_person(request), upload=found, today=clock.today())
            return redirect("upload", mended.pk)
    return _show(request, found, form=form)


@require_POST
def upload_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply it; a second click finds it applied."""
    found = _upload_or_404(request, pk)
    form = ApplyForm(request.POST)
    form.is_valid()
    try:
        done = actions.apply(
            by=_person(request),
            upload=found,
            accepted=form.cleaned_data["accepted"],
            today=clock.today(),
            now=clock.now(),
        )
        said = "It has been applied." if done else "It had been applied already, once."
        messages.success(request, f"{found.filename}: {said}")
    except actions.Outdated as outdated:
        messages.warning(request, str(outdated))
    except ValidationError as refused:
        if not form.cleaned_data["accepted"] and found.counts.get("to_confirm") and found.is_open:
            form.add_error("accepted", refused)
            return _show(request, found, apply_form=form)
        messages.error(request, " ".join(refused.messages))
    return redirect("upload", pk)


@require_POST
def upload_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it aside."""
    found = _upload_or_404(request, pk)
    try:
        actions.discard(by=_person(request), upload=found, today=clock.today())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("upload", pk)
    messages.success(request, f"{found.filename} is put aside. Nothing was changed.")
    return redirect("uploads")


@require_safe
def upload_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it came. Never shown in the browser: what is in it is not ours."""
    found = _upload_or_404(request, pk)
    try:
        stored = found.file.open("rb")
    except FileNotFoundError as gone:
        raise Http404 from gone
    return FileResponse(
        stored,
        as_attachment=True,
        filename=found.filename,
        content_type="application/octet-stream",
    )


@require_safe
def upload_template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in, with the headings of a plan when one is named (?plan=CODE)."""
    _require_import(request)
    code = request.GET.get("plan", "")
    plan = _plans(request).filter(code__iexact=code).first() if code else None
    if code and plan is None:
        raise Http404
    response = HttpResponse(template_workbook(plan, clock.today()), content_type=XLSX)
    name = f"commitments-{plan.code}.xlsx" if plan else "commitments.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- inside ---------------------------------------------------------------------------------------
def _show(
    request: HttpRequest, found: Upload, form: FileForm | None = None,
    apply_form: ApplyForm | None = None,
) -> HttpResponse:  # fmt: skip
    kind = queries.kind_to_show(found, request.GET.get("show"))
    context: dict[str, Any] = {
        "upload": found,
        "form": form or FileForm(),
        "apply_form": apply_form or ApplyForm(),
        "problems": queries.grouped(found.result["errors"]),
        "questions": queries.grouped(found.result["questions"]),
        "sheets": queries.problem_sheets(found),
        "kind": kind,
        "kinds": [(each, found.counts.get(each, 0)) for each in queries.KINDS],
        "page": queries.changes_page(found, kind, request.GET.get("page")),
    }
    return render(request, "commitments/uploads/detail.html", context)


def _receive(request: HttpRequest, form: FileForm, target: actions.Target) -> Upload | None:
    """The upload, or None with what is wrong in the form."""
    file = form.cleaned_data["file"]
    try:
        return actions.receive(
            by=_person(request),
            content=file.read(),
            filename=file.name,
            target=target,
            today=clock.today(),
        )
    except Unreadable as problem:
        form.add_error("file", str(problem))
    except ValidationError as refused:
        errors = getattr(refused, "error_dict", {None: [refused]})
        for name, words in errors.items():
            form.add_error(name if name in form.fields else None, words)
    return None


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # every page needs a sign-in
    return request.user


def _require_import(request: HttpRequest) -> None:
    """Refuse people who import for nobody (403)."""
    if not grant(request.user, Capability.IMPORT, clock.today()):
        raise PermissionDenied


def _plans(request: HttpRequest) -> QuerySet[Plan]:
    return Plan.objects.allowing(request.user, Capability.IMPORT, clock.today())


def _owner(request: HttpRequest) -> Organisation | None:
    """Who keeps a new plan: the body that the person is acting for, if they import for it."""
    acting = request.acting  # type: ignore[attr-defined]
    held = grant(request.user, Capability.IMPORT, clock.today())
    return acting.organisation if acting and held.covers(acting.organisation_id) else None


def _upload_or_404(request: HttpRequest, pk: int) -> Upload:
    """An upload that the person may see. Unknown and forbidden look the same."""
    rows = Upload.objects.visible_to(request.user, clock.today())
    found = rows.select_related("plan", "organisation", "uploaded_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
