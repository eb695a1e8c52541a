"""Who is let in, as typed by an admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.actions import is_invited
from accounts.models import Membership, Organization, User


class Invite(forms.Form):
    """Who shall become a member of `organization`."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.COACH)

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.organization = organization

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


class Join(forms.Form):
    """The name and password of somebody new who was invited."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: object, email: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.email = email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            validate_password(given.get("password", ""), User(email=self.email, name=given.get("name", "")))
        except forms.ValidationError as error:
            self.add_error("password", error)
        return given


class ChangeRole(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)
