"""One row and the commitment it speaks of into a draft, and what a person should confirm about it.

A blank cell leaves a value as it is, so parties and measures are put together here from what stands
and what the row says. What is said in other words but means the same ("31/03/2027" and "31 March
2027", a code and a name) is no change.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from commitments.date_spans import day_in_words
from commitments.dates import FuzzyDate, describe_ambiguity, format_fuzzy
from commitments.figures import Figure, Qualifier, direction_for, split_unit
from commitments.models import Commitment, Measure, Milestone, Party
from commitments.models.plan import Theme
from commitments.register.actions import (
    CommitmentDraft,
    MeasureDraft,
    MilestoneDraft,
    PartyDraft,
    Stored,
)
from commitments.uploads.columns import milestone_keys
from commitments.uploads.findings import Entry, Finding, Row
from commitments.uploads.headings import Headings
from commitments.uploads.naming import LocalMatcher
from commitments.uploads.resource import Named, quoted
from organisations.matching import How, Match, side_of_class

TEXTS = (
    "title", "description", "source", "staff_groups", "plan_reference", "confidence", "lead_basis",
)  # fmt: skip
MEASURE_KEYS = ("target_value", "target_unit", "baseline_value", "baseline_date")


# What a measure is of which nobody has said anything.
NO_MEASURE = Measure()


def draft_of(
    entry: Entry,
    existing: Commitment | None,
    stored: Stored,
    matcher: LocalMatcher,
    headings: Headings,
) -> tuple[CommitmentDraft, list[Finding]]:
    """The draft that a row amounts to, and what to confirm about it. `stored` has what hangs on
    `existing`."""
    row, values = entry.row, entry.values
    findings = list(_date_findings(row, values, existing, stored))
    pillar, theme = headings.take(values, existing)
    if theme != (values["theme"] or theme):
        words = f'"{pillar}" counts as {Theme(theme).label} already, and stays so.'
        findings.append(row.finding("theme", "theme", words))
    key = existing.pk if existing else 0
    parties, party_findings = _parties(row, values, stored.parties.get(key, ()), matcher)
    measures, measure_findings = _measures(row, values, stored.measures.get(key, ()))
    set_values = {key: values[key] for key in TEXTS if values[key] is not None}
    target = values["target_date"]
    if target is not None and not (existing and same_date(existing.target, target)):
        set_values["target"] = target
    draft = CommitmentDraft(
        reference=existing.reference if existing else entry.reference,
        values=set_values,
        pillar=pillar,
        theme=theme or None,
        parties=parties,
        measures=measures,
        milestones=_milestones(row, values, stored.milestones.get(key, ())),
    )
    return draft, [*findings, *party_findings, *measure_findings]


def same_date(one: FuzzyDate, other: FuzzyDate) -> bool:
    """Whether two dates say the same, perhaps in other words."""
    if one.last_day is None or other.last_day is None:
        return one.text.casefold() == other.text.casefold()
    return (one.last_day, one.precision) == (other.last_day, other.precision)


# --- dates --------------------------------------------------------------------------------------
def _date_findings(
    row: Row, values: dict[str, Any], existing: Commitment | None, stored: Stored
) -> Iterable[Finding]:
    """Dates that were kept as words, and those that can mean something else; of one that stands so
    already there is nothing to confirm."""
    stand = _dates_that_stand(row, values, existing, stored) if existing else {}
    steps = (milestone_keys(number)[1] for number in range(1, row.milestones + 1))
    for key in ("target_date", "baseline_date", *steps):
        given: FuzzyDate | None = values[key]
        if not given or any(same_date(date, given) for date in stand.get(key, ())):
            continue
        if not given.is_dated:
            words = f"{quoted(given.text)} is no date: kept as words, and undated."
            yield row.finding("undated", key, words)
        elif question := describe_ambiguity(given.text):
            yield row.finding("date", key, f"{question} {_reading(given)}")


def _dates_that_stand(
    row: Row, values: dict[str, Any], existing: Commitment, stored: Stored
) -> dict[str, list[FuzzyDate]]:
    """The dates that a commitment has, by the columns that would give them."""
    measures = stored.measures.get(existing.pk, ())
    found = {"target_date": [existing.target], "baseline_date": [m.baseline for m in measures]}
    known = {each.title.casefold(): each for each in stored.milestones.get(existing.pk, ())}
    for title, day in map(milestone_keys, range(1, row.milestones + 1)):
        if step := known.get((values[title] or "").casefold()):
            found[day] = [step.baseline, step.forecast]
    return found


def _reading(date: FuzzyDate) -> str:
    """What was made of a date that can mean two things."""
    shown = format_fuzzy(date)
    if shown == date.text and date.last_day:
        return f"Read as ending on {day_in_words(date.last_day)}."
    return f"Read as {shown}."


# --- leads and partners -------------------------------------------------------------------------
def _parties(
    row: Row, values: dict[str, Any], stored: Sequence[Party], matcher: LocalMatcher
) -> tuple[list[PartyDraft] | None, list[Finding]]:
    """All parties as they should be, None when the row says nothing of any."""
    leads = _with_codes(values["lead"], values["lead_code"], matcher)
    said = {Party.Role.LEAD: ("lead", leads), Party.Role.PARTNER: ("partners", values["partners"])}
    if all(names is None for _, names in said.values()):
        return None, []
    drafts: list[PartyDraft] = []
    findings: list[Finding] = []
    for role, (key, names) in said.items():
        standing = [party for party in stored if party.role == role]
        if names is None:
            drafts += [_as_it_stands(party) for party in standing]
            continue
        asked = ""
        for named in names:
            known = _standing(standing, named)
            drafts.append(_as_it_stands(known) if known else _party(role, named))
            if named.text == asked:
                continue  # one name of several bodies, one question
            asked, answer = named.text, matcher.answer_to(named.text)
            if answer or (known is None and named.match.organisation is None):
                findings.append(_who_is(row, key, named.text, matcher.in_register(named.text)))
                findings[-1].answer = answer
    return drafts, findings


def _with_codes(
    leads: list[Named] | None, codes: str | None, matcher: LocalMatcher
) -> list[Named] | None:
    """Leads with the column of codes beside them: a code decides where the name does not."""
    given = [code.strip() for code in (codes or "").split(";")]
    if not codes or (leads is not None and len(leads) != len(given)):
        return leads
    if leads is None:
        return [Named(_name_of(code, match := matcher.match(code)), match) for code in given]
    by_code = [matcher.match(code) if code else None for code in given]
    return [
        Named(named.text, match) if match and match.how == How.CODE else named
        for named, match in zip(leads, by_code, strict=True)
    ]


def _name_of(text: str, match: Match) -> str:
    """A code is shown as the name it stands for; a name as it was given."""
    return match.organisation.name if match.organisation and match.how == How.CODE else text


def _standing(parties: Sequence[Party], named: Named) -> Party | None:
    """The party already there that a name means: the same body, else the same words. Words that
    used to mean another body, or none, are no longer the same party."""
    body = named.match.organisation
    for party in parties:
        if body and party.organisation_id == body.pk:
            return party
        if body is None and party.name.casefold() == named.text.casefold():
            return party
    return None


def _as_it_stands(party: Party) -> PartyDraft:
    return PartyDraft(party.role, party.name, party.organisation, party.side)


def _party(role: str, named: Named) -> PartyDraft:
    body = named.match.organisation
    side = "" if body else str(side_of_class(named.text))
    return PartyDraft(role, _name_of(named.text, named.match), body, side)


def _who_is(row: Row, key: str, name: str, match: Match) -> Finding:
    """A name that the register does not have: whom it may mean, and what becomes of it. One of the
    group "names" can be answered; a kind of body cannot."""
    kept = "Kept as text"
    if key == "lead":
        kept += ", with nobody assigned to answer for it"
    bodies = [(body.code, body.name) for body in match.candidates]
    listed = " or ".join(f"{name} ({code})" for code, name in bodies[:3])
    if match.how == How.CLASS:
        words = f"{quoted(name)} is a kind of body, not one organisation. {kept}."
    elif match.how == How.AMBIGUOUS:
        words = f"{quoted(name)} can be {listed}. {kept}, unless the file gives the code."
    elif bodies:
        words = (
            f"{quoted(name)} is not in the register. Closest: {listed}. "
            f"{kept}, unless the file gives one of these."
        )
    else:
        words = f"{quoted(name)} is not in the register, nor is anything like it. {kept}."
    finding = row.finding("organisation", key, words, suggestions=bodies)
    finding.value = name
    if match.how != How.CLASS:
        finding.group, finding.key = "names", name
    return finding


# --- measures -----------------------------------------------------------------------------------
def _measures(
    row: Row, values: dict[str, Any], measures: Sequence[Measure]
) -> tuple[list[MeasureDraft] | None, list[Finding]]:
    """The measure that a row speaks of, None when it speaks of none."""
    if all(values[key] is None for key in MEASURE_KEYS):
        return None, []
    target: Figure | None = values["target_value"]
    unit, unit_qualifier = _unit(values["target_unit"], target)
    stored = _measure_meant(measures, unit)
    draft = _fill(stored, target, unit, unit_qualifier, values)
    if stored is None and draft.baseline_value is None and not (target and target.text):
        return None, []  # a unit or a day alone measures nothing
    findings = []
    said_before = stored is not None and draft.target_text == stored.target_text
    if target and target.text and not target.is_number and not said_before:
        words = f"{quoted(target.text)} is not a number: kept as words, and not compared."
        findings.append(row.finding("figure", "target_value", words))
    return [draft], findings


def _unit(given: str | None, target: Figure | None) -> tuple[str | None, str]:
    """The unit and what was said in brackets after it. What stands with the number ("£", "%")
    joins the unit of its own column, unless that has it already."""
    hint = target.unit_hint if target else ""
    if given is None:
        return hint or None, ""
    unit, qualifier = split_unit(given)
    if hint and hint.casefold() not in unit.casefold():
        unit = f"{hint} {unit}".strip()
    return unit, qualifier


def _measure_meant(measures: Sequence[Measure], unit: str | None) -> Measure | None:
    """The measure with this unit, else the only one there is."""
    same = [m for m in measures if unit is not None and m.unit.casefold() == unit.casefold()]
    if same:
        return same[0]
    return measures[0] if len(measures) == 1 else None


def _fill(
    stored: Measure | None,
    target: Figure | None,
    unit: str | None,
    unit_qualifier: str,
    values: dict[str, Any],
) -> MeasureDraft:
    """The measure as it stands, with what the row says put in."""
    stand = stored or NO_MEASURE
    low, high, text = stand.target_low, stand.target_high, stand.target_text
    qualifier = stand.qualifier
    if target is not None:
        low, high = target.low, target.top
        qualifier = target.qualifier or unit_qualifier
        if low is None or (low, high) != (stand.target_low, stand.target_high):
            text = _as_given(target, values["target_unit"])
    unit = stand.unit if unit is None else unit
    baseline = stand.baseline_value
    if values["baseline_value"] is not None:
        baseline = values["baseline_value"].low
    when = values["baseline_date"]
    if when is None or same_date(stand.baseline, when):
        when = stand.baseline
    direction = str(direction_for(qualifier, baseline, low, high, unit=unit))
    is_range = high is not None and high != low
    was_range = stand.direction == Measure.Direction.WITHIN
    if stored and qualifier == stand.qualifier and is_range == was_range:
        # Somebody may have set it by hand; only another kind of target makes it another.
        direction = stored.direction
    return MeasureDraft(
        name=stored.name if stored else measure_name(values["title"] or ""),
        unit=unit,
        direction=direction,
        qualifier=qualifier or Qualifier.EXACT.value,
        baseline_value=baseline,
        baseline=when,
        target_low=low,
        target_high=high,
        target_text=text,
        pk=stored.pk if stored else None,
    )


def measure_name(title: str) -> str:
    """What the title counts: "Medical school places – doubled" counts medical school places."""
    return re.split(r"\s+[–—-]\s+", title)[0][:200] or "Target"


def _as_given(target: Figure, unit: str | None) -> str:
    """The target in the file's own words, with its unit where that stands in another column."""
    whole = (
        f"{target.text} {unit}" if target.text and unit and not target.unit_hint else target.text
    )
    return whole if len(whole) <= 100 else target.text


# --- milestones ---------------------------------------------------------------------------------
def _milestones(
    row: Row, values: dict[str, Any], milestones: Sequence[Milestone]
) -> list[MilestoneDraft]:
    """Milestones with the date they are promised for. For one that is there already, another date
    is when it is now expected: the actions see to that."""
    stored = {milestone.title.casefold(): milestone for milestone in milestones}
    drafts = []
    for number in range(1, row.milestones + 1):
        title, when = (values[key] for key in milestone_keys(number))
        if not title:
            continue
        known = stored.get(title.casefold())
        if known and when and any(same_date(d, when) for d in (known.baseline, known.forecast)):
            when = None
        drafts.append(MilestoneDraft(title=known.title if known else title, baseline=when))
    return drafts
