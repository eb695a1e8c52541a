"""Rows that are ticked in a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.access import number_of


class TickedField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several of the rows that are offered, by their numbers: SQLite cannot be asked about one it could not hold."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> QuerySet[Any]:
        for word in value or ():
            if number_of(str(word)) is None:
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": word})
        return super().clean(value)
