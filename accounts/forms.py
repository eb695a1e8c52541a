"""Who is let in, as typed by an admin."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organization


class AddMember(forms.Form):
    """A new member of `organization`."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
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
        return email


class ChangeRole(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)
