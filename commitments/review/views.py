"""The reviews of one commitment: what each side says, one's own answer, and how a dispute ends."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from commitments.access import commitment_or_404, person_of
from commitments.awaiting import asked_of
from commitments.models import Commitment, Dispute, ProgressUpdate, Review
from commitments.ratings import explain
from commitments.refusals import add_refusal
from commitments.review import actions, queries
from commitments.review.actions import AnsweredMeanwhile
from commitments.review.disputes import may_be_told, sides_of
from commitments.review.forms import AnswerForm, DifferForm, EscalateForm
from commitments.verdicts import Sides, answers_to, verdicts
from organisations.models import User
from workforce_tracker import clock

PAGE = "commitments/review/commitment.html"
PER_PAGE = 10


@require_safe
def commitment_reviews(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """What each side says of the latest update, and of every one before."""
    return _page(request, commitment_or_404(request, plan, reference))


@require_POST
def review_answer(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Answer for one's own organisation; with "next" go on to the next answer awaited from it."""
    commitment = commitment_or_404(request, plan, reference)
    review = _review(commitment, pk)
    today, user = clock.today(), person_of(request)
    if not Review.objects.filter(pk=pk).answerable_by(user, today).exists():
        raise PermissionDenied
    form = AnswerForm(request.POST, review=review)
    if not form.is_valid():
        return _page(request, commitment, form)
    try:
        done = actions.answer(by=user, review=review, today=today, **form.said)
    except AnsweredMeanwhile as meanwhile:
        return _page(request, commitment, _seen(request, form, meanwhile.review), meanwhile.review)
    except ValidationError as refused:
        add_refusal(form, refused)
        return _page(request, commitment, form)
    said = f"{commitment.reference}: {done.organisation} {_SAYS[done.state]}."
    messages.success(request, f"{said} It came late." if done.is_late else said)
    if "next" in request.POST:
        mine = asked_of(user, [done.organisation_id], today)
        if following := queries.next_awaited(mine, done):
            return redirect(_address(following.update.commitment))
        messages.info(request, f"Nothing else is awaited from {done.organisation}.")
        return redirect("reviews")
    return redirect(_address(commitment))


@require_POST
def dispute_differ(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Say for one's own side that both views stand beside each other."""
    commitment = commitment_or_404(request, plan, reference)
    dispute, form = _dispute(commitment, pk), DifferForm(request.POST)
    form.is_valid()
    try:
        note = form.cleaned_data.get("note", "")
        done = actions.agree_to_differ(
            by=person_of(request), dispute=dispute, note=note, today=clock.today()
        )
    except ValidationError as refused:
        add_refusal(form, refused)
        return _page(request, commitment, differ=form)
    if done.end:
        messages.success(request, "Both sides agree to differ. Both views stay on record.")
    else:
        messages.success(request, "Noted. It takes a yes from every side that is concerned.")
    return redirect(_address(commitment))


def dispute_escalate(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Pass a dispute on to named people, with a note."""
    commitment = commitment_or_404(request, plan, reference)
    dispute, today, user = _dispute(commitment, pk), clock.today(), person_of(request)
    if not sides_of(user, dispute, today):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = EscalateForm(data, people=may_be_told(commitment, today))
    if data is not None and form.is_valid():
        try:
            given = form.cleaned_data
            actions.escalate(
                by=user, dispute=dispute, to=given["to"], note=given["note"], today=today
            )
            messages.success(request, "The dispute is passed on. Both views stay on record.")
            return redirect(_address(commitment))
        except ValidationError as refused:
            add_refusal(form, refused)
    context = {"commitment": commitment, "dispute": dispute, "form": form}
    return render(request, "commitments/review/escalate.html", context)


_SAYS: dict[str, str] = {
    Review.State.AGREED: "agrees",
    Review.State.COMMENTED: "agrees, with a comment",
    Review.State.DISAGREED: "disagrees",
}


def _page(
    request: HttpRequest,
    commitment: Commitment,
    form: AnswerForm | None = None,
    meanwhile: Review | None = None,
    differ: DifferForm | None = None,
) -> HttpResponse:
    today, user = clock.today(), person_of(request)
    page = Paginator(queries.asked_about(commitment), PER_PAGE).get_page(request.GET.get("page"))
    current = verdicts([commitment.pk]).get(commitment.pk)
    dispute = current.dispute if current else None
    say = sides_of(user, dispute, today) if dispute and not dispute.end else None
    context: dict[str, Any] = {
        "commitment": commitment,
        "standing": commitment.standing,
        "evidence": explain(commitment, today).rating,
        "current": current,
        "glance": queries.glance(current.update) if current else None,
        "forms": _forms(user, current, form) if current else [],
        "form": form or differ,
        "meanwhile": meanwhile,
        "dispute": dispute,
        "say": say,
        "differ": differ or DifferForm(),
        "page": page,
        "earlier": _earlier(page.object_list, current),  # type: ignore[arg-type]
        "disputes": _disputes(commitment),
    }
    return render(request, PAGE, context)


def _forms(user: User, current: Sides, given: AnswerForm | None) -> list[AnswerForm]:
    """A form for each answer to the latest update that the person may give."""
    mine = Review.objects.filter(update=current.update).answerable_by(user, clock.today())
    keys = set(mine.values_list("pk", flat=True))
    found = [AnswerForm(review=review) for review in current.reviews if review.pk in keys]
    return [given if given and given.review.pk == one.review.pk else one for one in found]


def _earlier(updates: Sequence[ProgressUpdate], current: Sides | None) -> list[Sides]:
    now = current.update.pk if current else None
    return [sides for sides in answers_to(updates) if sides.update.pk != now]


def _disputes(commitment: Commitment) -> list[Dispute]:
    rows = commitment.disputes.select_related("ended_by", "update__organisation")
    return list(rows.prefetch_related("escalated_to").exclude(end=Dispute.End.OPEN))


def _seen(request: HttpRequest, form: AnswerForm, review: Review) -> AnswerForm:
    """The same form, now about the answer that somebody gave meanwhile."""
    data = request.POST.copy()
    data[form.add_prefix("version")] = str(review.version)
    return AnswerForm(data, review=review)


def _review(commitment: Commitment, pk: int) -> Review:
    try:
        rows = Review.objects.select_related("organisation", "update")
        return rows.get(pk=pk, update__commitment=commitment)
    except Review.DoesNotExist as missing:
        raise Http404 from missing


def _dispute(commitment: Commitment, pk: int) -> Dispute:
    try:
        rows = commitment.disputes.select_related("update__organisation", "commitment__plan")
        return rows.get(pk=pk)
    except Dispute.DoesNotExist as missing:
        raise Http404 from missing


def _address(commitment: Commitment) -> str:
    return reverse("commitment_reviews", args=[commitment.plan.code, commitment.reference])
