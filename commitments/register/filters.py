"""How the list of commitments is narrowed down. Every choice stands in the address.

docs/lists.md has the table of names and values; pages that link to a list rely on it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q
from django.http import QueryDict

from commitments.models import Commitment, Party, ProgressUpdate, Rating, Theme
from commitments.models.commitment import CommitmentQuerySet
from commitments.models.progress import DECLARED_RATINGS
from commitments.ratings import evidence_rating
from commitments.register.search import Found, search
from organisations import queries as register
from organisations.kinds import Kind, Side
from organisations.models import Organisation, Succession
from organisations.models.organisation import OrganisationQuerySet

YES, NO, NONE = "yes", "no", "none"
DIFFERS = "differs"
OVERDUE, MONTH, QUARTER, YEAR, LATER = "overdue", "30", "90", "year", "later"
MOST_SUGGESTIONS = 5

# What the parts of an address mean beside the filters themselves.
NOT_FILTERS = ("page", "sort", "show")


def financial_year(today: date) -> tuple[date, date]:
    """The first and the last day of the financial year that a day is in."""
    ends = today.year + (today.month > 3)
    return date(ends - 1, 4, 1), date(ends, 3, 31)


class FilterForm(forms.Form):
    """A filter never has to be filled in, so no label says "(optional)"."""

    mark_optional = False


class OpenChoiceField(django_filters.fields.ChoiceField):
    """A choice whose options depend on the rows: any text is taken, and one that no row has finds
    nothing."""

    def valid_value(self, value: Any) -> bool:
        return True


class OpenChoiceFilter(django_filters.ChoiceFilter):
    """The filter of an OpenChoiceField."""

    field_class = OpenChoiceField


class OrganisationField(forms.CharField):
    """A body by its code or name. One that could be several is not guessed: the closest are named
    for the person to choose from."""

    def clean(self, value: Any) -> Organisation | None:
        text = super().clean(value)
        if not text:
            return None
        bodies = Organisation.objects.defer("source", "notes")
        named = Q(code__iexact=text) | Q(name__iexact=text) | Q(aliases__name__iexact=text)
        exact = list(bodies.filter(named).distinct().order_by(F("closed").desc(nulls_first=True)))
        if exact:
            by_code = [body for body in exact if body.code.casefold() == text.casefold()]
            return (by_code or exact)[0]
        found = list(register.search(bodies.all(), text)[: MOST_SUGGESTIONS + 1])
        close = register.closest(text)
        # "Leeds CC" begins NHS Leeds CCG, and means the city council.
        if len(found) == 1 and found[0] in (close or found)[:1]:
            return found[0]
        raise ValidationError(_which(text, found, close))


def _which(text: str, found: list[Organisation], close: list[Organisation]) -> str:
    bodies = list(dict.fromkeys([*close, *found])) if len(found) < 2 else found
    names = "; ".join(f"{body} ({body.code})" for body in bodies[:MOST_SUGGESTIONS])
    more = " and others" if len(bodies) > MOST_SUGGESTIONS else ""
    if len(bodies) > 1:
        return f"“{text}” can be several organisations: {names}{more}. Use a whole name or a code."
    closest = f" Closest: {names}." if names else ""
    return (
        f"No organisation is called “{text}”.{closest} Use a name or a code, such as QWO, as the "
        "register of organisations has it."
    )


class OrganisationFilter(django_filters.CharFilter):
    """The filter of an OrganisationField."""

    field_class = OrganisationField


def _choice(label: str, choices: Any, method: str, **options: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=label, choices=choices, method=method, empty_label="Any", **options
    )


def _open(label: str, method: str) -> OpenChoiceFilter:
    return OpenChoiceFilter(label=label, method=method, empty_label="Any", choices=())


class CommitmentFilter(django_filters.FilterSet):
    """The filters of the commitments list.

    Give it commitments that the person may see, the organisations that "mine" stands for, and the
    day. `narrow()` gives what fits; `narrow("plan")` what would fit whatever the plan.
    """

    q = django_filters.CharFilter(label="Words", method="by_nothing")
    organisation = OrganisationFilter(label="Organisation, lead or partner", method="by_body")
    plan = _open("Plan", "by_plan")
    theme = _choice("Theme", Theme.choices, "by_theme")
    rating = _choice("Evidence rating", Rating.choices, "by_rating")
    due = _choice(
        "Promised for",
        (
            (OVERDUE, "Date passed, not complete"),
            (MONTH, "Next 30 days"),
            (QUARTER, "Next 90 days"),
            (YEAR, "This financial year"),
            (LATER, "After this financial year"),
            (NONE, "No date"),
        ),
        "by_due",
    )
    system = _choice("System", (), "by_system")
    mine = _choice("Whose", ((YES, "My organisation’s"),), "by_mine")
    overdue = _choice("Milestones", ((YES, "With a late milestone"),), "by_overdue")
    joint = _choice("Joint or not", ((YES, "Joint"), (NO, "Not joint")), "by_joint")
    joint_state = _choice("Joint answer", ProgressUpdate.JointState.choices, "by_joint_state")
    declared = _choice(
        "Declared rating",
        (*DECLARED_RATINGS, (NONE, "Not reported"), (DIFFERS, "Ratings differ")),
        "by_declared",
    )
    side = _choice("Side", Side.choices, "by_side")
    region = _choice("Region", (), "by_region")
    staff = _open("Staff group", "by_staff")
    heading = _open("Heading in the plan", "by_heading")
    assigned = _choice("Lead", ((YES, "Assigned"), (NO, "Unassigned")), "by_assigned")
    state = _choice("State", Commitment.State.choices, "by_state")

    class Meta:
        model = Commitment
        form = FilterForm
        fields = ()

    def __init__(
        self, data: QueryDict, queryset: CommitmentQuerySet, *, mine: set[int], today: date
    ) -> None:
        super().__init__(data, queryset.alias(evidence=evidence_rating(today)))
        self.today = today
        self.my_bodies = mine
        # Filled in when the choices are, so that a chosen plan is called by its title.
        self.plan_titles: dict[str, str] = {}
        fields = self.form.fields
        fields["q"].widget.input_type = "search"
        for field in fields.values():
            if isinstance(field, forms.ChoiceField):
                field.widget.template_name = "commitments/register/select.html"
        if not mine:
            del fields["mine"]
        for name, bodies in (("system", self.boards), ("region", self.regions)):
            fields[name].choices = [(body.code, body.name) for body in bodies]

    @cached_property
    def places(self) -> list[Organisation]:
        """The boards and regions of today. One query."""
        kinds = (Kind.ICB, Kind.NHS_REGION)
        bodies = Organisation.objects.filter(kind__in=kinds).open_on(self.today)
        return list(bodies.only("pk", "code", "name", "kind", "parent_id").order_by("name"))

    @property
    def boards(self) -> list[Organisation]:
        return [body for body in self.places if body.kind == Kind.ICB]

    @property
    def regions(self) -> list[Organisation]:
        return [body for body in self.places if body.kind == Kind.NHS_REGION]

    @cached_property
    def found(self) -> Found:
        """What the words give, before any other choice."""
        return search(self.queryset, self.form.cleaned_data.get("q", ""))

    def chosen(self) -> dict[str, Any]:
        """The choices made, by name. Empty where the form has a problem."""
        if not self.is_valid():
            return {}
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def narrow(self, without: str = "") -> CommitmentQuerySet:
        """The commitments that fit every choice, but for one that may be left out. Nothing fits
        where the form has a problem."""
        if not self.is_valid():
            return self.queryset.none()
        rows = self.queryset if without == "q" else self.found.commitments
        for name, value in self.chosen().items():
            if name not in ("q", without):
                rows = self.filters[name].filter(rows, value)
        return rows

    def chips(self) -> list[tuple[str, str]]:
        """What is chosen, in words, each with the address without it."""
        chosen = []
        for name, value in self.chosen().items():
            left = self.data.copy()
            left.pop(name, None)
            left.pop("page", None)
            chosen.append((self.words(name, value), f"?{left.urlencode() or 'show=all'}"))
        return chosen

    def words(self, name: str, value: Any) -> str:
        """A choice in words."""
        if name == "q":
            return f"“{value}”"
        options = dict(self.filters[name].extra.get("choices") or ())
        text = str(options.get(value, value))
        if name == "plan":
            text = self.plan_titles.get(value, value)
        if name in ("system", "region"):
            text = next((body.name for body in self.places if body.code == value), text)
        return f"{PREFIXES[name]}{text}" if name in PREFIXES else text

    # --- one method a filter ---------------------------------------------------------------------
    def by_nothing(self, rows: Any, name: str, value: str) -> Any:
        """Words are looked up once, in `found`."""
        return rows

    def by_plan(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(plan__code__iexact=value)

    def by_heading(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(pillar__name__iexact=value)

    def by_theme(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(pillar__theme=value)

    def by_staff(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(staff_groups__contains=[value])

    def by_rating(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(evidence=value)

    def by_declared(self, rows: Any, name: str, value: str) -> Any:
        if value == DIFFERS:
            reported = rows.exclude(standing__declared_rating="")
            compared = reported.exclude(evidence=Rating.NO_EVIDENCE)
            return compared.exclude(standing__declared_rating=F("evidence"))
        return rows.filter(standing__declared_rating="" if value == NONE else value)

    def by_joint(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(standing__is_joint=value == YES)

    def by_joint_state(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(standing__joint_state=value)

    def by_assigned(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(standing__is_assigned=value == YES)

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(state=value)

    def by_overdue(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(standing__earliest_due__lt=self.today)

    def by_due(self, rows: Any, name: str, value: str) -> Any:
        return _DUE[value](rows, self.today)

    def by_side(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(Exists(Party.objects.filter(commitment=OuterRef("pk"), side=value)))

    def by_mine(self, rows: Any, name: str, value: str) -> Any:
        return rows.answered_by(self.my_bodies)

    def by_body(self, rows: Any, name: str, value: Organisation) -> Any:
        return self._answered_by(rows, {value.pk})

    def by_system(self, rows: Any, name: str, value: str) -> Any:
        board = next(body for body in self.boards if body.code == value)
        return self._inside(rows, register.in_system(_bodies(), board, self.today))

    def by_region(self, rows: Any, name: str, value: str) -> Any:
        region = next(body for body in self.regions if body.code == value)
        return self._inside(rows, register.in_region(_bodies(), region, self.today))

    def _inside(self, rows: Any, bodies: OrganisationQuerySet) -> Any:
        return self._answered_by(rows, set(bodies.values_list("pk", flat=True)))

    def _answered_by(self, rows: Any, bodies: set[int]) -> Any:
        return rows.answered_by(Succession.objects.predecessors_of(bodies, self.today))


def _bodies() -> OrganisationQuerySet:
    return Organisation.objects.order_by()


def _within(rows: Any, first: date, last: date) -> Any:
    return rows.filter(target_date__gte=first, target_date__lte=last)


_DUE: dict[str, Callable[[Any, date], Any]] = {
    OVERDUE: lambda rows, today: rows.filter(target_date__lt=today).exclude(
        evidence=Rating.COMPLETE
    ),
    MONTH: lambda rows, today: _within(rows, today, today + timedelta(days=30)),
    QUARTER: lambda rows, today: _within(rows, today, today + timedelta(days=90)),
    YEAR: lambda rows, today: _within(rows, *financial_year(today)),
    LATER: lambda rows, today: rows.filter(target_date__gt=financial_year(today)[1]),
    NONE: lambda rows, today: rows.filter(target_date__isnull=True),
}

# A rating by itself would not say whose.
PREFIXES = {
    "rating": "Evidence: ",
    "declared": "Declared: ",
    "due": "Promised for: ",
    "assigned": "Lead: ",
    "side": "Side: ",
    "staff": "Staff: ",
    "heading": "Heading: ",
}
