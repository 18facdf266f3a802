"""What a person said to the questions about a file: kept with the upload, or given in a file.

As JSON: {"columns": {sheet: {letter: field}}, "names": {name in the file: code of an organisation,
several parted by semicolons, or "" to keep it as text}, "same": {"Sheet!7": reference, or "new"},
"withdraw": {"references": [...], "reason": "..."}}. Every part may be missing: what is not answered
is still a question.
"""

from dataclasses import dataclass, field
from typing import Any

NEW = "new"
MOST_WORDS = 500


@dataclass(frozen=True)
class Answers:
    """The answers to the questions of one file, by the part of the wizard that asks."""

    columns: dict[str, dict[str, str]] | None = None
    names: dict[str, str] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    withdraw: list[str] = field(default_factory=list)
    reason: str = ""

    @classmethod
    def from_json(cls, data: Any) -> "Answers":
        """The answers in a JSON value. Raises ValueError, saying in plain words which part is not
        as it should be."""
        if not isinstance(data, dict):
            raise ValueError("The answers have to be one JSON object.")
        if unknown := sorted(set(data) - {"columns", "names", "same", "withdraw"}):
            raise ValueError(f'The answers have a part that is not known: "{unknown[0]}".')
        columns = data.get("columns")
        if columns is not None:
            if not isinstance(columns, dict):
                raise ValueError('"columns" has to be an object of sheets.')
            columns = {
                str(sheet): _texts(of, f"columns of {sheet}") for sheet, of in columns.items()
            }
        withdraw = data.get("withdraw") or {}
        if not isinstance(withdraw, dict) or not isinstance(withdraw.get("references", []), list):
            raise ValueError('"withdraw" has to be an object with "references" and "reason".')
        return cls(
            columns=columns,
            names=_texts(data.get("names"), "names"),
            same=_texts(data.get("same"), "same"),
            withdraw=[str(reference) for reference in withdraw.get("references", [])],
            reason=str(withdraw.get("reason", "")).strip()[:MOST_WORDS],
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "columns": self.columns,
            "names": self.names,
            "same": self.same,
            "withdraw": {"references": self.withdraw, "reason": self.reason},
        }


def _texts(data: Any, part: str) -> dict[str, str]:
    """An object of texts; a null, as a draft has it, is no answer."""
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ValueError(f'"{part}" has to be an object.')
    for key, value in data.items():
        if value is not None and not isinstance(value, str):
            raise ValueError(f'In "{part}", the answer to "{key}" has to be text.')
    return {str(key): value for key, value in data.items() if value is not None}
