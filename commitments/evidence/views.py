"""The evidence of a commitment: see it, add to it, verify it, take it away, open its files."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commitments.access import commitment_or_404, person_of
from commitments.evidence import actions, queries
from commitments.evidence.forms import EvidenceForm, ReasonForm
from commitments.evidence.receiving import SizeLimit, is_far_too_big, too_big
from commitments.evidence.scanning import may_be_opened, scanner
from commitments.models import Commitment, Evidence
from commitments.speaking import speakers
from organisations.models import Organisation
from organisations.permissions import Capability
from workforce_tracker import clock
from workforce_tracker.downloads import download

PER_PAGE = 50


@require_safe
def evidence_page(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """All evidence of a commitment, the latest first."""
    commitment, today, user = (
        commitment_or_404(request, plan, reference),
        clock.today(),
        person_of(request),
    )
    found = queries.of_commitment(commitment)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    acting = request.acting  # type: ignore[attr-defined]
    context = {
        "commitment": commitment,
        "page": page,
        "rows": queries.rows(user, acting, commitment, page.object_list, today),
        "may_give": queries.may_give(user, commitment, today),
        "has_scanner": scanner() is not None,
    }
    return render(request, "commitments/evidence/page.html", context)


@csrf_exempt  # checked below, once the limit on the size is in place: the check reads the body
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_add(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Add a file or a link. A file over the limit is let go of while it comes in."""
    request.too_big = ""  # type: ignore[attr-defined]
    request.upload_handlers.insert(0, SizeLimit(request))
    commitment = commitment_or_404(request, plan, reference, Capability.REPORT)
    if is_far_too_big(request):
        form = EvidenceForm({"strength": "document"}, commitment=commitment)
        form.full_clean()
        form.errors.clear()
        form.add_error("file", too_big())
        return _ask(request, commitment, form, 413)
    return _evidence_add(request, commitment)


@csrf_protect
def _evidence_add(request: HttpRequest, commitment: Commitment) -> HttpResponse:
    if request.method != "POST":
        initial = {"about": request.GET.get("about", "")}
        return _ask(request, commitment, EvidenceForm(commitment=commitment, initial=initial))
    posted, files = request.POST, request.FILES
    name = request.too_big  # type: ignore[attr-defined]
    form = EvidenceForm(posted, files, commitment=commitment, too_big_name=name)
    if form.is_valid():
        try:
            made = _add(request, commitment, form)
        except ValidationError as refused:
            for field, words in refused.message_dict.items():
                form.add_error(field if field in form.fields else None, words)
        else:
            messages.success(request, f"“{made.title}” is added.")
            return redirect("commitment_evidence", commitment.plan.code, commitment.reference)
    return _ask(request, commitment, form)


@require_POST
def evidence_verify(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Verify a piece of evidence in the name of another organisation."""
    found, today = _evidence_or_404(request, plan, reference, pk), clock.today()
    acting = request.acting  # type: ignore[attr-defined]
    try:
        row = actions.verify(by=person_of(request), acting=acting, evidence=found, today=today)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, f"“{row.title}” is verified for {row.verified_for}.")
    return redirect("commitment_evidence", found.commitment.plan.code, found.commitment.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_take_back(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Take a verification back, with a reason."""
    found = _evidence_or_404(request, plan, reference, pk)
    user, today = person_of(request), clock.today()
    commitment, acting = found.commitment, request.acting  # type: ignore[attr-defined]
    back = redirect("commitment_evidence", commitment.plan.code, commitment.reference)
    if found.removed_at or found.strength != Evidence.Strength.VERIFIED:
        gone = "has been removed" if found.removed_at else "is not verified"
        messages.info(request, f"“{found.title}” {gone}, so nothing was taken back.")
        return back
    actions.require(queries.Verifying(user, acting, commitment, today).may_take_back(found))
    form = ReasonForm(request.POST if request.method == "POST" else None, done="taken back")
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.take_back(by=user, acting=acting, evidence=found, reason=reason, today=today)
        messages.success(request, f"“{found.title}” is no longer verified.")
        return back
    context = {"form": form, "commitment": commitment, "evidence": found}
    return render(request, "commitments/evidence/take_back.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence_remove(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Take a piece of evidence away, with a reason."""
    found = _evidence_or_404(request, plan, reference, pk)
    user, today = person_of(request), clock.today()
    commitment = found.commitment
    back = redirect("commitment_evidence", commitment.plan.code, commitment.reference)
    if found.removed_at:
        messages.info(request, f"“{found.title}” has been removed already.")
        return back
    edits = Commitment.objects.allowing(user, Capability.EDIT, today).filter(pk=commitment.pk)
    actions.require(queries.may_remove(user, found, edits.exists(), today))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.remove(by=user, evidence=found, reason=reason, today=today)
        messages.success(request, f"“{found.title}” is removed.")
        return back
    context = {"form": form, "commitment": commitment, "evidence": found}
    return render(request, "commitments/evidence/remove.html", context)


@require_safe
def evidence_file(request: HttpRequest, plan: str, reference: str, pk: int) -> FileResponse:
    """A file, to be saved and never shown in the browser. Not found once it was removed, while it
    waits for the scanner, and when something harmful was found in it."""
    found = _evidence_or_404(request, plan, reference, pk)
    if not may_be_opened(found):
        raise Http404
    return download(found.file, found.filename, found.content_type)


# --- inside ---------------------------------------------------------------------------------------
def _add(request: HttpRequest, commitment: Commitment, form: EvidenceForm) -> Evidence:
    cleaned = form.cleaned_data
    given = {
        "by": person_of(request),
        "commitment": commitment,
        "organisation": _giving(request, commitment),
        "title": cleaned["title"],
        "strength": cleaned["strength"],
        "about": form.about_what,
        "today": clock.today(),
    }
    if file := cleaned["file"]:
        return actions.add_file(file=file, filename=file.name, **given)
    return actions.add_link(url=cleaned["url"], **given)


def _giving(request: HttpRequest, commitment: Commitment) -> Organisation:
    """In whose name somebody gives evidence. There is one: they may report."""
    acting = request.acting  # type: ignore[attr-defined]
    return speakers(person_of(request), acting, commitment, [Capability.REPORT], clock.today())[0]


def _ask(
    request: HttpRequest, commitment: Commitment, form: EvidenceForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "commitment": commitment,
        "organisation": _giving(request, commitment),
        "has_scanner": scanner() is not None,
    }
    return render(request, "commitments/evidence/add.html", context, status=status)


def _evidence_or_404(request: HttpRequest, plan: str, reference: str, pk: int) -> Evidence:
    """A piece of evidence of a commitment that the person may see."""
    commitment = commitment_or_404(request, plan, reference)
    found = queries.of_commitment(commitment).filter(pk=pk).first()
    if found is None:
        raise Http404
    found.commitment = commitment
    return found
