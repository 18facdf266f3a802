"""Locked cells that somebody changed all the same. Pure functions.

A lock guards against slips in a spreadsheet program, and a .csv file has none. What is written
there is not read, and whoever wrote it is to know.
"""

from collections.abc import Iterator
from typing import Any

from commitments.dates import FuzzyDate, parse_fuzzy_date
from commitments.models import Commitment, Milestone, Party, ProgressUpdate
from commitments.uploads.conflicts import same
from commitments.uploads.returns import Filled


def changed_though_locked(
    row: Filled, thing: Any, latest: ProgressUpdate | None, *, is_present: bool
) -> Iterator[str]:
    """The keys of such cells in a row. `latest` is the update that was exported with it. Unless the
    row `is_present`, changed by nobody since, what its other locked cells held is not known."""
    held: dict[str, Any] = {}
    if latest:
        held = {"last_rating": latest.get_rating_display(), "last_said": latest.narrative}
    elif row.cells.get("latest") == "0":
        held = {"last_rating": "", "last_said": ""}
    if is_present and isinstance(thing, Commitment):
        held |= _of_a_commitment(thing)
    elif is_present and isinstance(thing, Milestone):
        held |= {"baseline": thing.baseline, "milestone": thing.title}
    for key, value in held.items():
        if (text := row.cells.get(key)) is not None and not _is_still(text, value):
            yield key


def _of_a_commitment(commitment: Commitment) -> dict[str, Any]:
    parties = list(commitment.parties.all())
    return {
        "target": commitment.target,
        "state": commitment.get_state_display(),
        "leads": [str(party) for party in parties if party.role == Party.Role.LEAD],
        "partners": [str(party) for party in parties if party.role == Party.Role.PARTNER],
    }


def _is_still(text: str, value: Any) -> bool:
    """Whether a cell says what was exported, perhaps as a spreadsheet program writes it."""
    if isinstance(value, FuzzyDate):
        return same(value, parse_fuzzy_date(text))
    if isinstance(value, list):
        # Beside who promised may stand who answers for it now.
        names = (name.split(" (now ")[0] for name in text.split(";"))
        return {_folded(name) for name in names} == {
            _folded(part) for name in value for part in name.split(";")
        }
    return same(value.casefold(), text.casefold())


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
