"""Who is let in, and how an organisation and its people are called and written to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actions import is_invited
from accounts.alerts import MOST_ADDRESSES
from accounts.models import Membership, Organization, Units, User
from accounts.names import NameField
from accounts.ticked import TickedField

UNITS_HELP = _(
    "How height, weight, pace and speed are shown, and how a number without a unit is read. Measures and files "
    "stay metric."
)


class InviteForm(forms.Form):
    """Who shall become a member of `organization`, and which of its `groups` they look after."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.COACH)
    groups: Any = TickedField(label=_("Looks after"), queryset=None, required=False)

    def __init__(
        self, *args: object, organization: Organization, groups: models.QuerySet[Any], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.organization = organization
        self.fields["groups"].queryset = groups  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if self.organization.memberships.filter(user__email__iexact=email).exists():
            raise forms.ValidationError(
                _("%(email)s is a member already. Change the role in the list."), params={"email": email}
            )
        if is_invited(organization=self.organization, email=email):
            raise forms.ValidationError(
                _("%(email)s is invited already. Send that invitation again."), params={"email": email}
            )
        return email


class JoinForm(forms.Form):
    """The name and password of somebody new who was invited."""

    name = NameField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: object, email: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.email = email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "password" not in given:
            return given
        try:
            validate_password(given["password"], User(email=self.email, name=given.get("name", "")))
        except forms.ValidationError as error:
            self.add_error("password", error)
        return given


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)


class OrganizationForm(forms.Form):
    """How an organisation is called, and in what its pages for others are written."""

    name = NameField(
        label=pgettext_lazy("thing", "Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    language = forms.ChoiceField(
        label=_("Language for runners and members"),
        choices=[("", _("As the film was ordered")), *settings.LANGUAGES],
        required=False,
        help_text=_(
            "Shared links, reports, consent pages and invitations begin with it; so do the pages of members who chose "
            "no language of their own."
        ),
    )
    units = forms.ChoiceField(
        label=_("Units"),
        choices=Units.choices,
        widget=forms.RadioSelect,
        help_text=UNITS_HELP,
    )


class YouForm(forms.Form):
    """How a person is called, and in which language and units they read the portal."""

    name = NameField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        help_text=_("Of your pages and of mail to you. Where the organisation has chosen none, your browser decides."),
    )
    units = forms.ChoiceField(
        label=_("Units"),
        choices=[("", _("As the organisation")), *Units.choices],
        required=False,
        widget=forms.RadioSelect,
        help_text=UNITS_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each in its own words: whoever sits before a language they cannot read finds theirs.
        own = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
        self.fields["language"].choices = [("", _("As the organisation")), *own]  # type: ignore[attr-defined]


class AlertsForm(forms.Form):
    """E-mail addresses, one a line."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        help_text=_("One a line, ten at most. Leave it empty and the admins get the mail."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "inputmode": "email"}),
    )

    def clean_addresses(self) -> list[str]:
        typed = dict.fromkeys(self.cleaned_data["addresses"].replace(",", " ").replace(";", " ").split())
        for address in typed:
            try:
                validate_email(address)
            except forms.ValidationError as error:
                text = _("“%(address)s” is not an e-mail address. Write one a line, such as desk@example.org.")
                raise forms.ValidationError(text, params={"address": address}) from error
        if len(typed) > MOST_ADDRESSES:
            raise forms.ValidationError(_("Ten addresses at most. Make a shared one for the rest."))
        return list(typed)
