"""How the register is narrowed down; every choice stands in the address."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict

from organisations import queries
from organisations.kinds import Kind, Side
from organisations.models import Organisation
from organisations.models.organisation import OrganisationQuerySet
from organisations.templatetags.register import region_name

OPEN, CLOSED, ALL = "open", "closed", "all"
STATES = ((OPEN, "Open today"), (CLOSED, "Closed"), (ALL, "Open and closed"))


class FilterForm(forms.Form):
    """A filter never has to be filled in, so no label says "(optional)"."""

    mark_optional = False


class RegionField(django_filters.fields.ModelChoiceField):
    """Regions without the words in brackets after their names."""

    def label_from_instance(self, obj: Organisation) -> str:
        return region_name(obj)


class RegionFilter(django_filters.ModelChoiceFilter):
    """The filter of a RegionField."""

    field_class = RegionField


class OrganisationFilter(django_filters.FilterSet):
    """Words, kind, side, system, region, and open or closed; only open bodies unless told."""

    q = django_filters.CharFilter(method="by_words", label="Name or code")
    kind = django_filters.ChoiceFilter(choices=Kind.choices, label="Kind", empty_label="Any kind")
    side = django_filters.ChoiceFilter(choices=Side.choices, label="Side", empty_label="Any side")
    system = django_filters.ModelChoiceFilter(
        queryset=lambda request: _choices(Kind.ICB),
        method="by_system",
        to_field_name="code",
        label="System",
        empty_label="Any system",
    )
    region = RegionFilter(
        queryset=lambda request: _choices(Kind.NHS_REGION),
        method="by_region",
        to_field_name="code",
        label="Region",
        empty_label="Any region",
    )
    state = django_filters.ChoiceFilter(
        choices=STATES, method="by_state", label="Open or closed", empty_label=None
    )

    class Meta:
        model = Organisation
        form = FilterForm
        fields = ("q", "kind", "side", "system", "region", "state")

    def __init__(self, data: QueryDict, queryset: OrganisationQuerySet, *, today: date) -> None:
        """`data` is the address's query; without a state it means the bodies that are open."""
        asked = data.copy()
        if asked.get("state") not in dict(STATES):
            asked["state"] = OPEN
        super().__init__(asked, queryset)
        self.today = today
        self.form.fields["q"].widget.input_type = "search"
        for name in ("system", "region"):
            field = self.form.fields[name]
            field.queryset = field.queryset.open_on(today)

    def by_words(self, bodies: Any, name: str, value: str) -> Any:
        """By name, other name or code, misspelt or not."""
        return queries.search(bodies, value)

    def by_system(self, bodies: Any, name: str, value: Organisation) -> Any:
        """By the board whose system they are in."""
        return queries.in_system(bodies, value, self.today)

    def by_region(self, bodies: Any, name: str, value: Organisation) -> Any:
        """By region."""
        return queries.in_region(bodies, value, self.today)

    def by_state(self, bodies: Any, name: str, value: str) -> Any:
        """Open today, closed, or both."""
        if value == ALL:
            return bodies
        return bodies.closed_by(self.today) if value == CLOSED else bodies.open_on(self.today)

    def chips(self) -> list[tuple[str, str]]:
        """What is chosen, in words, each with the address without it."""
        chosen = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if not value or (name == "state" and value == OPEN):
                continue
            without = self.data.copy()
            without.pop(name)
            without.pop("page", None)
            if name != "state" and without["state"] == OPEN:
                without.pop("state")
            chosen.append((_words(name, field, value), f"?{without.urlencode()}"))
        return chosen

    def address(self) -> str:
        """The query that asks for the same, with nothing empty in it."""
        kept = self.data.copy()
        for name, value in self.data.items():
            if not value or (name, value) == ("state", OPEN):
                kept.pop(name)
        return kept.urlencode()


def _words(name: str, field: Any, value: Any) -> str:
    if isinstance(value, Organisation):
        return str(field.label_from_instance(value))
    return f"“{value}”" if name == "q" else str(dict(field.choices).get(value, value))


def _choices(kind: str) -> OrganisationQuerySet:
    return Organisation.objects.filter(kind=kind).only("code", "name", "opened", "closed")
