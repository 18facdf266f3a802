"""What is wrong with a field, in words a person can act on.

Django's own messages say neither which field nor what was given: "This field is required.",
"Enter a valid date.". Where a form has not written its own message, these stand in for them.
"""

from collections.abc import Callable

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

CHOOSERS = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple)


def problems(field: forms.BoundField) -> list[str]:
    """Every problem of one bound field: what is wrong, what was given, what is accepted."""
    found: list[str] = []
    for error in field.errors.as_data():
        ours = _OURS.get(str(error.message)) if isinstance(error, ValidationError) else None
        found.extend([ours(field)] if ours else [str(message) for message in error.messages])
    return found


def _missing(field: forms.BoundField) -> str:
    label = _quoted(field.label)
    if isinstance(field.field, forms.FileField):
        return f"Choose a file for {label}."
    if isinstance(field.field.widget, CHOOSERS):
        return f"Choose an answer for {label}."
    if isinstance(field.field.widget, forms.CheckboxInput):
        return f"Tick {label} to go on."
    return f"Fill in {label}."


def _not_a_date(field: forms.BoundField) -> str:
    return f"{_given(field)} is not a date. Use day/month/year, such as 28/02/2027."


def _not_a_number(field: forms.BoundField) -> str:
    return f"{_given(field)} is not a number. Use digits, such as 1500 or 2.5."


def _not_whole(field: forms.BoundField) -> str:
    return f"{_given(field)} is not a whole number. Use digits only, such as 1500."


def _not_an_address(field: forms.BoundField) -> str:
    return f"{_given(field)} is not an email address. Use one such as name@example.org."


def _not_offered(field: forms.BoundField) -> str:
    return f"{_given(field)} is not one of the choices. Choose one from the list."


def _given(field: forms.BoundField) -> str:
    return _quoted(field.data if field.data is not None else "")


def _quoted(words: object) -> str:
    text = ", ".join(map(str, words)) if isinstance(words, list) else str(words)
    return f"“{text[:57]}…”" if len(text) > 60 else f"“{text}”"


_Words = Callable[[forms.BoundField], str]
_OURS: dict[str, _Words] = {
    str(messages[code]): words
    for messages, code, words in (
        (forms.Field.default_error_messages, "required", _missing),
        (forms.DateField.default_error_messages, "invalid", _not_a_date),
        (forms.DecimalField.default_error_messages, "invalid", _not_a_number),
        (forms.IntegerField.default_error_messages, "invalid", _not_whole),
        (forms.ChoiceField.default_error_messages, "invalid_choice", _not_offered),
        (forms.ModelChoiceField.default_error_messages, "invalid_choice", _not_offered),
        ({"invalid": EmailValidator.message}, "invalid", _not_an_address),
    )
}
