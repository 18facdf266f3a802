"""The desk: what awaits one's own organisation, what holds up agreement elsewhere, and figures."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from commitments.access import person_of
from commitments.awaiting import asked_of, bodies_of, disputes_followed, holding_up
from commitments.models import Commitment, SectorComment
from commitments.review import actions, heard, queries
from commitments.review.forms import PlainForm, QueueForm
from organisations.models import Membership, Organisation
from organisations.permissions import Capability, grant
from workforce_tracker import clock

PER_PAGE = 50
AT_ONCE = 100


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The answers that are asked of the organisation somebody acts for, by their day."""
    today, user, acting = clock.today(), person_of(request), _acting(request)
    mine = asked_of(user, bodies_of(acting.organisation_id if acting else None, today), today)
    form = QueueForm(
        request.GET,
        systems=queries.systems(today),
        councils=queries.councils_in(mine),
        plans=queries.plans_in(mine),
    )
    counts = queries.counts(mine)
    chosen, show = form.chosen(), form.show_now
    found = queries.which(queries.narrowed(mine, today, **chosen), show)
    page = Paginator(queries.in_order(found), PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.rows(page.object_list, today)  # type: ignore[arg-type]
    context = {
        "form": form,
        "counts": counts,
        "show": show,
        "is_narrowed": bool(chosen),
        "page": page,
        "rows": rows,
        "may_answer": _may_answer(request),
        "tab": "desk",
    }
    return render(request, "commitments/review/desk.html", context)


def agree_to_plain(request: HttpRequest) -> HttpResponse:
    """Read the list of what is unchanged and green on both ratings, and agree to what is ticked."""
    today, user, acting = clock.today(), person_of(request), _acting(request)
    own = acting.organisation_id if acting else None
    if not _may_answer(request):
        raise PermissionDenied
    mine = asked_of(user, bodies_of(own, today), today).answerable_by(user, today)
    form = PlainForm(
        request.POST if request.method == "POST" else None,
        kept=SectorComment.objects.filter(organisation=own),
    )
    if request.method == "POST" and form.is_valid():
        return _agree(request, form)
    found = queries.plain(mine.awaited(), today)
    number = found.count()
    rows = queries.rows(queries.in_order(found)[:AT_ONCE], today)
    context = {"form": form, "rows": rows, "number": number, "tab": "desk"}
    return render(request, "commitments/review/agree.html", context)


def _agree(request: HttpRequest, form: PlainForm) -> HttpResponse:
    versions = _versions(request)
    if not versions:
        messages.error(request, "Nothing was ticked, so nothing was answered.")
        return redirect("reviews_agree")
    done, left = actions.agree_to_plain(
        by=person_of(request), versions=versions, comment=form.said, today=clock.today()
    )
    if done:
        messages.success(request, f"{_many(done, 'answer')} given: agrees.")
    if left:
        messages.info(
            request,
            f"{_many(left, 'update')} changed since you read the list, so nothing was answered "
            "there. Look at each by itself.",
        )
    return redirect("reviews")


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _versions(request: HttpRequest) -> dict[int, int]:
    """The answers that were ticked, each as "key:version"."""
    pairs = (value.partition(":")[::2] for value in request.POST.getlist("agree")[:AT_ONCE])
    return {int(key): int(version) for key, version in pairs if key.isdigit() and version.isdigit()}


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What holds up agreement: who has not answered, and what is disputed."""
    today, user, acting = clock.today(), person_of(request), _acting(request)
    own = bodies_of(acting.organisation_id if acting else None, today)
    disputes = disputes_followed(user, own, today)
    context = {
        "may_answer": _may_answer(request),
        "silent": holding_up(user, own, today),
        "page": Paginator(disputes, PER_PAGE).get_page(request.GET.get("page")),
        "tab": "waiting",
    }
    return render(request, "commitments/review/waiting.html", context)


@require_POST
def nudge(request: HttpRequest, code: str) -> HttpResponse:
    """Nudge one organisation for the answers it owes."""
    body = get_object_or_404(Organisation, code__iexact=code)
    user, today = person_of(request), clock.today()
    try:
        number = actions.nudge_for_answers(by=user, organisation=body, today=today)
    except ValidationError as refused:
        messages.info(request, " ".join(refused.messages))
    else:
        messages.success(request, f"{body} is nudged for {_many(number, 'answer')}.")
    return redirect("home" if request.POST.get("back") == "home" else "reviews_waiting")


@require_safe
def council_side_heard(request: HttpRequest) -> HttpResponse:
    """In how many joint commitments the council side was heard, by system and month."""
    today = clock.today()
    visible = Commitment.objects.visible_to(person_of(request), today)
    found = heard.by_system(visible, today)
    context: dict[str, Any] = {
        "may_answer": _may_answer(request),
        "heard": found,
        "drawing": heard.drawing(found),
        "tab": "heard",
    }
    return render(request, "commitments/review/heard.html", context)


def _may_answer(request: HttpRequest) -> bool:
    """Whether somebody reviews for the organisation that they act for."""
    acting, held = _acting(request), grant(person_of(request), Capability.REVIEW, clock.today())
    return acting is not None and held.covers(acting.organisation_id)


def _acting(request: HttpRequest) -> Membership | None:
    acting: Membership | None = request.acting  # type: ignore[attr-defined]
    return acting
