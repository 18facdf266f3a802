"""Home ("what needs you"), the plans, and a plan."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commitments.access import plan_or_404
from commitments.asked_moves import asked_moves
from commitments.awaiting import answers_awaited, holding_up
from commitments.calls import evidence_to_verify, unseen_mentions
from commitments.history_export import may_export
from commitments.inheriting import to_assign
from commitments.insight import plans, queries
from commitments.insight.actions import note_visit
from commitments.insight.changes import changed_since
from commitments.models import Commitment, Note, Plan
from commitments.own_reporting import own_reporting
from commitments.public import public_page
from commitments.ratings import with_ratings
from organisations.kinds import Reach, reach_of
from organisations.models import Membership, Succession, User
from organisations.permissions import Capability, grant
from workforce_tracker import clock

PLANS_PER_PAGE = 50
PUBLIC_PER_PAGE = 100
CALLS_SHOWN = 10
SINCE = "home_since"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs this person, in the name of the organisation they act for."""
    today, user = clock.today(), request.user
    acting: Membership | None = request.acting  # type: ignore[attr-defined]
    visible = Commitment.objects.visible_to(user, today)
    context: dict[str, Any] = {
        "changes": changed_since(visible, _since(request)),
        "to_assign": to_assign(user, today),  # type: ignore[arg-type]
        "moves": asked_moves(user, today),  # type: ignore[arg-type]
        "faults": queries.faults(visible) if user.is_platform_administrator else None,  # type: ignore[union-attr]
    }
    own = acting.organisation_id if acting else None
    bodies = Succession.objects.predecessors_of([own], today) if own else set()
    for_sector = bool(acting) and reach_of(acting.organisation.kind) == Reach.SECTOR  # type: ignore[union-attr]
    context |= {
        "mentions": unseen_mentions(user, visible, CALLS_SHOWN),  # type: ignore[arg-type]
        "to_verify": evidence_to_verify(user, bodies, for_sector, today, CALLS_SHOWN),  # type: ignore[arg-type]
        "steps": queries.steps(user, bodies, today),  # type: ignore[arg-type]
        "owed": queries.updates_owed(user, own, today) if own else queries.Owed(0, []),  # type: ignore[arg-type]
        "waiting": queries.waiting_for(user, bodies, today),  # type: ignore[arg-type]
        "answers": answers_awaited(user, bodies, today),  # type: ignore[arg-type]
        "silent": holding_up(user, bodies, today) if own else [],  # type: ignore[arg-type]
        "own_reporting": own_reporting(user, own, today) if own else None,  # type: ignore[arg-type]
    }
    keeps = Plan.objects.allowing(user, Capability.EDIT, today)
    context["may_nudge"] = bool(context["waiting"]) and keeps.exists()
    if for_sector:
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


@login_not_required
@require_safe
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans somebody may see, with how their commitments stand; the public ones without
    signing in."""
    today = clock.today()
    visible = Plan.objects.visible_to(request.user, today)
    page = Paginator(visible, PLANS_PER_PAGE).get_page(request.GET.get("page"))
    rows = plans.with_counts(page.object_list, request.user, today)  # type: ignore[arg-type]
    context = {"page": page, "rows": rows, "ratings": plans.WORST_FIRST}
    if not request.user.is_authenticated:
        return public_page(request, "commitments/public/plans.html", context)
    return render(request, "commitments/insight/plans.html", context)


@login_not_required
@require_safe
def plan_page(request: HttpRequest, code: str) -> HttpResponse:
    """One plan: what it is, its headings by rating, what is overdue, what nobody owns."""
    today = clock.today()
    plan = plan_or_404(request, code)
    if not request.user.is_authenticated:
        return public_page(request, "commitments/public/plan.html", _public(request, plan, today))
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
        "may_export": may_export(plan, request.user, today),
        "may_return": any(
            grant(request.user, right, today) for right in (Capability.EDIT, Capability.REPORT)
        ),
        "supersedes": visible_plans.filter(superseded_by=plan).first(),
        "superseded_by": visible_plans.filter(supersedes=plan),
    }
    return render(request, "commitments/insight/plan.html", context)


def _public(request: HttpRequest, plan: Plan, today: date) -> dict[str, Any]:
    """What everybody may read of a public plan: what it is, its commitments with both ratings, and
    what its source reports. Constant in queries."""
    commitments = Commitment.objects.visible_to(request.user, today).filter(plan=plan)
    headings = plans.by_heading(plan, commitments, today)
    listed = with_ratings(commitments, today).select_related("pillar").prefetch_related("parties")
    in_order = listed.order_by("reference", "pk")
    visible_plans = Plan.objects.visible_to(request.user, today)
    return {
        "plan": plan,
        "headings": headings,
        "overall": plans.overall(plan, headings),
        "ratings": plans.WORST_FIRST,
        "page": Paginator(in_order, PUBLIC_PER_PAGE).get_page(request.GET.get("page")),
        "notes": list(plan.notes.all()),
        "supersedes": visible_plans.filter(superseded_by=plan).first(),
        "superseded_by": visible_plans.filter(supersedes=plan),
    }
