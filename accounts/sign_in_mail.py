"""Which mails the sign-in library may send: those about somebody's own sign-in here, each in our own words.

Another one has no words and fails, so that an upgrade brings none unseen.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

LINK = "account/email/password_reset_key"
PASSWORD_CHANGED = _("Your password was changed.")
CHANGES = {
    "account/email/password_changed": PASSWORD_CHANGED,
    "account/email/password_reset": PASSWORD_CHANGED,
    "account/email/password_set": PASSWORD_CHANGED,
    "mfa/email/totp_activated": _("An authenticator app was set up."),
    "mfa/email/totp_deactivated": _("The authenticator app was switched off."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
    "socialaccount/email/account_connected": _("You can sign in with %(service)s from now on."),
}


def write(library_name: str, told: dict[str, Any]) -> tuple[str, str]:
    """Return subject and text in the language in use; `told` is what the library says about the occasion.

    A mail about a change needs in it `timestamp`, `ip` and `user_agent` of who made it.
    """
    if library_name == LINK:
        return _rendered("new_password", {"link": told["password_reset_url"]})
    what = str(CHANGES[library_name]) % {"service": settings.OIDC_NAME}
    new_password = settings.PUBLIC_URL + reverse("account_reset_password")
    return _rendered("sign_in_changed", {**told, "what": what, "new_password": new_password})


def _rendered(name: str, told: dict[str, Any]) -> tuple[str, str]:
    return render_to_string(f"emails/{name}.subject.txt", told).strip(), render_to_string(f"emails/{name}.txt", told)
