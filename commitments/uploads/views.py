"""Pages of an upload: the list, a new one, what its check found, its files."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from commitments.access import person_of
from commitments.models import Plan, Upload
from commitments.uploads import actions, jobs, queries, undoing
from commitments.uploads.forms import ApplyForm, FileForm, UploadForm
from commitments.uploads.marking import marked_file, marked_name
from commitments.uploads.template import template_workbook
from commitments.uploads.waiting import progress, waiting
from organisations.models import Organisation
from organisations.permissions import Capability, grant
from workforce_tracker import clock
from workforce_tracker.downloads import download

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def uploads(request: HttpRequest) -> HttpResponse:
    """All uploads into the plans that a person imports for, the newest first."""
    _require_import(request)
    rows = (
        Upload.objects.visible_to(request.user, clock.today())
        .filter(kind=Upload.Kind.PLAN)
        .select_related("plan", "uploaded_by")
        .defer("result", "answers", "undo")
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
    """Where an upload is: at a question, at work, checked, applied. A file with problems can be
    followed by a mended one right here."""
    found = upload_or_404(request, pk)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        mended = _receive(request, form, actions.target_of(found))
        if mended:
            if found.is_open:
                actions.discard(by=person_of(request), upload=found, today=clock.today())
            return redirect("upload", mended.pk)
    elif request.method != "POST" and (step := STEPS.get(found.state)):
        return redirect(step, pk)
    return show(request, found, form=form)


# Where the states with a question of their own are answered.
STEPS: dict[str, str] = {
    Upload.State.COLUMNS: "upload_columns",
    Upload.State.PEOPLE: "upload_names",
}


@require_safe
def upload_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is, for the page that waits."""
    return progress(request, upload_or_404(request, pk))


@require_safe
def upload_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it came. Never shown in the browser: what is in it is not ours."""
    found = upload_or_404(request, pk)
    return download(found.file, found.filename)


@require_safe
def upload_marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The same file with its problems marked, to be mended and sent back."""
    found = upload_or_404(request, pk)
    return marked(found) if found.result.get("errors") else redirect("upload", pk)


def marked(upload: Upload) -> HttpResponse:
    """The marked file of an upload or of a return, as a download. Raises Http404 when the file is
    no longer kept."""
    try:
        content = marked_file(upload)
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = HttpResponse(content, content_type="application/octet-stream")
    header = content_disposition_header(True, marked_name(upload))
    response.headers["Content-Disposition"] = header or "attachment"
    return response


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
def show(
    request: HttpRequest, found: Upload, form: FileForm | None = None,
    apply_form: ApplyForm | None = None, problem: str = "",
) -> HttpResponse:  # fmt: skip
    """The page of an upload, perhaps with a form that could not be taken."""
    kind = queries.kind_to_show(found, request.GET.get("show"))
    result = found.result
    questions = result.get("questions", [])
    context: dict[str, Any] = {
        "upload": found,
        "form": form or FileForm(),
        "apply_form": apply_form or ApplyForm(),
        "problem": problem,
        "problems": queries.grouped(result.get("errors", [])),
        "questions": queries.grouped(
            each for each in questions if not each["choices"] and not each["answer"]
        ),
        "same": queries.same_questions(found, request.GET.get("rows")),
        "sheets": queries.problem_sheets(found),
        "kind": kind,
        "kinds": [(each, words, queries.count_of(found, each)) for each, words in queries.KINDS],
        "page": queries.changes_page(found, kind, request.GET.get("page")),
        "withdraw": found.answers.get("withdraw", {}),
        "has_names": any(each.get("group") == "names" for each in questions),
        "can_be_undone": undoing.can_be_undone(found),
        **waiting(found),
    }
    return render(request, "commitments/uploads/detail.html", context)


def _receive(request: HttpRequest, form: FileForm, target: actions.Target) -> Upload | None:
    """The upload, or None with what is wrong in the form."""
    file = form.cleaned_data["file"]
    try:
        upload = actions.start(
            by=person_of(request),
            content=file.read(),
            filename=file.name,
            target=target,
            today=clock.today(),
        )
        jobs.send(upload)
        return upload
    except ValidationError as refused:
        errors = getattr(refused, "error_dict", {None: [refused]})
        for name, words in errors.items():
            form.add_error(name if name in form.fields else None, words)
    return None


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


def upload_or_404(request: HttpRequest, pk: int) -> Upload:
    """An upload that the person may see. Unknown and forbidden look the same."""
    rows = Upload.objects.visible_to(request.user, clock.today()).filter(kind=Upload.Kind.PLAN)
    found = (
        rows.select_related("plan", "organisation", "uploaded_by", "asked_by").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    return found
