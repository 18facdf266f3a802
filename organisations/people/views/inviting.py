"""Inviting people, one by one or from a spreadsheet, and answering those who ask."""

import csv
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from organisations.models import Invitation, Organisation
from organisations.people import bulk
from organisations.people.actions import invitations, requests
from organisations.people.actions.invitations import Draft
from organisations.people.forms import AnswerForm, BulkInviteForm, InviteForm
from organisations.people.views.fetching import (
    given_in,
    invitation_or_404,
    join_request_or_404,
    me,
    place_or_404,
    say,
)
from workforce_tracker import clock

SALT = "people from a spreadsheet"


def invite(request: HttpRequest, code: str) -> HttpResponse:
    """Invite one person."""
    organisation = place_or_404(request, code)
    form = InviteForm(request.POST or None, roles=given_in(request, organisation))
    if request.method == "POST" and form.is_valid():
        draft = Draft(**form.cleaned_data)
        try:
            made = _invite(request, organisation, [draft])
        except ValidationError as problem:
            say(request, problem, form)
        else:
            _say_sent(request, made)
            return redirect("people", organisation.code)
    context = {"organisation": organisation, "form": form}
    return render(request, "organisations/people/invite.html", context)


def invite_many(request: HttpRequest, code: str) -> HttpResponse:
    """Read a spreadsheet of people and show what would be sent."""
    organisation = place_or_404(request, code)
    form = BulkInviteForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"organisation": organisation, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            rows = bulk.read(form.cleaned_data["file"])
        except ValidationError as problem:
            form.add_error("file", problem)
        else:
            bulk.check(rows, by=me(request), organisation=organisation, today=clock.today())
            context |= _preview(organisation, rows)
    context["roles"] = given_in(request, organisation)
    return render(request, "organisations/people/invite_many.html", context)


@require_POST
def invite_many_send(request: HttpRequest, code: str) -> HttpResponse:
    """Invite the people of a preview. They are checked again: it may have been open for a while."""
    organisation = place_or_404(request, code)
    try:
        previewed = signing.loads(request.POST.get("people", ""), salt=SALT, max_age=3600)
        if previewed["organisation"] != organisation.pk:
            raise signing.BadSignature
        made = _invite(request, organisation, [Draft(*row) for row in previewed["people"]])
    except signing.BadSignature:
        messages.error(request, "That preview is too old. Choose the file again.")
        return redirect("people_invite_many", organisation.code)
    except ValidationError as problem:
        say(request, problem)
        return redirect("people_invite_many", organisation.code)
    _say_sent(request, made)
    return redirect("people", organisation.code)


def invite_template(request: HttpRequest, code: str) -> HttpResponse:
    """An empty spreadsheet with the right columns."""
    organisation = place_or_404(request, code)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-{organisation.code}.csv"'
    response.write("\ufeff")  # tells Excel that the file is UTF-8
    csv.writer(response).writerow(bulk.LABELS.values())
    return response


@require_POST
def invitation_resend(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Send an invitation again."""
    invitation = invitation_or_404(request, code, pk)
    try:
        _say_sent(
            request,
            [invitations.resend(by=me(request), invitation=invitation, now=clock.now())],
        )
    except ValidationError as problem:
        say(request, problem)
    return redirect("people", invitation.organisation.code)


@require_POST
def invitation_revoke(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = invitation_or_404(request, code, pk)
    try:
        invitations.revoke(by=me(request), invitation=invitation, now=clock.now())
    except ValidationError as problem:
        say(request, problem)
    else:
        messages.success(request, f"The invitation of {invitation.name} is taken back.")
    return redirect("people", invitation.organisation.code)


def join_request(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One person who asks to join, and the answer."""
    asked = join_request_or_404(request, code, pk)
    is_open = asked.state == asked.State.OPEN
    form = (
        AnswerForm(request.POST or None, roles=given_in(request, asked.organisation))
        if is_open
        else None
    )
    if request.method == "POST" and form and form.is_valid():
        try:
            words = _answer(request, asked, form.cleaned_data)
        except ValidationError as problem:
            say(request, problem, form)
        else:
            messages.success(request, words)
            return redirect("people", asked.organisation.code)
    context = {"asked": asked, "organisation": asked.organisation, "form": form}
    return render(request, "organisations/people/join_request.html", context)


def _answer(request: HttpRequest, asked: Any, answer: dict[str, Any]) -> str:
    now = clock.now()
    if answer["decision"] == "refuse":
        requests.refuse(by=me(request), request=asked, answer=answer["answer"], now=now)
        return f"{asked.name} is told why not."
    requests.approve(by=me(request), request=asked, role=answer["role"], now=now)
    if asked.person:
        return f"{asked.name} now belongs to {asked.organisation}."
    return f"{asked.name} is sent an invitation, to make an account with."


def _invite(
    request: HttpRequest, organisation: Organisation, drafts: list[Draft]
) -> list[Invitation]:
    return invitations.invite(
        by=me(request), organisation=organisation, drafts=drafts, now=clock.now()
    )


def _preview(organisation: Organisation, rows: list[bulk.Row]) -> dict[str, Any]:
    good = [row.draft for row in rows if not row.problems]
    people = [(draft.name, draft.email, draft.role) for draft in good]
    signed = {"organisation": organisation.pk, "people": people}
    return {
        "rows": rows,
        "good": len(good),
        "faulty": len(rows) - len(good),
        "people": signing.dumps(signed, salt=SALT, compress=True),
    }


def _say_sent(request: HttpRequest, made: list[Invitation]) -> None:
    """Whether the mail server has taken the messages: they go out after the transaction."""
    waiting = Invitation.objects.filter(pk__in=[i.pk for i in made], sent_at=None).count()
    if waiting:
        messages.warning(
            request,
            "The mail server did not take the message. The invitation is kept: send it again "
            "from the list below.",
        )
    elif len(made) == 1:
        messages.success(request, f"An invitation is on its way to {made[0].email}.")
    else:
        messages.success(request, f"{len(made)} invitations are on their way.")
