"""What an action refuses, said on the form that asked for it."""

from django.core.exceptions import ValidationError
from django.forms import BaseForm


def add_refusal(form: BaseForm, refused: ValidationError) -> None:
    """Put what an action refused beside its box, where there is one."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused)
        return
    for name, found in refused.message_dict.items():
        form.add_error(name if name in form.fields else None, found)
