"""What an admin types to change the balance."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

MOST = 100_000


class ChangeBalance(forms.Form):
    amount = forms.IntegerField(
        label=_("Credits"),
        min_value=1,
        max_value=MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Type a whole number, such as 20."),
            "min_value": _("Type 1 or more; to make them fewer, choose Take back."),
            "max_value": _("100,000 at a time at most."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("It stands in the ledger, for everybody who manages credits."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
