"""What an admin types about credits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.scoping import OrgOwned

MOST = 100_000
WHOLE = {"invalid": _("Type a whole number, such as 20."), "max_value": _("100,000 at a time at most.")}
NOT_LESS = {"min_value": _("Type 0 or more.")}


def _digits() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


class BalanceForm(forms.Form):
    amount = forms.IntegerField(
        label=_("Credits"),
        min_value=1,
        max_value=MOST,
        widget=_digits(),
        error_messages=WHOLE | {"min_value": _("Type 1 or more; to make them fewer, choose Take back.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It stands in the ledger, for everybody who manages credits."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RulesForm(forms.Form):
    low_at = forms.IntegerField(
        label=_("Tell us when this many are left"),
        min_value=0,
        max_value=MOST,
        widget=_digits(),
        error_messages=WHOLE | NOT_LESS,
    )
    agreed_above = forms.IntegerField(
        label=_("Two admins for giving more than"),
        required=False,
        min_value=0,
        max_value=MOST,
        widget=_digits(),
        error_messages=WHOLE | NOT_LESS,
        help_text=_("Empty: one admin is enough. What one admin gives within a day counts together."),
    )


class BudgetForm(forms.Form):
    """Whose budget, and how many credits a month."""

    who = forms.ChoiceField(label=_("Whose"), error_messages={"invalid_choice": _("Choose somebody from the list.")})
    limit = forms.IntegerField(
        label=_("Credits a month"),
        min_value=0,
        max_value=MOST,
        widget=_digits(),
        error_messages=WHOLE | NOT_LESS,
    )

    def __init__(self, *args: Any, members: QuerySet[Membership], groups: QuerySet[OrgOwned], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ordering = members.exclude(role=Membership.Role.CLINIC).select_related("user").order_by("user__name", "pk")
        self._rows: dict[str, dict[str, object]] = {}
        offered = []
        for label, field, rows in ((_("Members"), "member", ordering), (_("Groups"), "group", groups)):
            named = [(f"{field}:{row.pk}", field, row) for row in rows]
            self._rows |= {word: {field: row} for word, field, row in named}
            offered.append((label, [(word, str(getattr(row, "user", row))) for word, _field, row in named]))
        self.fields["who"].choices = [choice for choice in offered if choice[1]]  # type: ignore[attr-defined]

    @property
    def whose(self) -> dict[str, Any]:
        """The member or the group, as fields of a budget."""
        return self._rows[self.cleaned_data["who"]]
