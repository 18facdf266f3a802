"""Where GOV.UK Notify says what became of a message (its delivery receipts)."""

import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from commitments.reminders.delivery.notices import read_receipt
from commitments.reminders.delivery.returns import take
from workforce_tracker import clock


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def notify_receipt(request: HttpRequest) -> HttpResponse:
    """Take one receipt. Notify proves itself with the token that both sides were given; without
    one set here the address does not exist."""
    if not settings.NOTIFY_CALLBACK_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.NOTIFY_CALLBACK_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        receipt = json.loads(request.body)
        if not isinstance(receipt, dict):
            raise ValueError("not an object")
        if receipt.get("notification_type", "email") == "email":
            take(read_receipt(receipt), clock.now(), vouched=True)
    except ValueError:  # JSONDecodeError is one
        return HttpResponseBadRequest("That is not a delivery receipt of GOV.UK Notify.")
    return HttpResponse()
