"""Whom a name in a file means: what the register knows, then what people of the organisation said.

A choice counts where the register does not decide, in the files of that organisation only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from commitments.models import KnownName, Party, Plan
from organisations.matching import How, Match, OrganisationMatcher, plain
from organisations.models import Organisation
from organisations.queries import at_home

# The answer that keeps a name as text.
TEXT = "text"


def codes_in(answer: str) -> list[str]:
    """The codes in an answer: one, several parted by semicolons, or none for a name that stays
    text."""
    return [code for part in answer.split(";") if (code := part.strip())]


def bodies_meant(names: Mapping[str, str]) -> dict[str, list[Organisation]]:
    """The bodies that answers name, by the name in the file. An answer with a code that no body has
    is left out. One query."""
    wanted = {name: codes_in(answer) for name, answer in names.items()}
    every = {code for codes in wanted.values() for code in codes}
    bodies = {body.code: body for body in Organisation.objects.filter(code__in=every)}
    return {
        name: [bodies[code] for code in codes]
        for name, codes in wanted.items()
        if bodies.keys() >= set(codes)
    }


@dataclass
class LocalMatcher(OrganisationMatcher):
    """The register's names, with what was `said` of others: by folded name the organisations that
    it means, none for one that is to be kept as text."""

    said: dict[str, list[Organisation]] = field(default_factory=dict)

    @classmethod
    def knowing(
        cls,
        organisation: Organisation | None,
        names: dict[str, str],
        near: Mapping[int, int] | None = None,
    ) -> "LocalMatcher":
        """The register, what is remembered for an organisation's files, and the `names` that were
        answered for this one (name as written: codes, or "" for text). Those that are `near` are
        suggested first. Four queries."""
        register = OrganisationMatcher.load()
        matcher = cls(names=register.names, near=near or {})
        if organisation is not None:
            known = KnownName.objects.filter(organisation=organisation).select_related("means")
            matcher.said |= {row.folded: [row.means] if row.means else [] for row in known}
        matcher.said |= {plain(name): bodies for name, bodies in bodies_meant(names).items()}
        return matcher

    def match(self, text: str) -> Match:
        """As the register has it; else as somebody said."""
        return self._or_as_said(super().match(text), text)

    def match_name(self, text: str) -> Match:
        """The same, where a name is expected."""
        return self._or_as_said(super().match_name(text), text)

    def _or_as_said(self, found: Match, text: str) -> Match:
        bodies = self.said.get(plain(text), []) if found.organisation is None else []
        return Match(bodies[0], [], How.SHORT) if len(bodies) == 1 else found

    def all_meant(self, text: str) -> list[Match]:
        """As somebody said, where that is several bodies: then each goes by its own name."""
        bodies = self.said.get(plain(text), [])
        if len(bodies) > 1 and self.in_register(text).organisation is None:
            return [Match(body, [], How.CODE) for body in bodies]
        return super().all_meant(text)

    def _is_named(self, text: str) -> bool:
        return plain(text) in self.said or super()._is_named(text)

    def _split_piece(self, piece: str) -> list[str]:
        """What somebody has answered is one name, whatever is in it."""
        return [piece] if plain(piece) in self.said else super()._split_piece(piece)

    def in_register(self, text: str) -> Match:
        """As the register alone has it."""
        return super().match_name(text)

    def answer_to(self, text: str) -> str:
        """What somebody said of a name that the register does not decide: codes, TEXT, or "" when
        nobody has said anything."""
        if not self.said:
            return ""
        key = plain(text)
        if key not in self.said or self.in_register(text).organisation is not None:
            return ""
        return "; ".join(body.code for body in self.said[key]) or TEXT


def near_plan(plan: Plan, today: date) -> dict[int, int]:
    """Which bodies a name in a plan's file means first, by key: the plan's owner and parties, then
    the rest of the owner's systems, then of its regions."""
    ranks = at_home(plan.owner, today) if plan.owner else {}
    parties = Party.objects.filter(commitment__plan=plan, organisation__isnull=False)
    return ranks | dict.fromkeys(parties.values_list("organisation", flat=True).distinct(), 0)


def kept_as_text(organisation: Organisation | None) -> set[str]:
    """The folded names of which somebody of an organisation said to keep them as text."""
    known = KnownName.objects.filter(organisation=organisation, means=None)
    return set(known.values_list("folded", flat=True)) if organisation else set()


def remember_names(organisation: Organisation | None, names: dict[str, str]) -> None:
    """Keep answers for the organisation's next files; an alias is of one body, so a name that means
    several is asked about again."""
    if organisation is None or not names:
        return
    rows = {
        plain(name)[:200]: KnownName(
            organisation=organisation,
            folded=plain(name)[:200],
            name=name[:200],
            means=bodies[0] if bodies else None,
        )
        for name, bodies in bodies_meant(names).items()
        if len(bodies) < 2
    }
    told = {plain(name)[:200] for name in names} - rows.keys()
    KnownName.objects.filter(organisation=organisation, folded__in=told).delete()
    KnownName.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["organisation", "folded"],
        update_fields=["name", "means"],
    )
