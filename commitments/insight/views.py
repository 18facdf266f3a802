"""Home ("what needs you"), the plans, and a plan."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commitments.access import plan_or_404
from commitments.insight import plans, queries
from commitments.insight.actions import note_visit
from commitments.insight.changes import changed_since
from commitments.models import Commitment, Note, Plan
from commitments.ratings import with_ratings
from organisations.kinds import Reach, reach_of
from organisations.models import Membership, Succession, User
from organisations.permissions import Capability
from workforce_tracker import clock

PLANS_PER_PAGE = 50
SINCE = "home_since"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs this person, in the name of the organisation they act for."""
    today, user = clock.today(), request.user
    acting: Membership | None = request.acting  # type: ignore[attr-defined]
    visible = Commitment.objects.visible_to(user, today)
    context: dict[str, Any] = {
        "changes": changed_since(visible, _since(request)),
        "faults": queries.faults(visible) if user.is_platform_administrator else None,  # type: ignore[union-attr]
    }
    own = acting.organisation_id if acting else None
    bodies = Succession.objects.predecessors_of([own], today) if own else set()
    context |= {
        "steps": queries.steps(user, bodies, today),  # type: ignore[arg-type]
        "owed": queries.updates_owed(user, own, today) if own else queries.Owed(0, []),  # type: ignore[arg-type]
        "waiting": queries.waiting_for(user, bodies, today),  # type: ignore[arg-type]
    }
    if acting and reach_of(acting.organisation.kind) == Reach.SECTOR:
        keys, more = queries.joint(visible)
        rows = with_ratings(Commitment.objects.filter(pk__in=keys), today)
        by_key = rows.prefetch_related("parties").in_bulk(keys)
        context |= {"joint": [by_key[key] for key in keys], "joint_more": more}
    return render(request, "commitments/insight/home.html", context)


def _since(request: HttpRequest) -> datetime:
    """When this person was last here. Kept for the session, so that a look at another page does not
    wipe the news away; a first visit has none."""
    user, now = request.user, clock.now()
    assert isinstance(user, User)
    if SINCE not in request.session:
        request.session[SINCE] = (user.home_seen_at or now).isoformat()
    note_visit(by=user, now=now)
    return datetime.fromisoformat(request.session[SINCE])


@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans somebody may see, with how their commitments stand."""
    today = clock.today()
    visible = Plan.objects.visible_to(request.user, today)
    page = Paginator(visible, PLANS_PER_PAGE).get_page(request.GET.get("page"))
    rows = plans.with_counts(page.object_list, request.user, today)  # type: ignore[arg-type]
    context = {"page": page, "rows": rows, "ratings": plans.WORST_FIRST}
    return render(request, "commitments/insight/plans.html", context)


@require_safe
def plan_page(request: HttpRequest, code: str) -> HttpResponse:
    """One plan: what it is, its headings by rating, what is overdue, what nobody owns."""
    today = clock.today()
    plan = plan_or_404(request, code)
    commitments = Commitment.objects.visible_to(request.user, today).filter(plan=plan)
    headings = plans.by_heading(plan, commitments, today)
    visible_plans = Plan.objects.visible_to(request.user, today)
    notes = list(plan.notes.select_related("commitment__plan"))
    context = {
        "plan": plan,
        "headings": headings,
        "overall": plans.overall(plan, headings),
        "ratings": plans.WORST_FIRST,
        "overdue": plans.overdue(plan, commitments, today),
        "unassigned": plans.unassigned(plan, commitments),
        "unowned": plans.unowned(plan, commitments),
        "progress_notes": [note for note in notes if note.kind == Note.Kind.PROGRESS],
        "context_notes": [note for note in notes if note.kind == Note.Kind.CONTEXT],
        "rounds": plan.rounds.all(),
        "may_edit": Plan.objects.allowing(request.user, Capability.EDIT, today)
        .filter(pk=plan.pk)
        .exists(),
        "supersedes": visible_plans.filter(superseded_by=plan).first(),
        "superseded_by": visible_plans.filter(supersedes=plan),
    }
    return render(request, "commitments/insight/plan.html", context)
