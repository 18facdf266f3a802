"""How the register's pages name bodies and their parts. `{% load register %}`"""

from collections.abc import Iterable
from decimal import Decimal

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from organisations.kinds import Kind, side_of
from organisations.models import Organisation

register = template.Library()

# Labels that are the name of the one body of their kind.
PHRASES = {
    Kind.CITY_CORPORATION: "A council",
    Kind.SUI_GENERIS: "A council",
    Kind.NHS_REGION: "A region of NHS England",
    Kind.UNITARY: "A unitary council",
}


@register.filter
def brief(body: Organisation) -> str:
    """The usual short name of a body, else its name."""
    return body.short_name or body.name


@register.filter
def region_name(region: Organisation) -> str:
    """A region without the words in brackets after it: "East of England"."""
    return region.name.partition(" (")[0]


@register.filter
def kind_phrase(body: Organisation) -> str:
    """What a body is, to begin a sentence: "An integrated care board", "An NHS trust"."""
    kind = Kind(body.kind)
    if kind in PHRASES:
        return PHRASES[kind]
    label = kind.label if kind.label.startswith(("NHS", "London")) else kind.label.lower()
    label = label.replace("nhs", "NHS")
    return f"{'An' if label[0] in 'aeioN' else 'A'} {label}"


@register.filter
def side_name(body: Organisation) -> str:
    """The side a body belongs to, in words."""
    return str(side_of(body.kind).label)


@register.filter
def per_cent(share: Decimal | float) -> str:
    """A share of 1 as whole per cent; what rounds to nothing or to all says so."""
    number = round(share * 100)
    if number == 0:
        return "under 1%"
    return "over 99%" if number == 100 and share < 1 else f"{number}%"


@register.simple_tag
def linked(
    bodies: Iterable[Organisation],
    parts: Iterable[Organisation] = (),
    here: Organisation | None = None,
) -> SafeString:
    """Bodies as links in a sentence: "A, B and part of C". Names that have commas themselves are
    kept apart with semicolons; the body whose page this is (`here`) is not a link."""
    names = [brief(body) for body in (*bodies, *parts)]
    items = [link(body, here) for body in bodies]
    items += [format_html("part of {}", link(body, here)) for body in parts]
    if len(items) < 2:
        return mark_safe("".join(items))
    separator = "; " if any("," in name for name in names) and len(items) > 2 else ", "
    return mark_safe(f"{separator.join(items[:-1])} and {items[-1]}")


@register.simple_tag
def link(body: Organisation, here: Organisation | None = None) -> SafeString:
    """One body as a link with its usual short name, or only the name on its own page."""
    if here is not None and body.pk == here.pk:
        return conditional_escape(brief(body))
    return format_html(
        '<a class="nhsuk-link--no-visited-state" href="{}">{}</a>',
        body.get_absolute_url(),
        brief(body),
    )
