"""Choosing a file and a plan; saying yes to what is to be confirmed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from commitments.models import Plan
from commitments.uploads.keeping import Target
from commitments.uploads.reading import (
    ENDINGS,
    MAX_BYTES,
    MAX_ROWS,
    MEGABYTE,
    Unreadable,
    ending_of,
    too_big,
)
from organisations.models import Organisation

FILE_HINT = (
    "An Excel or OpenDocument workbook, or a .csv file, of up to "
    f"{MAX_BYTES // MEGABYTE} MB and {MAX_ROWS:,} rows."
)


class WorkbookField(forms.FileField):
    """A file of a kind and size that can be read, before anything of it is."""

    default_error_messages = {
        "required": "Choose a file.",
        "empty": "This file is empty. Choose another one.",
    }

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file:
            try:
                ending_of(file.name)
            except Unreadable as problem:
                raise ValidationError(str(problem)) from problem
            if file.size > MAX_BYTES:
                raise ValidationError(too_big(file.size))
        return file


class FileForm(forms.Form):
    """The file alone: for another try at the same plan."""

    file = WorkbookField(
        label="Spreadsheet",
        help_text=FILE_HINT,
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS)}),
    )


class UploadForm(FileForm):
    """A file, and the plan it goes into: one of those a person may import into, or a new one."""

    plan = forms.ModelChoiceField(
        Plan.objects.none(), required=False, empty_label="Choose a plan", label="Plan"
    )
    new_title = forms.CharField(
        required=False,
        max_length=300,
        label="Title of the new plan",
        help_text="As on its cover.",
    )
    new_code = forms.CharField(
        required=False,
        max_length=20,
        label="Short code of the new plan",
        help_text="Starts the references of its commitments, such as LTWP.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-10"}),
    )
    field_order = ("plan", "new_title", "new_code", "file")
    mark_optional = False

    def __init__(
        self, *args: Any, plans: QuerySet[Plan], owner: Organisation | None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.owner = owner
        chooser = self.fields["plan"]
        assert isinstance(chooser, forms.ModelChoiceField)
        chooser.queryset = plans
        if owner is not None:
            self.fields["new_title"].help_text = f"As on its cover. {owner} will keep it."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        plan, title, code = (cleaned.get(key) for key in ("plan", "new_title", "new_code"))
        if plan and (title or code):
            self.add_error("plan", "Choose a plan or name a new one, not both.")
        elif not plan and "plan" not in self.errors:
            if not title and not code:
                self.add_error("plan", "Choose a plan, or start a new one below.")
            elif not title:
                self.add_error("new_title", "Give the new plan its title, as on its cover.")
            elif not code:
                self.add_error("new_code", "Give the new plan a short code, such as LTWP.")
        return cleaned

    @property
    def target(self) -> Target:
        """Where the file goes, once the form is clean."""
        cleaned = self.cleaned_data
        if cleaned["plan"]:
            return Target(plan=cleaned["plan"], owner=self.owner)
        return Target(code=cleaned["new_code"], title=cleaned["new_title"], owner=self.owner)


class ApplyForm(forms.Form):
    """Saying that one has looked at what is to be confirmed."""

    accepted = forms.BooleanField(
        required=False,
        label="I have looked at these, and they may go in as described",
    )
