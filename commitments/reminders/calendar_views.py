"""Calendar addresses: one's own list of them, what they answer, and single milestones."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from commitments.access import milestone_or_404, person_of, plan_or_404
from commitments.models import CalendarFeed
from commitments.reminders import calendars
from commitments.reminders.actions import add_feed, revoke_feed
from organisations.permissions import Capability
from workforce_tracker import clock

TYPE = "text/calendar; charset=utf-8"


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The private calendar addresses of this person."""
    feeds = person_of(request).calendar_feeds.select_related("plan")
    own = next((feed for feed in feeds if feed.plan_id is None), None)
    context = {
        "own": own,
        "feeds": [
            (feed, f"{settings.SITE_URL}{reverse('calendar_feed', args=[feed.token])}")
            for feed in feeds
        ],
    }
    return render(request, "commitments/reminders/calendar.html", context)


@require_POST
def calendar_add(request: HttpRequest) -> HttpResponse:
    """Make an address: of one's own dates, or of the plan that is named."""
    code = request.POST.get("plan", "")
    plan = plan_or_404(request, code) if code else None
    add_feed(by=person_of(request), plan=plan, today=clock.today())
    messages.success(request, "The calendar address is ready. Keep it to yourself.")
    return redirect("calendar")


@require_POST
def calendar_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End an address for good."""
    user = person_of(request)
    revoke_feed(by=user, feed=get_object_or_404(CalendarFeed, person=user, pk=pk))
    messages.success(request, "That address no longer works.")
    return redirect("calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program fetches. The address is the proof: programs do not sign in."""
    known = CalendarFeed.objects.select_related("person", "plan").filter(token=token)
    feed = known.filter(person__is_active=True).first()
    if feed is None:
        raise Http404
    answer = calendars.of_feed(feed, clock.today(), clock.now())
    response = HttpResponse(answer, content_type=TYPE)
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
def milestone_calendar(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """One milestone as a file for a calendar."""
    milestone = milestone_or_404(request, plan, reference, pk, Capability.VIEW)
    if milestone.due_date is None:
        raise Http404
    answer = calendars.of_milestone(milestone, clock.now())
    response = HttpResponse(answer, content_type=TYPE)
    response["Content-Disposition"] = f'attachment; filename="milestone-{milestone.pk}.ics"'
    return response
