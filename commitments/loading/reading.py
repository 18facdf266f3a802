"""What a row of a published plan means, in the drafts that the actions take.

Nothing is guessed: a body is tied to the register by its code or an exact name, everything else
stays as text. Figures keep their range, qualifier and unit; dates their words.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.dates import FuzzyDate, parse_fuzzy_date
from commitments.figures import direction_for, parse_figure, split_unit
from commitments.loading.files import Row
from commitments.models import Milestone, Note, Party, Theme
from commitments.register.actions import (
    CommitmentDraft,
    MeasureDraft,
    MilestoneDraft,
    NoteDraft,
    PartyDraft,
)
from organisations.matching import OrganisationMatcher, side_of_class
from organisations.models import Organisation

# Headings that say in so many words which of the three they are. Others wait for a person.
THEMES = {
    "train": Theme.TRAIN,
    "retain": Theme.RETAIN,
    "reform": Theme.REFORM,
    "attract and retain": Theme.RETAIN,
}
STATES = {
    "complete": Milestone.State.COMPLETE,
    "in progress": Milestone.State.IN_PROGRESS,
    "not started": Milestone.State.NOT_STARTED,
    "cancelled": Milestone.State.CANCELLED,
}


class UnknownCode(Exception):
    """A code that the register of organisations does not have."""


def plan_values(row: Row, matcher: OrganisationMatcher) -> dict[str, Any]:
    """A plan's own values, from any of its rows. The first publisher, when it is a body of the
    register, keeps the plan."""
    first = row["publisher"].split(";")[0].strip()
    return {
        "title": row["plan_title"],
        "publisher": row["publisher"],
        "published": parse_fuzzy_date(row["published_date"]),
        "owner": matcher.match(first).organisation if first else None,
        "visibility": "public",
    }


def commitment_draft(
    row: Row, milestones: Iterable[Row], matcher: OrganisationMatcher
) -> CommitmentDraft:
    """A commitment with everything its row says. Raises UnknownCode."""
    measure = _measure(row)
    return CommitmentDraft(
        row["reference"],
        {
            "title": row["title"],
            "description": row["description"],
            "target": parse_fuzzy_date(row["target_date"]),
            "staff_groups": _listed(row["staff_group"]),
            "source": row["source"],
            "plan_reference": row["plan_reference"],
            "lead_basis": row["lead_basis"],
            "confidence": row["confidence"],
        },
        pillar=row["pillar"],
        theme=THEMES.get(row["pillar"].casefold()),
        parties=[*_leads(row, matcher), *_partners(row, matcher)],
        measures=[measure] if measure else [],
        milestones=[milestone_draft(step) for step in milestones],
    )


def milestone_draft(row: Row) -> MilestoneDraft:
    """A milestone of the milestones file, with the words of its source for when it was due."""
    return MilestoneDraft(
        title=row["title"],
        baseline=parse_fuzzy_date(row["baseline_text"] or row["baseline_date"]),
        actual_on=date.fromisoformat(row["actual_date"]) if row["actual_date"] else None,
        state=STATES[row["status"]],
        source=row["source"],
    )


def note_draft(row: Row) -> NoteDraft:
    """A reported result or a fact of the source, in its words."""
    heading = f"Heading: {row['pillar']}" if row["pillar"] else ""
    groups = f"Staff group: {row['staff_group']}" if row["staff_group"] else ""
    bodies = ", with ".join(part for part in (row["lead_org"], row["partner_orgs"]) if part)
    about = [row["description"], f"From: {bodies}" if bodies else "", heading, groups]
    return NoteDraft(
        reference=row["reference"],
        kind=Note.Kind(row["row_type"]),
        title=row["title"],
        description=". ".join(part.rstrip(".") for part in about if part) + ".",
        value_text=f"{row['target_value']} {row['target_unit']}".strip(),
        baseline_text=_baseline_text(row),
        when_text=row["target_date"],
        source=row["source"],
    )


def reported_figure(row: Row) -> tuple[Decimal, FuzzyDate, str] | None:
    """A progress row as (value, period, note), when it is one number for a known period."""
    figure, period = parse_figure(row["target_value"]), parse_fuzzy_date(row["target_date"])
    if figure.low is None or figure.high is not None or not period.is_dated:
        return None
    before = f"Before: {_baseline_text(row)}." if row["baseline_value"] else ""
    words = [f"{row['reference']}, {row['title']}: {row['description'].rstrip('.')}.", before]
    return figure.low, period, " ".join(filter(None, words))


def unit_of(row: Row) -> str:
    """A row's unit without what was said of its number: "places per year (minimum)"."""
    return split_unit(row["target_unit"])[0]


def _measure(row: Row) -> MeasureDraft | None:
    """The number a commitment is judged by, where its row has one.

    It is named after what the title counts: "Medical school places – doubled" counts medical school
    places.
    """
    if not row["target_value"] and not row["baseline_value"]:
        return None
    unit, said = split_unit(row["target_unit"])
    target, baseline = parse_figure(row["target_value"]), parse_figure(row["baseline_value"])
    qualifier = said or target.qualifier
    return MeasureDraft(
        name=re.split(r"\s+[–—-]\s+", row["title"])[0],
        unit=unit,
        direction=direction_for(qualifier, baseline.low, target.low, target.high, unit=unit),
        qualifier=qualifier,
        baseline_value=baseline.low,
        baseline=parse_fuzzy_date(row["baseline_date"]),
        target_low=target.low,
        target_high=target.top,
        target_text=f"{row['target_value']} {row['target_unit']}".strip(),
    )


def _leads(row: Row, matcher: OrganisationMatcher) -> list[PartyDraft]:
    names, codes = _listed(row["lead_org"]), _listed(row["lead_org_code"])
    if not codes:
        return [_party(Party.Role.LEAD, name, matcher) for name in names]
    if len(names) != len(codes):
        raise UnknownCode(f"{len(names)} leads and {len(codes)} codes. Give one code a lead.")
    return [
        PartyDraft(Party.Role.LEAD, name, _body(code, matcher))
        for name, code in zip(names, codes, strict=True)
    ]


def _partners(row: Row, matcher: OrganisationMatcher) -> list[PartyDraft]:
    return [_party(Party.Role.PARTNER, name, matcher) for name in _listed(row["partner_orgs"])]


def _party(role: str, name: str, matcher: OrganisationMatcher) -> PartyDraft:
    found = matcher.match(name).organisation
    return PartyDraft(role, name, found, "" if found else side_of_class(name))


def _body(code: str, matcher: OrganisationMatcher) -> Organisation:
    found = matcher.match(code).organisation
    if found is None or found.code.upper() != code.upper():
        raise UnknownCode(
            f'No organisation has the code "{code}". Load the register first, or correct the code.'
        )
    return found


def _baseline_text(row: Row) -> str:
    if not row["baseline_value"]:
        return ""
    when = f" ({row['baseline_date']})" if row["baseline_date"] else ""
    return f"{row['baseline_value']} {row['target_unit']}".strip() + when


def _listed(text: str) -> list[str]:
    """Semicolons divide; a name may hold commas ("Ministry of Housing, Communities …")."""
    return [part.strip() for part in text.split(";") if part.strip()]
