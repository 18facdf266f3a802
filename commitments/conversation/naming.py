"""Whom a comment may name with @, and whom it names.

Only people who may see the commitment can be named, and a name that is not found gives the same
words whether nobody is called so or somebody who may not know of it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from commitments.models import Commitment
from organisations.kinds import Kind
from organisations.models import Membership, Organisation, Role, Succession, User
from organisations.permissions import Capability

MOST = 10
# A name begins where a word could: "name@example.org" is no mention.
_AT = re.compile(r"(?<![\w@.+-])@(?=\w)")
_LOOKS_LIKE = re.compile(r"[^\W\d_][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,2}")


@dataclass(frozen=True)
class Name:
    """Somebody who can be named: by `label`, which is their name, with their organisation where
    several are called the same."""

    person: User
    label: str
    organisation: str


def may_be_named(commitment: Commitment, by: User, today: date) -> QuerySet[User]:
    """The people whom somebody may name on a commitment.

    Who takes part in it (a member of a party or of the plan's keeper, whoever reports or edits)
    may name each other, the Local Government Association's reviewers on a joint commitment, and
    whoever has written here. Everybody else may name those who have written here: a comment is no
    way to look through other organisations' people.
    """
    wrote = Q(comments__commitment=commitment, comments__removed_at__isnull=True)
    inside = Q(pk__in=_taking_part(commitment, today))
    people = User.objects.filter(is_active=True).exclude(pk=by.pk)
    if not (User.objects.filter(inside, pk=by.pk).exists() or _may_work(by, commitment, today)):
        inside = Q(pk__in=[])
    return people.filter(inside | wrote).distinct().order_by("name", "pk")


def offered(people: Iterable[User], today: date) -> list[Name]:
    """People with the label by which each is named. Two queries."""
    found = list(people)
    bodies: dict[int, list[str]] = defaultdict(list)
    held = Membership.objects.current().filter(user__in=found).select_related("organisation")
    heirs = Succession.objects.heirs({m.organisation_id for m in held}, today)
    for membership in held:
        body = heirs.get(membership.organisation_id, membership.organisation)
        if body.name not in bodies[membership.user_id]:
            bodies[membership.user_id].append(body.name)
    same: dict[str, int] = defaultdict(int)
    for person in found:
        same[str(person).casefold()] += 1
    return [_name(person, bodies[person.pk], same[str(person).casefold()] > 1) for person in found]


def named_in(text: str, names: Iterable[Name], known: Iterable[User] = ()) -> list[User]:
    """The people whom a text names, each once.

    `known` are those whom an earlier wording named: they stay named, also where they have left
    since. Raises ValidationError for a name that nobody here has, and for one that several have.
    """
    by_label = {str(person).casefold(): person for person in known}
    plain: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        by_label[name.label.casefold()] = name.person
        plain[str(name.person).casefold()].append(name)
    labels = sorted(by_label, key=len, reverse=True)
    found: dict[int, User] = {}
    for at in _AT.finditer(text):
        rest = text[at.end() :].casefold()
        label = next((one for one in labels if _begins(rest, one)), None)
        if label is not None:
            found[by_label[label].pk] = by_label[label]
        else:
            _refuse(text[at.end() :], rest, plain)
    if len(found) > MOST:
        raise ValidationError(f"This names {len(found)} people. Name {MOST} at most.")
    return list(found.values())


def require_sight(people: Iterable[User], commitment: Commitment, today: date) -> None:
    """Raise ValidationError for the first who may not see the commitment."""
    for person in people:
        if not Commitment.objects.visible_to(person, today).filter(pk=commitment.pk).exists():
            raise ValidationError(_nobody(str(person)))


# --- inside ---------------------------------------------------------------------------------------
def _taking_part(commitment: Commitment, today: date):  # type: ignore[no-untyped-def]
    """Keys of the members of the parties, of the plan's keeper and, on a joint commitment, the
    reviewers of the Local Government Association: with whoever took over from each. For a draft the
    organisation that drafts it."""
    if commitment.state == Commitment.State.DRAFT:
        bodies = {commitment.draft_of_id}
    else:
        bodies = set(commitment.parties.values_list("answering", flat=True))
        bodies.add(commitment.plan.owner_id)
    heirs = {heir for old, heir in Succession.objects.inheritances(today) if old in bodies}
    current = Membership.objects.current()
    inside = Q(organisation__in=(bodies | heirs) - {None})
    # Whoever belonged to a body that has passed on whole belongs to its heir.
    olds = {old for old, heir in Succession.objects.inheritances(today) if heir in heirs}
    inside |= Q(organisation__in=olds)
    if commitment.state != Commitment.State.DRAFT and commitment.standing.is_joint:
        association = Organisation.objects.filter(kind=Kind.COUNCIL_REPRESENTATIVE)
        inside |= Q(organisation__in=association, role=Role.REVIEWER)
    return current.filter(inside).values("user")


def _may_work(user: User, commitment: Commitment, today: date) -> bool:
    return any(
        Commitment.objects.allowing(user, capability, today).filter(pk=commitment.pk).exists()
        for capability in (Capability.REPORT, Capability.EDIT)
    )


def _name(person: User, bodies: list[str], is_one_of_several: bool) -> Name:
    where = ", ".join(sorted(bodies))
    label = str(person)
    if is_one_of_several:
        label = f"{label} ({where or person.pk})"
    return Name(person, label, where)


def _begins(rest: str, label: str) -> bool:
    """Whether what follows an @ is this label, and not the beginning of a longer word."""
    return rest.startswith(label) and not rest[len(label) : len(label) + 1].isalnum()


def _refuse(written: str, rest: str, plain: dict[str, list[Name]]) -> None:
    """Say that a name is shared or not found; what does not look like a name is text."""
    for name, people in plain.items():
        if len(people) > 1 and _begins(rest, name):
            labels = " or ".join(f"@{person.label}" for person in people)
            raise ValidationError(f"Several people are called so. Write {labels}.")
    if written[0].isupper() and (seems := _LOOKS_LIKE.match(written)):
        raise ValidationError(_nobody(seems[0]))


def _nobody(name: str) -> str:
    return (
        f"“@{name}” is nobody who can be named here: only people who may see this commitment and "
        "take part in it can. Choose a name from the list, or leave out the @."
    )
