"""Makers of test objects with sensible defaults; a test names only what it is about."""

import itertools
from datetime import date, timedelta
from typing import Any

import pgtrigger
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

from commitments.dates import FuzzyDate, Precision, add_working_days, parse_fuzzy_date
from commitments.models import (
    BaselineChange,
    Comment,
    Commitment,
    Dispute,
    Evidence,
    Figure,
    Measure,
    Mention,
    Milestone,
    Party,
    Pillar,
    Plan,
    ProgressUpdate,
    Review,
    Round,
    UpdateDraft,
)
from organisations.kinds import Kind, side_of
from organisations.models import Membership, Organisation, Role, User

PASSWORD = "correct horse battery staple"
# A title as long as they come.
LONG = (
    "Agree one occupational health and wellbeing contract across all providers in the system, "
    "councils and the independent care sector included"
)
numbers = itertools.count(1)


def fuzzy(value: str | date | None) -> FuzzyDate:
    """Any way of writing a date, as a FuzzyDate."""
    return parse_fuzzy_date(value)


def organisation(name: str, kind: str = Kind.NHS_TRUST, **fields: Any) -> Organisation:
    """A body; its code is made up unless given."""
    fields.setdefault("code", f"T{next(numbers):04}")
    return Organisation.objects.create(name=name, kind=kind, code_system="own", **fields)


def person(name: str, *roles: tuple[str, Organisation], **fields: Any) -> User:
    """Somebody who can sign in with PASSWORD, with roles as (role, organisation)."""
    email = fields.pop("email", f"{name.lower().replace(' ', '.')}@test.example")
    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    for role, body in roles:
        Membership.objects.create(user=user, organisation=body, role=Role(role))
    return user


def plan(code: str = "", **fields: Any) -> Plan:
    """A public plan, unless told otherwise."""
    code = code or f"PLAN{next(numbers)}"
    fields.setdefault("title", f"Plan {code}")
    fields.setdefault("visibility", Plan.Visibility.PUBLIC)
    return Plan.objects.create(code=code, **fields)


def pillar(plan: Plan, name: str = "Train", theme: str = "train") -> Pillar:
    """A heading of a plan, made once."""
    return Pillar.objects.get_or_create(plan=plan, name=name, defaults={"theme": theme})[0]


def commitment(
    plan: Plan,
    lead: Organisation | str | None = None,
    *partners: Organisation | str,
    target: str = "",
    **fields: Any,
) -> Commitment:
    """A commitment with its parties; a party given as text is a class of bodies."""
    fields.setdefault("reference", f"{plan.code}-{next(numbers):03}")
    fields.setdefault("title", f"Commitment {fields['reference']}")
    made = Commitment.objects.create(plan=plan, target=fuzzy(target), **fields)
    named = [(Party.Role.LEAD, lead)] if lead else []
    named += [(Party.Role.PARTNER, partner) for partner in partners]
    for role, who in named:
        known = who if isinstance(who, Organisation) else None
        Party.objects.create(
            commitment=made,
            role=role,
            name=str(who),
            organisation=known,
            side=side_of(known.kind) if known else "other",
        )
    return made


def milestone(
    commitment: Commitment,
    title: str = "",
    baseline: str | date | None = "",
    forecast: str | date | None = "",
    **fields: Any,
) -> Milestone:
    """A step; dates as anybody writes them."""
    made = Milestone.objects.create(
        commitment=commitment,
        title=title or f"Milestone {next(numbers)}",
        baseline=fuzzy(baseline),
        forecast=fuzzy(forecast),
        **fields,
    )
    made.refresh_from_db()
    return made


def measure(commitment: Commitment, target: Any = 100, **fields: Any) -> Measure:
    """A number to be reached; give target_low and target_high for a range."""
    fields.setdefault("name", f"Measure {next(numbers)}")
    fields.setdefault("target_low", target)
    fields.setdefault("target_high", fields["target_low"])
    return Measure.objects.create(commitment=commitment, **fields)


def figure(measure: Measure, value: Any, on: date, kind: str = "actual", **fields: Any) -> Figure:
    """One value for one day."""
    period = FuzzyDate(on.isoformat(), on, Precision.DAY)
    return Figure.objects.create(measure=measure, kind=kind, value=value, period=period, **fields)


