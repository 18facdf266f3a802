"""The discussion of a commitment."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commitments.access import commitment_or_404, person_of
from commitments.conversation import actions, queries
from commitments.conversation.forms import CommentForm, EditForm, ThreadForm
from commitments.conversation.naming import Name, may_be_named, offered
from commitments.models import Comment, Commitment
from organisations.models import Organisation
from workforce_tracker import clock

FOUND = 8


@require_http_methods(["GET", "HEAD", "POST"])
def discussion(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """All threads of a commitment, and a box to begin another. Who is named on the page has then
    seen it."""
    commitment, today, user = (
        commitment_or_404(request, plan, reference),
        clock.today(),
        person_of(request),
    )
    may_comment = queries.may_comment(user, today)
    form = None
    if may_comment:
        form = ThreadForm(
            request.POST if request.method == "POST" else None,
            commitment=commitment,
            names=_names(request, commitment),
            initial={"about": request.GET.get("update", "")},
        )
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and (made := _write(request, commitment, form, update=form.update)):
            messages.success(request, "Your comment is there.")
            return redirect(address_of(made))
    return _show(request, commitment, form)


@require_safe
def discussion_people(request: HttpRequest, plan: str, reference: str) -> HttpResponse:
    """Names that begin with `q`, or have a part that does: what is offered after an @."""
    commitment, today = commitment_or_404(request, plan, reference), clock.today()
    _require_voice(request)
    typed = request.GET.get("q", "").strip()
    people = may_be_named(commitment, person_of(request), today)
    fitting = people.filter(name__iregex=rf"(^|[ '’-]){_plain(typed)}") if typed else people.none()
    names = offered(fitting[:FOUND], today)
    return render(request, "commitments/conversation/names.html", {"names": names})


@require_http_methods(["GET", "HEAD", "POST"])
def comment_reply(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Answer in a thread."""
    found = _comment_or_404(request, plan, reference, pk)
    _require_voice(request)
    posted = request.POST if request.method == "POST" else None
    form = CommentForm(posted, names=_names(request, found.commitment))
    if form.is_valid() and (made := _write(request, found.commitment, form, answers=found)):
        messages.success(request, "Your answer is there.")
        return redirect(address_of(made))
    return _ask(request, "reply", found, form)


@require_http_methods(["GET", "HEAD", "POST"])
def comment_edit(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Word one's own comment differently."""
    found, user = _own_or_403(request, plan, reference, pk), person_of(request)
    posted = request.POST if request.method == "POST" else None
    initial = {"text": found.text, "seen": _exactly(found.edited_at)}
    form = EditForm(posted, names=_names(request, found.commitment), initial=initial)
    if form.is_valid():
        seen = form.cleaned_data["seen"]
        try:
            actions.edit(by=user, comment=found, text=form.words, seen=seen, today=clock.today())
        except actions.EditedMeanwhile as meanwhile:
            form.add_error("text", " ".join(meanwhile.messages))
            # Saved once more, it is a choice: they have seen both.
            form.data = {**request.POST.dict(), "seen": _exactly(meanwhile.stands.edited_at)}
            return _ask(request, "edit", meanwhile.stands, form, has_moved=True)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "Your comment is changed.")
            return redirect(address_of(found))
    return _ask(request, "edit", found, form)


@require_POST
def comment_take_back(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Take one's own comment back."""
    found = _comment_or_404(request, plan, reference, pk)
    actions.take_back(by=person_of(request), comment=found, today=clock.today())
    messages.success(request, "Your comment is taken back. Its place stays.")
    return redirect(address_of(found))


@require_POST
def comment_resolve(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Say that a thread is resolved."""
    found = _comment_or_404(request, plan, reference, pk)
    actions.resolve(by=person_of(request), comment=found, today=clock.today())
    messages.success(request, "The thread is resolved.")
    return redirect(address_of(found))


@require_POST
def comment_reopen(request: HttpRequest, plan: str, reference: str, pk: int) -> HttpResponse:
    """Open a thread again."""
    found = _comment_or_404(request, plan, reference, pk)
    actions.reopen(by=person_of(request), comment=found, today=clock.today())
    messages.success(request, "The thread is open again.")
    return redirect(address_of(found))


# --- inside ---------------------------------------------------------------------------------------
def address_of(comment: Comment) -> str:
    """Where a comment stands, on whatever page of the discussion."""
    commitment = comment.commitment
    base = reverse("commitment_discussion", args=[commitment.plan.code, commitment.reference])
    return f"{base}?comment={comment.pk}#comment-{comment.pk}"


def _show(request: HttpRequest, commitment: Commitment, form: ThreadForm | None) -> HttpResponse:
    user, today, wanted = person_of(request), clock.today(), request.GET.get("comment", "")
    number: Any = request.GET.get("page")
    if number is None and wanted.isdecimal() and len(wanted) < 19:
        number = queries.page_with(commitment, int(wanted))
    page = queries.pages_of(commitment).get_page(number)
    for first in page.object_list:
        first.commitment = commitment
    threads = queries.threads(page, user, today)
    actions.mark_seen(by=user, comments=queries.shown(threads), now=clock.now())
    context = {"commitment": commitment, "form": form, "page": page, "threads": threads}
    return render(request, "commitments/conversation/page.html", context)


def _ask(
    request: HttpRequest, what: str, found: Comment, form: CommentForm, has_moved: bool = False
) -> HttpResponse:
    commitment, user = found.commitment, person_of(request)
    first = found.answers or found
    thread = [first, *queries.comments().filter(answers=first)] if what == "reply" else [found]
    context = {
        "commitment": commitment,
        "comment": found,
        "form": form,
        "has_moved": has_moved,
        "remarks": [queries.remark(one, user) for one in thread],
    }
    return render(request, f"commitments/conversation/{what}.html", context)


def _write(
    request: HttpRequest, commitment: Commitment, form: CommentForm, **about: Any
) -> Comment | None:
    """The new comment, or None with what is wrong in the form."""
    try:
        return actions.write(
            by=person_of(request),
            commitment=commitment,
            organisation=_speaking_for(request),
            text=form.words,
            today=clock.today(),
            **about,
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return None


def _names(request: HttpRequest, commitment: Commitment) -> list[Name]:
    today = clock.today()
    return offered(may_be_named(commitment, person_of(request), today), today)


def _speaking_for(request: HttpRequest) -> Organisation | None:
    acting = request.acting  # type: ignore[attr-defined]
    return acting.organisation if acting else None


def _plain(typed: str) -> str:
    """Typed text for a pattern: every sign stands for itself."""
    return "".join(f"\\{sign}" if not sign.isalnum() else sign for sign in typed[:50])


def _exactly(moment: Any) -> str:
    """A moment to the last digit, to come back as it went."""
    return moment.isoformat() if moment else ""


def _comment_or_404(request: HttpRequest, plan: str, reference: str, pk: int) -> Comment:
    """A comment on a commitment that the person may see."""
    commitment = commitment_or_404(request, plan, reference)
    found = queries.comments().filter(commitment=commitment, pk=pk).first()
    if found is None:
        raise Http404
    found.commitment = commitment
    return found


def _own_or_403(request: HttpRequest, plan: str, reference: str, pk: int) -> Comment:
    found = _comment_or_404(request, plan, reference, pk)
    if found.author_id != person_of(request).pk or found.removed_at:
        raise PermissionDenied
    return found


def _require_voice(request: HttpRequest) -> None:
    if not queries.may_comment(person_of(request), clock.today()):
        raise PermissionDenied
