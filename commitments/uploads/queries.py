"""What the pages of an upload show: its problems, questions and changes, grouped and paged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from commitments.models import Upload
from commitments.register.actions import Trace
from commitments.uploads.pages import CHANGES_A_PAGE, NO_CHANGES, RATINGS
from commitments.uploads.rows import in_series

QUESTIONS_A_PAGE = 50
# In which order a person should look at what applying a file does.
KINDS = (
    ("changed", "Changed"),
    ("new", "New"),
    ("unchanged", "Unchanged"),
    ("missing", "Not in the file"),
    (RATINGS, "Ratings that change"),
)


@dataclass(frozen=True)
class Group:
    """The same problem or question in one cell or many. `anchor` is the first cell's address."""

    message: str
    cells: list[str]
    anchor: str
    kind: str


def grouped(findings: Iterable[dict[str, Any]]) -> list[Group]:
    """Findings with the same words in the same column as one, in the order of the first."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for finding in findings:
        key = (finding["sheet"], finding["column"], finding["what"])
        groups.setdefault(key, []).append(finding)
    return [_group(found) for found in groups.values()]


def _group(found: list[dict[str, Any]]) -> Group:
    first = found[0]
    message = first["message"]
    if len(found) > 1:
        rows = in_series([f"{each['row']:,}" for each in found])
        column = f', "{first["column"]}"' if first["column"] else ""
        # The sheet, if the message names one, stands before its row.
        sheet = f'Sheet "{first["sheet"]}", r' if message.startswith("Sheet ") else "R"
        message = f"{sheet}ows {rows}{column}: {first['what']}"
    return Group(message, [each["cell"] for each in found], anchor_of(first), first["kind"])


def anchor_of(finding: dict[str, Any]) -> str:
    """Where a problem stands on the page: its cell, or its row when the sheet lacks the column."""
    sheet = "".join(letter if letter.isalnum() else "-" for letter in finding["sheet"])
    return f"cell-{sheet}-{finding['cell'] or finding['row']}"


def count_of(upload: Upload, kind: str) -> int:
    """How many changes of a kind there are."""
    return int(upload.counts.get(kind, 0))


def changes_page(upload: Upload, kind: str, number: str | None) -> Page[dict[str, Any]]:
    """One page of the changes of a kind: each with `lines` (what changes, before and after) and
    `facts` (what it will be, by field). Of ratings, those that change."""
    page = kept_page(upload, kind, number)
    for change in page if kind not in NO_CHANGES else ():
        change["facts"] = {each["field"]: each["after"] for each in change["fields"]}
        change["lines"] = [*change["fields"], *_milestone_lines(change["milestones"])]
    return page


def kept_page(upload: Upload, kind: str, number: str | None) -> Page[Any]:
    """One page of what is kept of a kind, as it is kept."""
    total = count_of(upload, kind)
    page: Page[Any] = Paginator(range(total), CHANGES_A_PAGE).get_page(number)
    kept = upload.changes.filter(kind=kind, number=page.number).first()
    page.object_list = kept.rows if kept else []
    return page


def same_questions(upload: Upload, number: str | None) -> Page[dict[str, Any]]:
    """One page of the rows of which somebody has to say whether they are the same as a commitment
    of the plan, those without an answer first."""
    questions = [each for each in upload.result.get("questions", []) if each.get("choices")]
    questions.sort(key=lambda each: bool(each["answer"]))
    return Paginator(questions, QUESTIONS_A_PAGE).get_page(number)


def _milestone_lines(milestones: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for milestone in milestones:
        if milestone["kind"] == "new":
            dates = [each["after"] for each in milestone["fields"] if each["after"]]
            after = ", ".join([milestone["title"], *dates])
            yield {"label": "Milestone added", "before": "", "after": after}
            continue
        for each in milestone["fields"]:
            about = f"{milestone['title']}, {each['label'].lower()}"
            yield each | {"label": "Milestone", "about": about}


def kind_to_show(upload: Upload, asked: str | None) -> str:
    """The kind of change that is asked for, else the first there is any of."""
    kinds = [kind for kind, _ in KINDS]
    if asked in kinds:
        return asked
    return next((kind for kind in kinds if upload.counts.get(kind)), "unchanged")


def problem_sheets(upload: Upload) -> list[dict[str, Any]]:
    """The rows with problems, sheet by sheet, each cell with its address on the page."""
    sheets: list[dict[str, Any]] = upload.result.get("problem_rows", [])
    for sheet in sheets:
        for row in sheet["rows"]:
            row["anchor"] = anchor_of({"sheet": sheet["sheet"], "cell": "", "row": row["number"]})
            for cell in row["cells"]:
                cell["anchor"] = anchor_of({"sheet": sheet["sheet"], "cell": cell["at"], "row": 0})
    return sheets


def undo_in_parts(found: Sequence[Trace]) -> dict[str, Any]:
    """What undoing does: how many it removes and puts back, and what others changed since."""
    free = [trace for trace in found if not trace.is_touched]
    return {
        "removed": [trace for trace in free if trace.is_new],
        "put_back": [trace for trace in free if not trace.is_new],
        "touched": [trace for trace in found if trace.is_touched],
    }
