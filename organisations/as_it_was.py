"""The register on another day: `?on=2026-03-31` on its pages."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest


@dataclass(frozen=True)
class AskedDay:
    """The day a page is about. `wrong` is what was asked for when it is no day."""

    day: date
    today: date
    wrong: str = ""

    @property
    def is_other(self) -> bool:
        """Whether it is another day than today, so that the page must say so."""
        return self.day != self.today

    @property
    def query(self) -> str:
        """What to put behind the address of another page to stay on that day."""
        return f"?on={self.day.isoformat()}" if self.is_other else ""


def asked_day(request: HttpRequest, today: date) -> AskedDay:
    """The day in the address, today without one or when it cannot be read."""
    given = request.GET.get("on", "").strip()
    if not given:
        return AskedDay(today, today)
    try:
        return AskedDay(date.fromisoformat(given), today)
    except ValueError:
        return AskedDay(today, today, wrong=given)
