"""Many owed updates on one page. Every row is saved or refused on its own, with the same checks as
on a page of its own."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from commitments.models import Commitment, ProgressUpdate
from commitments.owed import due_updates, owed_updates
from commitments.progress.actions import Reported, ReportProblems, report
from commitments.progress.forms import NOT_BOXES, RowForm
from commitments.progress.queries import reporting_roles
from commitments.ratings import with_ratings
from organisations.models import Organisation, User
from workforce_tracker import clock
from workforce_tracker.templatetags import words

PER_PAGE = 25
PAGE = "commitments/progress/table.html"


@dataclass
class Row:
    """A commitment with its boxes; `told` is what came of it."""

    commitment: Commitment
    form: RowForm
    last: ProgressUpdate | None
    done: Reported | None = None

    @property
    def is_touched(self) -> bool:
        return any(name not in NOT_BOXES for name in self.form.changed_data)

    @property
    def is_refused(self) -> bool:
        return self.form.is_bound and self.is_touched and bool(self.form.errors)


def progress_table(request: HttpRequest) -> HttpResponse:
    """The updates that the acting organisation owes; on POST each row that was touched is saved."""
    today, user = clock.today(), request.user
    assert isinstance(user, User)  # every page needs a sign-in
    organisation = _organisation(request, user, today)
    owed = owed_updates(user, [organisation.pk], today)
    if request.method == "POST":
        rows = _rows(_sent(request.POST, user, organisation, today), organisation, request.POST)
        for row in rows:
            _save(row, user, organisation, today)
        _tell(request, rows)
        # A row that went through makes room; one that was not touched is owed as before.
        rows = [row for row in rows if row.is_refused]
        if rows:
            return render(request, PAGE, {"rows": rows, "organisation": organisation})
    page = Paginator(owed, PER_PAGE).get_page(request.GET.get("page"))
    keys = [commitment.pk for commitment in page.object_list]
    rows = _rows(_rated(keys, today), organisation, None, keys)
    return render(request, PAGE, {"rows": rows, "page": page, "organisation": organisation})


def _organisation(request: HttpRequest, user: User, today: date) -> Organisation:
    """In whose name the page is: the acting organisation, else the first in which one reports."""
    held = reporting_roles(user, getattr(request, "acting", None), today)
    if not held:
        raise PermissionDenied
    return held[0].organisation


def _sent(
    data: QueryDict, user: User, organisation: Organisation, today: date
) -> QuerySet[Commitment]:
    """The commitments whose rows were sent, out of those that are due from the organisation."""
    keys = [int(key) for key in data.getlist("rows") if key.isdecimal() and len(key) < 16]
    due = due_updates(user, [organisation.pk], today).filter(pk__in=keys[:PER_PAGE])
    return _rated([row.pk for row in due], today)


def _rated(keys: list[int], today: date) -> QuerySet[Commitment]:
    return with_ratings(Commitment.objects.filter(pk__in=keys), today).order_by("reference", "pk")


def _rows(
    commitments: QuerySet[Commitment],
    organisation: Organisation,
    data: QueryDict | None,
    order: list[int] | None = None,
) -> list[Row]:
    """The rows with their next milestone and last update at hand. Two queries."""
    found = list(commitments)
    if order is not None:
        found.sort(key=lambda commitment: order.index(commitment.pk))
    own = ProgressUpdate.objects.filter(organisation=organisation, commitment__in=found)
    last = {row.commitment_id: row for row in own.order_by("submitted_at", "pk")}
    standing = {row.commitment_id: row for row in own.standing().order_by("submitted_at", "pk")}
    return [
        Row(commitment, _form(commitment, last, standing, data), last.get(commitment.pk))
        for commitment in found
    ]


def _form(
    commitment: Commitment,
    last: dict[int, ProgressUpdate],
    standing: dict[int, ProgressUpdate],
    data: QueryDict | None,
) -> RowForm:
    following, prefix = commitment.standing.next_milestone, f"c{commitment.pk}"
    # A step that a colleague completed meanwhile had boxes on the page that was sent; the one that
    # is next now had none.
    if following and data is not None and f"{prefix}-m{following.pk}_version" not in data:
        following = None
    before = last.get(commitment.pk)
    return RowForm(
        data,
        title=commitment.title,
        milestones=[following] if following else [],
        standing=standing.get(commitment.pk),
        prefix=prefix,
        initial={"seen": before.pk if before else 0},
    )


def _save(row: Row, user: User, organisation: Organisation, today: date) -> None:
    """Save a row in which something was said or moved; what is refused stays on its form."""
    form = row.form
    if not row.is_touched or not form.is_valid():
        return
    try:
        row.done = report(
            by=user,
            commitment=row.commitment,
            organisation=organisation,
            milestones=form.milestone_reports(),
            is_unchanged=form.says_unchanged,
            seen=form.cleaned_data["seen"],
            draft=0,
            figures=(),
            today=today,
            **form.said,
        )
    except ReportProblems as problems:
        form.add_problems(problems)
        form.put("seen", row.last.pk if row.last else 0)


def _tell(request: HttpRequest, rows: list[Row]) -> None:
    saved = [row.commitment.reference for row in rows if row.done]
    refused = sum(row.is_refused for row in rows)
    if saved:
        messages.success(request, f"{words.plural(len(saved), 'update')} sent: {', '.join(saved)}.")
    if refused:
        rest = words.plural(refused, "row is,rows are")
        messages.error(request, f"{rest} not sent yet: what is missing stands beside each.")
    if not saved and not refused:
        messages.info(request, "Nothing was filled in, so nothing was sent.")
