"""The forms of the wizard's questions: what the columns are, whom the names mean."""

from collections.abc import Container, Iterator, Sequence
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
from commitments.uploads.naming import TEXT, codes_in
from organisations.matching import OrganisationMatcher, plain

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
    (code, name) of bodies like it, and what was answered."""

    name: str
    count: int
    place: str
    suggestions: list[tuple[str, str]]
    answer: str = ""


def asked_names(questions: Sequence[dict[str, Any]]) -> list[AskedName]:
    """The names that a person is asked about, in the order of the file."""
    return [
        AskedName(
            question["key"],
            question["count"],
            ", ".join(part for part in (question["sheet"], f"row {question['row']}") if part),
            [(code, body) for code, body in question["suggestions"]],
            question.get("answer", ""),
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
        self,
        *args: Any,
        asked: Sequence[AskedName],
        kept: Container[str] = (),
        **options: Any,
    ) -> None:
        """`kept` are the folded names of which somebody said to keep them as text: the others that
        are text were left alone."""
        super().__init__(*args, **options)
        self.asked = asked
        for number, each in enumerate(asked):
            bodies = [(code, f"{name} ({code})") for code, name in each.suggestions]
            answer = each.answer
            if answer == TEXT and plain(each.name) not in kept:
                answer = ""
            offered = answer in ("", TEXT, *dict(bodies))
            chosen = answer if offered else OTHER
            self.fields[f"n{number}"] = forms.ChoiceField(
                choices=[
                    *bodies,
                    (OTHER, "Another organisation, or several"),
                    (TEXT, "Keep it as text"),
                ],
                widget=forms.RadioSelect,
                required=False,
                initial=chosen or None,
                label=f"“{each.name}”",
            )
            self.fields[f"n{number}_other"] = forms.CharField(
                required=False,
                max_length=500,
                initial=answer if chosen == OTHER else "",
                label="Names or codes of other organisations",
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
            said = cleaned.get(f"n{number}")
            # What stood in the box from before does not count against another choice.
            if said != OTHER and (not typed or (said and other not in self.changed_data)):
                continue
            found = {name: matcher.match(name).organisation for name in codes_in(typed)}
            unknown = [f"“{name}” is not in the register." for name in found if not found[name]]
            if unknown or not found:
                given = " ".join(unknown) or "There is nothing here."
                self.add_error(
                    other, f"{given} Give the name or code of an organisation for “{each.name}”."
                )
            else:
                cleaned[f"n{number}"] = "; ".join(body.code for body in found.values() if body)
        return cleaned

    @property
    def chosen(self) -> dict[str, str]:
        """What was said, by name: codes, or "" to keep it as text. Names that were left alone are
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
