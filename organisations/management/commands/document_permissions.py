"""`manage.py document_permissions [--check]`"""

from organisations.kinds import REACH_OF_KIND, Kind, Reach, reach_of, side_of
from organisations.models import Role
from organisations.permissions import CAPABILITIES, PLATFORM_ADMINISTRATOR, Capability, Extent
from workforce_tracker.documenting import DocumentCommand


class Command(DocumentCommand):
    """Writes the page about permissions from the table that decides them."""

    help = "Write docs/permissions.md from organisations/permissions.py and kinds.py."
    page = "permissions.md"

    def document(self) -> str:
        return in_full()


def in_full() -> str:
    """The whole page, as Markdown."""
    parts = [
        "# Who may do what",
        "Made by `manage.py document_permissions` from `organisations/permissions.py` and "
        "`organisations/kinds.py`. Change those and run it again; a test compares.",
        "A role is held in an organisation. A person may hold several roles, in several "
        "organisations; what they may do is all of it together.",
        "## Roles",
        _roles(),
        "\n".join(f"- **{extent.value}**: {extent.label}." for extent in Extent)
        + "\n- **everywhere**: all of England. A platform administrator has this by their account, "
        "without any role. Reporting and reviewing speak for an organisation, so nobody may do "
        "them from outside one.",
        "## Reach",
        _reaches(),
        "Published commitments of public and shared plans are seen by everybody who has signed in, "
        "whatever their role: reach decides about internal plans. Drafts are seen by the "
        "organisation that drafts them, and by those who reach all of England.",
        "## After a merger or a split",
        "The members of a successor hold on the predecessor's commitments what they hold on their "
        "own: after a rename, a merger or a transfer, also several in a row, from the day it takes "
        "effect. A split hands nothing over by itself. Its commitments wait until a person says "
        "who answers for each.",
    ]
    return "\n\n".join(parts) + "\n"


def _roles() -> str:
    heads = [*(role.label for role in Role), "Platform administrator"]
    rows = [["Capability", *heads], ["---"] * (len(heads) + 1)]
    for capability in Capability:
        extents = [CAPABILITIES[role].get(capability) for role in Role]
        cells = [extent.value if extent else "–" for extent in extents]
        cells.append("everywhere" if capability in PLATFORM_ADMINISTRATOR else "–")
        rows.append([capability.label, *cells])
    return _table(rows)


def _reaches() -> str:
    rows = [["Kind of organisation", "Side", "Reach"], ["---"] * 3]
    rows += [
        [Kind(kind).label, side_of(kind).label, reach_of(kind).label] for kind in REACH_OF_KIND
    ]
    rows.append(["Every other kind", "its own", Reach.OWN.label])
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
