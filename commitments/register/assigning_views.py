"""The page on which a person says who answers for what a divided body promised."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from commitments.inheriting import LIVE, may_answer_for, waiting_parties
from commitments.models import Party
from commitments.register.actions.assigning import assign_parties, may_assign
from organisations.models import Organisation, User
from workforce_tracker import clock

PAGE_SIZE = 50
NOBODY = "nobody"


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """What waits and what has been assigned; POST assigns what is ticked, or all that waits."""
    user, today = request.user, clock.today()
    assert isinstance(user, User)
    body = get_object_or_404(Organisation, code__iexact=code)
    ends = may_answer_for(body, today)
    if not may_assign(user, body, today) or not ends:
        raise Http404
    waiting = waiting_parties(user, today).filter(answering=body.pk)
    context: dict[str, Any] = {"body": body, "ends": ends}
    if request.method == "POST":
        try:
            _post(request, user, body, ends)
            return redirect("assign", body.code)
        except ValidationError as wrong:
            context["problems"] = wrong.messages
    rows = waiting.select_related("commitment__plan", "commitment__pillar")
    page = Paginator(rows.order_by("commitment__reference", "role", "pk"), PAGE_SIZE)
    done = Party.objects.filter(LIVE, organisation=body, assigned_to__in=ends)
    context |= {
        "page": page.get_page(request.GET.get("page")),
        "done": done.select_related("commitment__plan", "assigned_to").order_by(
            "commitment__reference", "role", "pk"
        )[:PAGE_SIZE],
        "done_count": done.count(),
    }
    return render(request, "commitments/assign.html", context)


def _post(request: HttpRequest, user: User, body: Organisation, ends: list[Organisation]) -> None:
    """Do what the form asks. Raises ValidationError."""
    today = clock.today()
    chosen = request.POST.get("to", "")
    to = next((end for end in ends if end.code == chosen), None)
    if to is None and chosen != NOBODY:
        raise ValidationError("Choose who answers for them.")
    keys = [int(key) for key in request.POST.getlist("party") if key.isdecimal()]
    if "all" in request.POST:
        waiting = waiting_parties(user, today).filter(answering=body.pk)
        keys = list(waiting.values_list("pk", flat=True))
    if not keys:
        raise ValidationError("Tick the commitments that you mean.")
    count = assign_parties(by=user, body=body, parties=keys, to=to, today=today)
    whose = f"assigned to {to}" if to else "put back, to be assigned"
    messages.success(request, f"{count} {whose}." if count != 1 else f"One {whose}.")
