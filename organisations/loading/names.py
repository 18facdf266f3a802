"""What follows from a row by tables of our own: the finer kind, and the names it goes by."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from organisations.kinds import COUNCIL_KINDS, Kind
from organisations.models import Alias

if TYPE_CHECKING:
    from organisations.loading.files import Row

KIND_OF_SOURCE = {
    "nhs region": Kind.NHS_REGION,
    "foundation trust": Kind.FOUNDATION_TRUST,
    "council (county)": Kind.COUNTY,
    "council (unitary)": Kind.UNITARY,
    "council (metropolitan district)": Kind.METROPOLITAN,
    "council (non-metropolitan district)": Kind.DISTRICT,
    "council (london borough)": Kind.LONDON_BOROUGH,
    "council (city of london corporation)": Kind.CITY_CORPORATION,
    "council (sui generis unitary)": Kind.SUI_GENERIS,
    "national body (ministerial department)": Kind.DEPARTMENT,
}
# A file may also name our own kinds, as the pages show them.
KIND_OF_SOURCE |= {kind.label.lower(): kind for kind in Kind}

# Side and reach follow from the kind, so "arm's-length body" and "representative body" are divided
# by the side that each body is on or speaks for.
FINER_KINDS = {
    "NAT-NHSE": Kind.NHS_NATIONAL,
    "NAT-NHSI": Kind.NHS_NATIONAL,
    "NAT-MONITOR": Kind.NHS_NATIONAL,
    "NAT-TDA": Kind.NHS_NATIONAL,
    "NAT-NHSD": Kind.NHS_NATIONAL,
    "NAT-HEE": Kind.NHS_NATIONAL,
    "NAT-NHSCONF": Kind.NHS_REPRESENTATIVE,
    "NAT-NHSP": Kind.NHS_REPRESENTATIVE,
    "NAT-NHSEMP": Kind.NHS_REPRESENTATIVE,
    "NAT-LGA": Kind.COUNCIL_REPRESENTATIVE,
    "NAT-WLGA": Kind.COUNCIL_SOCIETY,
    "NAT-ADASS": Kind.COUNCIL_SOCIETY,
    "NAT-ADSS": Kind.COUNCIL_SOCIETY,
    "NAT-ADCS": Kind.COUNCIL_SOCIETY,
    "NAT-SOLACE": Kind.COUNCIL_SOCIETY,
    "NAT-PPMA": Kind.COUNCIL_SOCIETY,
}
INITIALS = {
    "NAT-DHSC": "DHSC",
    "NAT-MHCLG": "MHCLG",
    "NAT-DLUHC": "DLUHC",
    "NAT-DFE": "DfE",
    "NAT-DWP": "DWP",
    "NAT-NHSE": "NHSE",
    "NAT-NHSI": "NHSI",
    "NAT-TDA": "NHS TDA",
    "NAT-HEE": "HEE",
    "NAT-CQC": "CQC",
    "NAT-LGA": "LGA",
    "NAT-WLGA": "WLGA",
    "NAT-TOPSS": "TOPSS England",
    "NAT-ADASS": "ADASS",
    "NAT-ADSS": "ADSS",
    "NAT-ADCS": "ADCS",
    "NAT-BASW": "BASW",
    "NAT-RCOT": "RCOT",
}

IN_BRACKETS = re.compile(r"(?P<name>.+) \((?P<inside>[^()]+)\)")
ORDERED = re.compile(r"(?P<name>.+), (?:City|County) of", re.IGNORECASE)
FORMERLY = re.compile(r"\bformerly: (?P<name>[^;]+)(?P<rest>(?:; [^;]+ \(to \d{4}-\d\d-\d\d\))*)")
UNTIL = re.compile(r"(?P<name>.+) \(to (?P<day>\d{4}-\d\d-\d\d)\)")
RENAMED = re.compile(r"\bRenamed from (?P<name>.+?) in (?P<when>\w+ \d{4}.*)")
OTHER_CODES = (
    (re.compile(r"^ODS (?P<code>\w+) \((?P<note>[^)]+)\)"), "ODS, {note}"),
    (re.compile(r"^(?P<note>ONS-GSS .+): (?P<code>\w+)$"), "{note}"),
    (re.compile(r"^local-authority-eng:(?P<code>\w+)$"), "register of local authorities"),
)

AliasParts = tuple[str, Alias.Kind, str]


def kind_of(code: str, source_kind: str) -> Kind | None:
    """The kind of a body, from its code where we divide more finely than the source; None when the
    source's word is not known."""
    return FINER_KINDS.get(code.upper()) or KIND_OF_SOURCE.get(source_kind.lower())


def short_name_of(row: "Row") -> str:
    """The name for narrow places: "NHS West Yorkshire ICB", "DHSC". Empty where there is no usual
    one; what a council is called for short is a place, so it is only another name."""
    if row.kind == Kind.ICB:
        return row.name.replace("Integrated Care Board", "ICB")
    if row.kind == Kind.NHS_REGION:
        return f"NHS England {_without_brackets(row.name)}"
    return INITIALS.get(row.code.upper(), "")


def aliases_of(row: "Row") -> list[AliasParts]:
    """Every other name and code of a body: (name, kind, note), each name once, never its own."""
    found: dict[str, AliasParts] = {}
    for name, kind, note in _all_names(row):
        if name and name.lower() not in (row.name.lower(), row.code.lower()):
            found.setdefault(name.lower(), (name, kind, note))
    return list(found.values())


def _all_names(row: "Row") -> Iterator[AliasParts]:
    short = short_name_of(row)
    yield short, Alias.Kind.SHORT, ""
    if row.kind == Kind.ICB:
        yield row.name.removeprefix("NHS "), Alias.Kind.SHORT, ""
        yield short.removeprefix("NHS "), Alias.Kind.SHORT, ""
    if row.kind in COUNCIL_KINDS:
        yield row.source_name, Alias.Kind.SHORT, ""
        if ordered := ORDERED.fullmatch(row.source_name):
            yield ordered["name"], Alias.Kind.SHORT, ""
    elif row.kind != Kind.NHS_REGION and (written := IN_BRACKETS.fullmatch(row.name)):
        yield written["name"], Alias.Kind.OFFICIAL, ""
        yield written["inside"], Alias.Kind.SHORT, ""
    yield from _former_names(row.notes)
    yield row.ons_code, Alias.Kind.CODE, "ONS"
    for pattern, note in OTHER_CODES:
        if coded := pattern.search(row.other_codes):
            yield coded["code"], Alias.Kind.CODE, note.format(**coded.groupdict())


def _former_names(notes: str) -> Iterator[AliasParts]:
    """ "formerly: A (to 2026-06-30); B" and "Renamed from C in January 2018" in the notes."""
    if found := FORMERLY.search(notes):
        for part in [found["name"], *found["rest"].split("; ")]:
            until = UNTIL.fullmatch(part)
            day = date.fromisoformat(until["day"]) if until else None
            note = f"until {day.day} {day:%B %Y}" if day else ""
            yield (until["name"] if until else part).strip(), Alias.Kind.FORMER, note
    if renamed := RENAMED.search(notes):
        yield renamed["name"], Alias.Kind.FORMER, f"until {renamed['when']}"


def _without_brackets(name: str) -> str:
    written = IN_BRACKETS.fullmatch(name)
    return written["name"] if written else name
