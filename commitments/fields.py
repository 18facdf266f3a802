"""A fuzzy date on a model (three columns, one attribute) and in a form (one text box)."""

from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, overload

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from commitments.dates import UNDATED, FuzzyDate, Precision, explain_date, parse_fuzzy_date


class FuzzyDateAttribute(property):
    """`target = FuzzyDateAttribute("target")` on a model that has the columns target_text,
    target_date and target_precision: reading gives a FuzzyDate, assigning one writes all three.

    It is a property because Django lets a model be made with its properties as arguments:
    `Commitment(target=parse_fuzzy_date("2031/32"))`.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        # The names of the three columns, as `save(update_fields=...)` wants them.
        self.columns = (f"{prefix}_text", f"{prefix}_date", f"{prefix}_precision")
        self._parts = attrgetter(*self.columns)
        super().__init__(self._read, self._write)

    @overload
    def __get__(self, instance: None, owner: type | None = None, /) -> "FuzzyDateAttribute": ...
    @overload
    def __get__(self, instance: models.Model, owner: type | None = None, /) -> FuzzyDate: ...
    def __get__(self, instance: Any, owner: type | None = None, /) -> Any:
        return super().__get__(instance, owner)

    def __set__(self, instance: Any, value: FuzzyDate, /) -> None:
        super().__set__(instance, value)

    def _read(self, instance: models.Model) -> FuzzyDate:
        return _fuzzy_date(*self._parts(instance))

    def _write(self, instance: models.Model, value: FuzzyDate) -> None:
        parts = (value.text, value.last_day, value.precision)
        for column, part in zip(self.columns, parts, strict=True):
            setattr(instance, column, part)


@lru_cache(maxsize=4096)
def _fuzzy_date(text: str, day: date | None, precision: str) -> FuzzyDate:
    """The same few dates stand in thousands of rows, and are asked for again and again."""
    return FuzzyDate(text, day, Precision(precision))


def fuzzy_date_constraint(prefix: str, model_name: str) -> models.CheckConstraint:
    """The database's side of it: a day exactly when there is a precision, from the closed list."""
    dated = [precision for precision in Precision.values if precision != Precision.NONE]
    return models.CheckConstraint(
        condition=Q(**{f"{prefix}_date__isnull": True, f"{prefix}_precision": Precision.NONE.value})
        | Q(**{f"{prefix}_date__isnull": False, f"{prefix}_precision__in": dated}),
        name=f"{model_name.lower()}_{prefix}_dated_iff_precise",
    )


class FuzzyDateField(forms.CharField):
    """A date as people write it. `clean` gives a FuzzyDate; an empty box gives the undated one.

    Words that are no date ("TBC") are kept, undated, unless `require_dated`. What looks like a date
    and is none ("31/02/2027") is refused with what was given, what is accepted and how to mend it.
    """

    default_error_messages = {
        "required": "Enter a date, such as 28/02/2027, or a year such as 2026/27.",
        "undated": (
            '"%(text)s" is not a date. '
            "Use day/month/year, such as 28/02/2027, or a year such as 2026/27."
        ),
    }

    def __init__(self, *, require_dated: bool = False, **options: Any) -> None:
        self.require_dated = require_dated
        super().__init__(**{"max_length": 100, **options})

    def clean(self, value: Any) -> FuzzyDate:
        text = super().clean(str(value) if isinstance(value, FuzzyDate) else value)
        if not text:
            return UNDATED
        if problem := explain_date(text):
            raise ValidationError(problem, code="unreadable")
        fuzzy = parse_fuzzy_date(text)
        if self.require_dated and not fuzzy.is_dated:
            raise ValidationError(
                self.error_messages["undated"], code="undated", params={"text": fuzzy.text}
            )
        return fuzzy

    def prepare_value(self, value: Any) -> Any:
        return value.text if isinstance(value, FuzzyDate) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), self.prepare_value(data))
