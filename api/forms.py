"""What is typed about tokens and webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.names import NameField
from accounts.scoping import OrgOwnedQuerySet
from api.guard import NotCalled, target_of
from api.models import Endpoint, EventType, Scope

EVENTS = [choice for choice in EventType.choices if choice[0] != EventType.TEST]


class TokenForm(forms.Form):
    name = NameField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("Such as the name of the program that uses it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one thing it may do.")},
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        # Asked for with each form: what a lazy text is filled with at the start stays in the language of the start.
        choices=lambda: [(days, ngettext("%d day", "%d days", days) % days) for days in (30, 90, 365)],
        initial=90,
    )


class EndpointForm(forms.Form):
    """An address to be called, beside `others` that are."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
    )
    events = forms.MultipleChoiceField(
        label=_("When it is called"),
        choices=EVENTS,
        initial=[EventType.SUCCEEDED, EventType.FAILED],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )

    def __init__(self, *args: Any, others: OrgOwnedQuerySet[Endpoint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if self.others.filter(url=url).exists():
            raise forms.ValidationError(_("This address is called already."))
        try:
            target_of(url)
        except NotCalled as refusal:
            raise forms.ValidationError(str(refusal)) from None
        except OSError:
            raise forms.ValidationError(_("This name leads nowhere just now. Check how it is written.")) from None
        return url