def update(
    commitment: Commitment, author: User, organisation: Organisation, **fields: Any
) -> ProgressUpdate:
    """A green update, explained where it has to be."""
    fields.setdefault("rating", "green")
    fields.setdefault("evidence_rating", fields["rating"])
    if fields["rating"] in ("red", "amber"):
        fields.setdefault("reason", "Behind plan")
        fields.setdefault("path_to_green", "Recover by spring")
    if fields["rating"] != fields["evidence_rating"]:
        fields.setdefault("difference_reason", "The evidence is late")
    return ProgressUpdate.objects.create(
        commitment=commitment,
        author=author,
        organisation=organisation,
        confidence=fields.pop("confidence", "medium"),
        narrative=fields.pop("narrative", "On course."),
        **fields,
    )


def evidence(
    commitment: Commitment, author: User, organisation: Organisation, **fields: Any
) -> Evidence:
    """A file, unless a `url` is given."""
    number = next(numbers)
    if "url" not in fields:
        fields.setdefault("file", ContentFile(b"%PDF-1.7", name="minutes.pdf"))
        fields.setdefault("filename", "minutes.pdf")
        fields.setdefault("content_type", "application/pdf")
        fields.setdefault("sha256", f"{number:064}")
    fields.setdefault("title", f"Evidence {number}")
    fields.setdefault("strength", Evidence.Strength.DOCUMENT)
    return Evidence.objects.create(
        commitment=commitment, added_by=author, organisation=organisation, **fields
    )


def comment(commitment: Commitment, author: User, text: str = "", **fields: Any) -> Comment:
    """A remark; give `mentions` for people whom it names."""
    named = fields.pop("mentions", ())
    text = text or f"Remark {next(numbers)}"
    made = Comment.objects.create(commitment=commitment, author=author, text=text, **fields)
    for person in named:
        Mention.objects.create(comment=made, person=person)
    return made


def draft(commitment: Commitment, author: User, body: Organisation, **boxes: str) -> UpdateDraft:
    """What an organisation is still writing."""
    typed = {name: [value] for name, value in (boxes or {"narrative": "Half"}).items()}
    return UpdateDraft.objects.create(
        commitment=commitment, author=author, organisation=body, boxes=typed
    )


def round_(plan: Plan, opens: date, closes: date, **fields: Any) -> Round:
    """A reporting round."""
    fields.setdefault("name", f"Round {next(numbers)}")
    fields.setdefault("first_closes_on", closes)
    fields.setdefault("answers_due_on", add_working_days(closes, 5))
    return Round.objects.create(plan=plan, opens_on=opens, closes_on=closes, **fields)


def baseline_change(
    commitment: Commitment, by: User, organisation: Organisation, to: str, **fields: Any
) -> BaselineChange:
    """A request that waits, to move the commitment's own date unless a milestone is given."""
    milestone = fields.get("milestone")
    fields.setdefault("was", milestone.baseline if milestone else commitment.target)
    fields.setdefault("reason", "The supplier is late.")
    return BaselineChange.objects.create(
        commitment=commitment, asked_by=by, organisation=organisation, to=fuzzy(to), **fields
    )


def time_passes(*models: Any) -> None:
    """Put everything that the history has noted of these an hour back: its clock stands still in a
    test. Only a test may; the product's history refuses to be changed."""
    for model in models:
        events = model.pgh_event_model
        with pgtrigger.ignore(f"{events._meta.label}:append_only"):
            events.objects.update(pgh_created_at=F("pgh_created_at") - timedelta(hours=1))


def review(update: ProgressUpdate, body: Organisation, **fields: Any) -> Review:
    """An answer that is asked of a body; with `answered_by` it is given."""
    fields.setdefault("due_on", date(2026, 12, 4))
    if fields.get("answered_by"):
        fields.setdefault("answered_at", timezone.now())
        fields.setdefault("state", "agreed")
    if fields.get("state") == "disagreed":
        fields.setdefault("reason", "Not consulted")
        fields.setdefault("would_change", "A meeting")
    return Review.objects.create(update=update, organisation=body, **fields)


def dispute(update: ProgressUpdate, **fields: Any) -> Dispute:
    """An open dispute about an update."""
    return Dispute.objects.create(commitment=update.commitment, update=update, **fields)
