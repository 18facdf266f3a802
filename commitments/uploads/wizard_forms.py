"""The forms of the wizard's questions: what the columns are, whom the names mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from commitments.uploads.layout import (
    ColumnProposal,
    Mapping,
    SheetProposal,
    explain_mapping,
    field_choices,
)
from commitments.uploads.naming import TEXT
from organisations.matching import OrganisationMatcher

OTHER = "other"


@dataclass(frozen=True)
class ColumnFields:
    """One column of a sheet with the box that says what it is."""

    proposal: ColumnProposal
    box: forms.BoundField


@dataclass(frozen=True)
class SheetFields:
    """One sheet with its columns; `to_look_at` are those that were not certain."""

    proposal: SheetProposal
    columns: list[ColumnFields]

    @property
    def to_look_at(self) -> int:
        return sum(not each.proposal.is_certain for each in self.columns)


class ColumnsForm(forms.Form):
    """What each column of each sheet holds. Fields are called s<sheet>_<letter>."""

    mark_optional = False

    def __init__(
        self, *args: Any, proposals: Sequence[SheetProposal], mapping: Mapping, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.proposals = [proposal for proposal in proposals if proposal.columns]
        choices = field_choices()
        offered = {key for key, _ in choices}
        for number, proposal in enumerate(self.proposals):
            said = mapping.get(proposal.sheet, {})
            for column in proposal.columns:
                chosen = said.get(column.letter, "")
                more = [] if chosen in offered else [(chosen, column.label or chosen)]
                self.fields[f"s{number}_{column.letter}"] = forms.ChoiceField(
                    choices=[*choices, *more],
                    required=False,
                    initial=chosen,
                    label=f"What column {column.letter} holds",
                )

    def sheets(self) -> Iterator[SheetFields]:
        """The sheets with their columns and boxes."""
        for number, proposal in enumerate(self.proposals):
            columns = [
                ColumnFields(column, self[f"s{number}_{column.letter}"])
                for column in proposal.columns
            ]
            yield SheetFields(proposal, columns)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            problems = explain_mapping(self.proposals, self.mapping)
            if problems:
                raise ValidationError(problems)
        return cleaned

    @property
    def mapping(self) -> Mapping:
        """What was said of every column."""
        return {
            proposal.sheet: {
                column.letter: self.cleaned_data.get(f"s{number}_{column.letter}", "")
                for column in proposal.columns
            }
            for number, proposal in enumerate(self.proposals)
        }


@dataclass(frozen=True)
class AskedName:
    """A name that the register does not have: how often it stands in the file, where first, and the
    (code, name) of bodies like it."""

    name: str
    count: int
    place: str
    suggestions: list[tuple[str, str]]


def asked_names(questions: Sequence[dict[str, Any]]) -> list[AskedName]:
    """The names that a person is asked about, in the order of the file."""
    return [
        AskedName(
            question["key"],
            question["count"],
            ", ".join(part for part in (question["sheet"], f"row {question['row']}") if part),
            [(code, body) for code, body in question["suggestions"]],
        )
        for question in questions
        if question["group"] == "names"
    ]


@dataclass(frozen=True)
class NameFields:
    """A name with its boxes."""

    asked: AskedName
    choice: forms.BoundField
    other: forms.BoundField


class NamesForm(forms.Form):
    """Whom each name means. Fields are called n<number> and n<number>_other."""

    mark_optional = False

    def __init__(
        self, *args: Any, asked: Sequence[AskedName], answers: dict[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        for number, each in enumerate(asked):
            bodies = [(code, f"{name} ({code})") for code, name in each.suggestions]
            answer = answers.get(each.name)
            known = {code for code, _ in bodies}
            chosen = None
            if answer is not None:
                chosen = TEXT if not answer else answer if answer in known else OTHER
            self.fields[f"n{number}"] = forms.ChoiceField(
                choices=[*bodies, (OTHER, "Another organisation"), (TEXT, "Keep it as text")],
                widget=forms.RadioSelect,
                required=False,
                initial=chosen,
                label=f"“{each.name}”",
            )
            self.fields[f"n{number}_other"] = forms.CharField(
                required=False,
                max_length=200,
                initial=answer if chosen == OTHER else "",
                label="Name or code of another organisation",
            )

    def rows(self) -> Iterator[NameFields]:
        """The names with their boxes."""
        for number, each in enumerate(self.asked):
            yield NameFields(each, self[f"n{number}"], self[f"n{number}_other"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        matcher = OrganisationMatcher.load()
        for number, each in enumerate(self.asked):
            other = f"n{number}_other"
            typed = (cleaned.get(other) or "").strip()
            if cleaned.get(f"n{number}") != OTHER and not typed:
                continue
            body = matcher.match(typed).organisation if typed else None
            if body is None:
                given = f"“{typed}” is not in the register." if typed else "There is nothing here."
                self.add_error(
                    other, f"{given} Give the name or code of an organisation for “{each.name}”."
                )
            else:
                cleaned[f"n{number}"] = body.code
        return cleaned

    @property
    def chosen(self) -> dict[str, str]:
        """What was said, by name: a code, or "" to keep it as text. Names that were left alone are
        not in it."""
        said = {
            each.name: self.cleaned_data.get(f"n{number}", "")
            for number, each in enumerate(self.asked)
        }
        return {name: "" if value == TEXT else value for name, value in said.items() if value}

    @property
    def names(self) -> dict[str, str]:
        """The same with the names that were left alone, which are kept as text this time."""
        return {each.name: "" for each in self.asked} | self.chosen
