"""The comments that an organisation keeps for use again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from commitments.models import SectorComment
from commitments.refusals import add_refusal
from commitments.review import actions
from commitments.review.forms import CommentForm
from organisations.models import Organisation, User
from organisations.permissions import Capability, holds
from workforce_tracker import clock


def comments(request: HttpRequest) -> HttpResponse:
    """All of them, and a form for another."""
    body = _body(request)
    form = CommentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _keep(request, form, body, None):
        return redirect("sector_comments")
    kept = SectorComment.objects.filter(organisation=body).select_related("written_by")
    context = {"form": form, "kept": kept, "body": body, "tab": "comments"}
    return render(request, "commitments/review/comments.html", context)


def comment_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one."""
    body = _body(request)
    comment = _comment(body, pk)
    form = CommentForm(request.POST if request.method == "POST" else None, instance=comment)
    if request.method == "POST" and _keep(request, form, body, _comment(body, pk)):
        return redirect("sector_comments")
    context = {"form": form, "comment": comment, "body": body}
    return render(request, "commitments/review/comment.html", context)


@require_POST
def comment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one off the list."""
    comment = _comment(_body(request), pk)
    title = comment.title
    actions.remove_comment(by=request.user, comment=comment, today=clock.today())  # type: ignore[arg-type]
    messages.success(request, f"“{title}” is off the list. Answers that used it keep its words.")
    return redirect("sector_comments")


def _keep(
    request: HttpRequest, form: CommentForm, body: Organisation, comment: SectorComment | None
) -> bool:
    if not form.is_valid():
        return False
    try:
        kept = actions.keep_comment(
            by=request.user,  # type: ignore[arg-type]
            organisation=body,
            title=form.cleaned_data["title"],
            text=form.cleaned_data["text"],
            comment=comment,
            today=clock.today(),
        )
    except ValidationError as refused:
        add_refusal(form, refused)
        return False
    messages.success(request, f"“{kept}” is kept.")
    return True


def _body(request: HttpRequest) -> Organisation:
    """The organisation that somebody acts for, if they review there."""
    acting, user = request.acting, request.user  # type: ignore[attr-defined]
    assert isinstance(user, User)
    if acting is None or not holds(user, Capability.REVIEW, acting.organisation, clock.today()):
        raise PermissionDenied
    body: Organisation = acting.organisation
    return body


def _comment(body: Organisation, pk: int) -> SectorComment:
    try:
        return SectorComment.objects.select_related("organisation").get(organisation=body, pk=pk)
    except SectorComment.DoesNotExist as missing:
        raise Http404 from missing
