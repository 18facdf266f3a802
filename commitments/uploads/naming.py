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


@dataclass
class LocalMatcher(OrganisationMatcher):
    """The register's names, with what was `said` of others: by folded name an organisation, or None
    for one that is to be kept as text."""

    said: dict[str, Organisation | None] = field(default_factory=dict)

    @classmethod
    def knowing(
        cls,
        organisation: Organisation | None,
        names: dict[str, str],
        near: Mapping[int, int] | None = None,
    ) -> "LocalMatcher":
        """The register, what is remembered for an organisation's files, and the `names` that were
        answered for this one (name as written: code, or "" for text). Those that are `near` are
        suggested first. Four queries."""
        register = OrganisationMatcher.load()
        matcher = cls(names=register.names, near=near or {})
        if organisation is not None:
            known = KnownName.objects.filter(organisation=organisation).select_related("means")
            matcher.said |= {row.folded: row.means for row in known}
        codes = {code for code in names.values() if code}
        bodies = {body.code: body for body in Organisation.objects.filter(code__in=codes)}
        for name, code in names.items():
            if not code or code in bodies:
                matcher.said[plain(name)] = bodies.get(code)
        return matcher

    def match(self, text: str) -> Match:
        """As the register has it; else as somebody said."""
        return self._or_as_said(super().match(text), text)

    def match_name(self, text: str) -> Match:
        """The same, where a name is expected."""
        return self._or_as_said(super().match_name(text), text)

    def _or_as_said(self, found: Match, text: str) -> Match:
        if found.organisation is None and (body := self.said.get(plain(text))):
            return Match(body, [], How.SHORT)
        return found

    def in_register(self, text: str) -> Match:
        """As the register alone has it."""
        return super().match_name(text)

    def answer_to(self, text: str) -> str:
        """What somebody said of a name that the register does not decide: a code, TEXT, or "" when
        nobody has said anything."""
        if not self.said:
            return ""
        key = plain(text)
        if key not in self.said or self.in_register(text).organisation is not None:
            return ""
        body = self.said[key]
        return body.code if body else TEXT


def near_plan(plan: Plan, today: date) -> dict[int, int]:
    """Which bodies a name in a plan's file means first, by key: the plan's owner and parties, then
    the rest of the owner's systems, then of its regions."""
    ranks = at_home(plan.owner, today) if plan.owner else {}
    parties = Party.objects.filter(commitment__plan=plan, organisation__isnull=False)
    return ranks | dict.fromkeys(parties.values_list("organisation", flat=True).distinct(), 0)


def remember_names(organisation: Organisation | None, names: dict[str, str]) -> None:
    """Keep answers for the organisation's next files."""
    if organisation is None or not names:
        return
    codes = {code for code in names.values() if code}
    bodies = {body.code: body for body in Organisation.objects.filter(code__in=codes)}
    rows = {
        plain(name)[:200]: KnownName(
            organisation=organisation,
            folded=plain(name)[:200],
            name=name[:200],
            means=bodies.get(code),
        )
        for name, code in names.items()
        if not code or code in bodies
    }
    KnownName.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["organisation", "folded"],
        update_fields=["name", "means"],
    )
