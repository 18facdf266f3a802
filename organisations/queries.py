"""Reads of the register: found by words, and with the place of each body at hand."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import Case, F, Func, OuterRef, Prefetch, Q, Subquery, TextField, Value, When

from organisations.kinds import COUNCIL_KINDS, TRUST_KINDS, Kind
from organisations.matching import OrganisationMatcher, plain
from organisations.models import Alias, Area, Organisation, Succession
from organisations.models.organisation import OrganisationQuerySet

# Share of letter triples from which a word counts as misspelt and not as another word.
TYPO = 0.5
# Shorter words have too few triples to tell a slip from a different word; codes are exact.
SHORTEST_TYPO = 4
MOST_WORDS = 10
EMPTY_WORDS = {"and", "of", "the", "for"}


class Plain(Func):
    """`organisations.matching.plain` in SQL, over several texts: small letters and figures, one
    blank between words and one in front."""

    template = (
        "regexp_replace(regexp_replace(lower(unaccent(concat_ws(' ', '', %(expressions)s))),"
        " '[''`]', '', 'g'), '[^a-z0-9]+', ' ', 'g')"
    )
    output_field = TextField()


def search(bodies: OrganisationQuerySet, words: str) -> OrganisationQuerySet:
    """Bodies that have every word in a name, another name or a code, misspelt or only begun; the
    likeliest first. Words without letters or figures find nothing."""
    asked = plain(words)
    wanted = [word for word in asked.split() if word not in EMPTY_WORDS] or asked.split()
    if not wanted:
        return bodies.none()
    others = (
        Alias.objects.filter(organisation=OuterRef("pk"))
        .order_by()
        .values("organisation")
        .annotate(names=StringAgg("name", delimiter=" "))
        .values("names")
    )
    found = bodies.alias(text=Plain("code", "name", Subquery(others)))
    for word in wanted[:MOST_WORDS]:
        condition = Q(text__contains=f" {word}")
        if len(word) >= SHORTEST_TYPO and word.isalpha():
            similar = {f"like_{word}": TrigramWordSimilarity(word, F("text"))}
            found = found.alias(**similar)
            condition |= Q(**{f"like_{word}__gte": TYPO})
        found = found.filter(condition)
    is_code = Case(When(code__iexact=words.strip(), then=Value(0)), default=Value(1))
    return found.order_by(
        is_code,
        TrigramWordSimilarity(asked, Plain("name")).desc(),
        TrigramSimilarity(Plain("name"), asked).desc(),
        TrigramWordSimilarity(asked, F("text")).desc(),
        "name",
    )


def closest(words: str) -> list[Organisation]:
    """Whom words may mean that are no body's name: by initials, short forms and misspellings, the
    best first. Two queries."""
    match = OrganisationMatcher.load().match(words)
    return [match.organisation] if match.organisation else match.candidates


def in_system(
    bodies: OrganisationQuerySet, board: Organisation, today: date
) -> OrganisationQuerySet:
    """The members of a board's system, also those that still stand under a board it took over."""
    boards = Succession.objects.predecessors_of([board.pk], today)
    return bodies.in_systems(boards, today)


def in_region(
    bodies: OrganisationQuerySet, region: Organisation, today: date
) -> OrganisationQuerySet:
    """The region, its boards, and the members of their systems."""
    boards = Organisation.objects.filter(parent=region, kind=Kind.ICB).values_list("pk", flat=True)
    return bodies.in_systems([region.pk, *boards], today)


def with_place(bodies: OrganisationQuerySet, today: date) -> OrganisationQuerySet:
    """Bodies with what `place_of` reads, in two queries however many there are."""
    overlaps = Area.objects.in_force(today).select_related("board__parent").order_by("-share")
    return bodies.select_related("parent__parent").prefetch_related(
        Prefetch("areas", overlaps, to_attr="overlaps")
    )


@dataclass(frozen=True)
class Member:
    """A body inside another one, or the other one; `share` is the part of a council's area, from 0
    to 1, and empty where areas do not come into it."""

    body: Organisation
    share: Decimal | None = None

    @property
    def is_partial(self) -> bool:
        """Whether only a part of its area is inside."""
        return self.share is not None and self.share < 1


@dataclass(frozen=True)
class Place:
    """Where a body stands: regions, boards of the systems, and the body it belongs to otherwise (a
    county, a department)."""

    regions: tuple[Organisation, ...] = ()
    systems: tuple[Member, ...] = ()
    below: Organisation | None = None


def place_of(body: Organisation) -> Place:
    """The place of a body that came through `with_place`. No query."""
    parent = body.parent
    if parent and parent.kind == Kind.ICB:
        return Place(_present(parent.parent), (Member(parent),))
    if parent and parent.kind == Kind.NHS_REGION:
        return Place(regions=(parent,))
    overlaps: list[Area] = getattr(body, "overlaps", [])
    regions = {area.board.parent_id: area.board.parent for area in overlaps}
    systems = tuple(Member(area.board, area.share) for area in overlaps)
    return Place(_present(*regions.values()), systems, parent)


def _present(*bodies: Organisation | None) -> tuple[Organisation, ...]:
    return tuple(body for body in bodies if body)


def at_home(body: Organisation, today: date) -> dict[int, int]:
    """Which bodies a name written by this one means first, by key: 0 itself, 1 its systems, 2 its
    regions. Queries for the body, and for each system and region it is in."""
    place = place_of(with_place(Organisation.objects.filter(pk=body.pk), today).get())
    boards = [body] if body.kind == Kind.ICB else [member.body for member in place.systems]
    regions = [body] if body.kind == Kind.NHS_REGION else place.regions
    everybody = Organisation.objects.only("pk")
    ranks: dict[int, int] = {}
    for region in regions:
        ranks |= {each.pk: 2 for each in in_region(everybody, region, today)}
    for board in boards:
        ranks |= {each.pk: 1 for each in in_system(everybody, board, today)}
    return ranks | {body.pk: 0}


@dataclass(frozen=True)
class Group:
    """Members of one sort, under a heading."""

    heading: str
    members: list[Member]


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Regions", (Kind.NHS_REGION,)),
    ("Integrated care boards", (Kind.ICB,)),
    ("NHS trusts", TRUST_KINDS),
    ("Training hubs", (Kind.TRAINING_HUB,)),
    ("Councils", tuple(kind for kind in COUNCIL_KINDS if kind != Kind.DISTRICT)),
    ("District councils", (Kind.DISTRICT,)),
)


def members_of(body: Organisation, ids: set[int], day: date) -> list[Group]:
    """What a body consists of on a day: what stands below it, and for a board its councils.

    `ids` are the body and those it took over (`Succession.objects.predecessors_of`). Two queries.
    """
    below = Organisation.objects.filter(parent__in=ids).exclude(pk__in=ids).open_on(day)
    members = [Member(child) for child in below.defer("source", "notes")]
    if body.kind == Kind.ICB:
        areas = Area.objects.in_force(day).filter(board=body).select_related("council")
        members += [Member(area.council, area.share) for area in areas]
    members.sort(key=lambda member: member.body.name)
    grouped = {kind for _, kinds in GROUPS for kind in kinds}
    rest = tuple(kind for kind in Kind.values if kind not in grouped)
    groups = [
        Group(heading, [member for member in members if member.body.kind in kinds])
        for heading, kinds in (*GROUPS, ("Other bodies", rest))
    ]
    return [group for group in groups if group.members]
