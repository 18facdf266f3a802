"""When a plan reminds."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from commitments.access import plan_or_404
from commitments.models import Ladder
from commitments.reminders.actions import save_ladder
from commitments.reminders.forms import LadderForm
from organisations.models import User
from organisations.permissions import Capability
from workforce_tracker import clock

# Where the form has two boxes and a tick for one list of days.
BOXES = {"milestone_days": "milestone_before", "update_days": "update_before"}


@require_http_methods(["GET", "HEAD", "POST"])
def plan_ladder(request: HttpRequest, code: str) -> HttpResponse:
    """The stages at which a plan reminds of its milestones and owed updates."""
    plan = plan_or_404(request, code, Capability.EDIT)
    ladder = Ladder.objects.filter(plan=plan).first() or Ladder(plan=plan)
    form = LadderForm(request.POST or None, ladder=ladder, plan=plan)
    if request.method == "POST" and form.is_valid():
        assert isinstance(request.user, User)
        try:
            save_ladder(by=request.user, plan=plan, today=clock.today(), **form.values)
            messages.success(request, "The reminders of this plan are changed.")
            return redirect(plan)
        except ValidationError as refused:
            for name, problems in refused.message_dict.items():
                form.add_error(BOXES.get(name, name), problems)
    return render(request, "commitments/reminders/ladder.html", {"form": form, "plan": plan})
