"""The list of commitments: one page of rows, in order, at the same cost however many there are.

Up to LIMIT commitments are known exactly and can be put in any order. Beyond that the list says
"more than", keeps to the orders that an index gives, and pages without knowing its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Prefetch, Value, When

from commitments.answering import Answer, answers
from commitments.dates import FuzzyDate
from commitments.models import Commitment, Party, Rating
from commitments.models.commitment import CommitmentQuerySet
from commitments.ratings import evidence_rating, with_ratings
from commitments.reasons import due
from commitments.register.facets import LIMIT

PER_PAGE = 50
MOST_PARTNERS = 2

LIKELIEST, REFERENCE, LATE, TARGET, TITLE, RATING = (
    "likeliest",
    "reference",
    "late",
    "target",
    "title",
    "rating",
)
SORTS = {
    LIKELIEST: "likeliest first",
    REFERENCE: "reference",
    LATE: "what is late first",
    TARGET: "promised date",
    TITLE: "title",
    RATING: "worst evidence first",
}
# Orders that an index gives; the others are for lists that are known to be short.
INDEXED = (REFERENCE, LATE, TARGET)
WORST_FIRST = (Rating.RED, Rating.AMBER, Rating.GREEN, Rating.NO_EVIDENCE, Rating.COMPLETE)


@dataclass(frozen=True)
class Row:
    """A commitment as the list shows it. It has its ratings, plan, pillar and standing at hand."""

    commitment: Commitment
    leads: tuple[Answer, ...]
    partners: tuple[Party, ...]

    @property
    def with_whom(self) -> str:
        """The first partners and how many more there are."""
        names = [str(party) for party in self.partners]
        shown = ", ".join(names[:MOST_PARTNERS])
        more = len(names) - MOST_PARTNERS
        return f"{shown} and {more} more" if more > 0 else shown

    @property
    def differs(self) -> bool:
        """Whether the two ratings disagree. Without evidence there is nothing to disagree with."""
        declared = self.commitment.standing.declared_rating
        shown = self.commitment.evidence_rating  # type: ignore[attr-defined]
        return bool(declared) and shown not in (declared, Rating.NO_EVIDENCE)

    @property
    def why(self) -> str:
        """The reason that was given for the difference."""
        latest = self.commitment.standing.latest_update
        return latest.difference_reason if latest else ""

    @property
    def next_due(self) -> FuzzyDate | None:
        """When the next milestone is expected."""
        milestone = self.commitment.standing.next_milestone
        return due(milestone) if milestone else None


@dataclass(frozen=True)
class Listing:
    """One page of the list. `keys` are all that were found, where there are at most LIMIT."""

    rows: list[Row]
    keys: list[int]
    is_long: bool
    number: int
    sort: str
    sort_refused: bool
    has_next: bool
    page: Page | None

    @property
    def first(self) -> int:
        return (self.number - 1) * PER_PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def listing(
    commitments: CommitmentQuerySet,
    sort: str,
    page: str | None,
    today: date,
    likeliest: Sequence = (),
) -> Listing:
    """A page of commitments that the person may see. `likeliest` is the order of a search, which is
    the usual one where there is one. Five queries."""
    keys = list(commitments.order_by().values_list("pk", flat=True)[: LIMIT + 1])
    is_long = len(keys) > LIMIT
    wanted = sort if sort in SORTS else (LIKELIEST if likeliest else REFERENCE)
    if wanted == LIKELIEST and not likeliest:
        wanted = REFERENCE
    used = wanted if not is_long or wanted in INDEXED else REFERENCE
    source = commitments if is_long else Commitment.objects.filter(pk__in=keys)
    ordered = _in_order(source, used, today, likeliest).values_list("pk", flat=True)
    if is_long:
        shown, number = None, _whole_number(page)
        here = list(ordered[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
        has_next = len(here) > PER_PAGE
        here = here[:PER_PAGE]
    else:
        paginator = Paginator(ordered, PER_PAGE)
        paginator.count = len(keys)
        shown = paginator.get_page(page)
        number, here, has_next = shown.number, list(shown.object_list), shown.has_next()
    return Listing(
        rows=rows(here, today),
        keys=[] if is_long else keys,
        is_long=is_long,
        number=number,
        sort=used,
        sort_refused=used != sort and sort in SORTS and is_long,
        has_next=has_next,
        page=shown,
    )


def rows(keys: Iterable[int], today: date) -> list[Row]:
    """Commitments with all that a row of the list needs, in the order of their keys. Three
    queries, however many there are."""
    keys = list(keys)
    parties = Party.objects.select_related("organisation", "assigned_to").defer(
        *(
            f"{body}__{text}"
            for body in ("organisation", "assigned_to")
            for text in ("source", "notes")
        )
    )
    found = (
        with_ratings(Commitment.objects.filter(pk__in=keys), today)
        .select_related("standing__latest_update")
        .defer("description", "search", "source")
        .prefetch_related(Prefetch("parties", parties))
    )
    by_key = found.in_bulk(keys)
    commitments = [by_key[key] for key in keys if key in by_key]
    leads = [
        party
        for commitment in commitments
        for party in commitment.parties.all()
        if party.role == Party.Role.LEAD
    ]
    answering = {answer.party.pk: answer for answer in answers(leads, today)}
    return [_row(commitment, answering) for commitment in commitments]


def _row(commitment: Commitment, answering: dict[int, Answer]) -> Row:
    parties = list(commitment.parties.all())
    return Row(
        commitment,
        tuple(answering[party.pk] for party in parties if party.pk in answering),
        tuple(party for party in parties if party.role == Party.Role.PARTNER),
    )


def _in_order(
    commitments: CommitmentQuerySet, sort: str, today: date, likeliest: Sequence
) -> CommitmentQuerySet:
    """Commitments in one of the SORTS, with a last word so that pages never overlap."""
    if sort == LIKELIEST:
        return commitments.order_by(*likeliest)
    if sort == LATE:
        # Naming the standing makes it an inner join, whose index gives the order.
        return commitments.filter(standing__isnull=False).order_by(
            F("standing__earliest_due").asc(nulls_last=True), "standing__commitment"
        )
    if sort == TARGET:
        return commitments.order_by(F("target_date").asc(nulls_last=True), "pk")
    if sort == TITLE:
        return commitments.order_by("title", "pk")
    if sort == RATING:
        places = [When(shown=r, then=Value(place)) for place, r in enumerate(WORST_FIRST)]
        shown = commitments.alias(shown=evidence_rating(today))
        return shown.order_by(Case(*places), "reference", "pk")
    return commitments.order_by("reference", "pk")


def _whole_number(page: str | None) -> int:
    return int(page) if page and page.isascii() and page.isdigit() and 0 < int(page) < 10**6 else 1
