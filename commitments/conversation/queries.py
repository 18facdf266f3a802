"""What the discussion page reads."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.utils.safestring import SafeString

from commitments.conversation.linking import as_html
from commitments.models import Comment, Commitment
from organisations.models import User
from organisations.permissions import Capability, roles_of

PER_PAGE = 20
INVOLVED = (Capability.REPORT, Capability.EDIT, Capability.REVIEW)


@dataclass(frozen=True)
class Remark:
    """A comment as a page prints it."""

    comment: Comment
    html: SafeString
    is_own: bool


@dataclass(frozen=True)
class Thread:
    """A first remark and the answers to it. `may_resolve`: whether the reader may say that it is
    resolved, or open it again."""

    first: Remark
    answers: tuple[Remark, ...]
    may_resolve: bool

    @property
    def is_resolved(self) -> bool:
        return self.first.comment.resolved_at is not None


def may_comment(user: User, today: date) -> bool:
    """Whether somebody may write where they may read: whoever has a role in an organisation, and
    platform administrators."""
    return user.is_platform_administrator or bool(roles_of(user, today))


def may_resolve(user: User, first: Comment, today: date) -> bool:
    """Whether somebody may say that a thread is resolved."""
    return first.author_id == user.pk or _is_involved(user, first.commitment, today)


def _is_involved(user: User, commitment: Commitment, today: date) -> bool:
    return any(
        Commitment.objects.allowing(user, capability, today).filter(pk=commitment.pk).exists()
        for capability in INVOLVED
    )


def comments() -> QuerySet[Comment]:
    """Comments with what a page says of each."""
    return Comment.objects.select_related(
        "author", "organisation", "update__organisation", "resolved_by"
    )


def pages_of(commitment: Commitment) -> "Paginator[Comment]":
    """The first remarks of a commitment by page: open threads before resolved ones, then the latest
    first."""
    return Paginator(_firsts(commitment), PER_PAGE)


def _firsts(commitment: Commitment) -> QuerySet[Comment]:
    first = comments().filter(commitment=commitment, answers__isnull=True)
    return first.order_by(F("resolved_at").asc(nulls_first=True), "-written_at", "-pk")


def page_with(commitment: Commitment, pk: int) -> int:
    """The number of the page on which a comment stands; 1 for one that is not there."""
    found = Comment.objects.filter(commitment=commitment, pk=pk).first()
    if found is None:
        return 1
    in_order = list(_firsts(commitment).values_list("pk", flat=True))
    return in_order.index(found.answers_id or found.pk) // PER_PAGE + 1


def threads(page: "Page[Comment]", user: User, today: date) -> list[Thread]:
    """The threads of a page with their answers. Constant in queries."""
    first = list(page.object_list)
    answers: dict[int | None, list[Comment]] = defaultdict(list)
    for answer in comments().filter(answers__in=first):
        answers[answer.answers_id].append(answer)
    involved = bool(first) and _is_involved(user, first[0].commitment, today)
    return [
        Thread(
            remark(one, user),
            tuple(remark(answer, user) for answer in answers[one.pk]),
            involved or one.author_id == user.pk,
        )
        for one in first
    ]


def remark(comment: Comment, user: User) -> Remark:
    """A comment for one reader."""
    return Remark(comment, as_html(comment.text), comment.author_id == user.pk)


def shown(found: Iterable[Thread]) -> list[int]:
    """The keys of all comments of some threads."""
    return [one.comment.pk for thread in found for one in (thread.first, *thread.answers)]
