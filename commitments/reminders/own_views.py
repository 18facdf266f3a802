"""One's own reminders: the inbox, what comes next, and how one wants to be reminded."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commitments.access import person_of
from commitments.models import Reminder, ReminderChoices
from commitments.reminders import queries, unsubscribing
from commitments.reminders.actions import mark_read, save_choices, stop_emails
from commitments.reminders.forms import ChoicesForm
from commitments.reminders.sending import MAX_ATTEMPTS
from organisations.models import User
from workforce_tracker import clock
from workforce_tracker.templatetags.words import plural

PER_PAGE = 50
NUMBER = re.compile(r"\d{1,18}")


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Every reminder to this person, mailed or not, the newest first."""
    user, today = person_of(request), clock.today()
    rows = Reminder.objects.in_inbox(user).select_related("person", "through", "standing_in_for")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines = queries.as_lines(list(page), queries.names_for(user, page, today))
    context = {"page": page, "lines": lines, "unread": Reminder.objects.unread(user).count()}
    return render(request, "commitments/reminders/inbox.html", context)


@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark one reminder as read, or all of them."""
    one, page = (request.POST.get(name, "") for name in ("reminder", "page"))
    only = [int(one)] if NUMBER.fullmatch(one) else []
    number = mark_read(by=person_of(request), now=clock.now(), only=only if one else None)
    if not one:
        messages.success(request, f"{plural(number, 'reminder')} marked as read.")
    response = redirect("inbox")
    if NUMBER.fullmatch(page):
        response["Location"] += f"?page={page}"
    return response


@require_safe
def my_reminders(request: HttpRequest) -> HttpResponse:
    """What comes next to this person, and what was sent or kept back and why."""
    user, today = person_of(request), clock.today()
    page = Paginator(queries.reminders_to(user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": queries.as_lines(list(page), queries.names_for(user, page, today)),
        "to_come": queries.to_come_for(user, today),
        "attempts": MAX_ATTEMPTS,
        "choices": _choices(user),
    }
    return render(request, "commitments/reminders/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_choices(request: HttpRequest) -> HttpResponse:
    """How this person wants to be reminded."""
    user = person_of(request)
    form = ChoicesForm(request.POST or None, choices=_choices(user))
    if request.method == "POST" and form.is_valid():
        try:
            save_choices(by=user, **form.values)
            messages.success(request, "Your choices are kept. They hold from the next reminder on.")
            return redirect("reminder_choices")
        except ValidationError as refused:
            form.add_error(None, refused)
    return render(request, "commitments/reminders/choices.html", {"form": form})


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End the e-mails of whoever got this address (RFC 8058): a mail program posts here without
    signing in, a person is asked first. The signature in the address is the proof."""
    person = unsubscribing.person_of(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        stop_emails(person=person)
    context = {"email": person.email, "done": request.method == "POST"}
    return render(request, "commitments/reminders/unsubscribe.html", context)


def _choices(user: User) -> ReminderChoices:
    return ReminderChoices.objects.filter(person=user).first() or ReminderChoices(person=user)
