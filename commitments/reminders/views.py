"""Pages about reminders: what became of a commitment's, and the outbox of the embedded default."""

from csp.constants import NONE
from csp.decorators import csp
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from commitments.access import commitment_or_404
from commitments.models import Commitment, Reminder
from commitments.reminders import outbox as kept
from commitments.reminders import queries
from commitments.reminders.ladder import in_words
from commitments.reminders.ledger import ladders_of
from commitments.reminders.sending import MAX_ATTEMPTS
from organisations.permissions import Capability
from workforce_tracker import clock

PER_PAGE = 50
NOTHING_RUNS = {"default-src": [NONE], "base-uri": [NONE], "form-action": [NONE], "sandbox": True}


def commitment_reminders(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Who was reminded of what, who will be, and what was kept back and why.

    It names people, so it is for those who report on the commitment or edit it.
    """
    today = clock.today()
    commitment = commitment_or_404(request, plan, reference)
    may_see_names = any(
        Commitment.objects.allowing(request.user, capability, today)
        .filter(pk=commitment.pk)
        .exists()
        for capability in (Capability.REPORT, Capability.EDIT)
    )
    if not may_see_names:
        raise PermissionDenied
    pages = Paginator(queries.reminders_of(commitment), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    names = queries.Names({commitment.pk: commitment}).add((row.kind, row.thing_id) for row in page)
    context = {
        "commitment": commitment,
        "page": page,
        "lines": queries.as_lines(list(page), names),
        "ladder": in_words(ladders_of(commitment.plan_id)[Reminder.Kind.MILESTONE]),
        "to_come": queries.to_come(commitment, today),
        "attempts": MAX_ATTEMPTS,
    }
    return render(request, "commitments/reminders/commitment.html", context)


def outbox(request: HttpRequest) -> HttpResponse:
    """The messages that this copy would have sent. Only in the embedded default."""
    _only_embedded()
    page = Paginator(kept.names(), PER_PAGE).get_page(request.GET.get("page"))
    messages = [message for name in page if (message := kept.read(name))]
    return render(request, "commitments/reminders/outbox.html", {"page": page, "mail": messages})


def outbox_message(request: HttpRequest, name: str) -> HttpResponse:
    """One message as text, with a link to its HTML version."""
    message = _message_or_404(name)
    return render(request, "commitments/reminders/outbox_message.html", {"message": message})


@csp(NOTHING_RUNS)  # type: ignore[arg-type]
def outbox_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML version as a mail program gets it, in a sandbox: nothing runs or is fetched."""
    message = _message_or_404(name)
    if not message.html:
        raise Http404
    return HttpResponse(message.html)


def _message_or_404(name: str) -> kept.Kept:
    _only_embedded()
    message = kept.read(name)
    if message is None:
        raise Http404
    return message


def _only_embedded() -> None:
    """Elsewhere mail is real and private, and there is nothing to show."""
    if not settings.EMBEDDED:
        raise Http404
