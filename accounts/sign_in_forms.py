"""The sign-in library's forms in our words: "E-mail" here and "Email" there are two things to a reader."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as theirs
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LABELS = {
    "login": gettext_lazy("E-mail"),
    "email": gettext_lazy("E-mail"),
    "oldpassword": gettext_lazy("Current password"),
    "password1": gettext_lazy("New password"),
    "password2": gettext_lazy("New password again"),
}


class InOurWords:
    """Any form of the library, with our labels, and one sentence on what a password must be."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = LABELS.get(name, field.label)
        if "password1" in self.fields:
            self.fields["password1"].help_text = _(
                "At least %(n)s characters, nothing of your name or address, and no password that many use."
            ) % {"n": settings.SHORTEST_PASSWORD}


class SignIn(InOurWords, theirs.LoginForm):  # type: ignore[misc]
    pass


class ChangePassword(InOurWords, theirs.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPassword(InOurWords, theirs.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPassword(InOurWords, theirs.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKey(InOurWords, theirs.ResetPasswordKeyForm):  # type: ignore[misc]
    pass
