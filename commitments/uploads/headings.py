"""The headings of a plan, and what the rows of a file make of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from commitments.models import Commitment, Plan
from commitments.models.plan import Theme

# A heading that is called by a theme's own name stands for it.
_THEME_OF_NAME = {label.casefold(): value for value, label in Theme.choices}


@dataclass
class Headings:
    """The headings of a plan by their folded name, each as (name, theme); the file's join them.

    The first row to map a heading decides: two rows cannot pull it two ways.
    """

    stored: dict[str, tuple[str, str]]
    mapped: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> "Headings":
        """One query."""
        rows = plan.pillars.values_list("name", "theme")
        return cls({name.casefold(): (name, theme) for name, theme in rows})

    def take(self, values: dict[str, Any], existing: Commitment | None) -> tuple[str | None, str]:
        """The heading that a row stands under (None: as it is) and what it counts as, if that is
        known."""
        name, theme = values["pillar"], values["theme"] or ""
        if theme and name is None:
            # A theme without a heading is a heading of that name.
            stands = existing.pillar if existing else None
            name = stands.name if stands else Theme(theme).label
        if not name:
            return name, ""
        key = name.casefold()
        theme = theme or _THEME_OF_NAME.get(key, "")
        stored_name, decided = self.stored.get(key, ("", ""))
        if not stored_name:
            self.added.setdefault(key, name)
        decided = decided or self.mapped.get(key, "")
        if not decided and theme:
            decided = self.mapped[key] = theme
        return stored_name or name, decided

    def notes(self) -> Iterator[str]:
        """What becomes of headings, for the preview."""
        for key, name in self.added.items():
            theme = self.mapped.get(key)
            counts = f", which counts as {Theme(theme).label}" if theme else ""
            yield f'A heading that is new to the plan: "{name}"{counts}.'
        for key, theme in self.mapped.items():
            if key in self.stored:
                yield f'The heading "{self.stored[key][0]}" will count as {Theme(theme).label}.'
