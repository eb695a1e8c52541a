"""A passkey in a real browser, which keeps it as a phone or a laptop does: made, then signed in with it alone."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from tests.driving import WAIT_MS, open_pages, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# A device that knows its owner and says yes at once (W3C Web Authentication, "Virtual Authenticators").
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_made_and_is_then_enough_to_sign_in(request, as_carol, carol, organization):
    organization.needs_second_factor = True
    organization.save()

    def act(signed_in):
        # A window in which the rules for scripts hold: `open_pages` lifts them for axe.
        signed_in.goto("/accounts/2fa/")
        portal = signed_in.url.partition("/accounts/")[0]
        context = signed_in.context.browser.new_context(
            base_url=portal, storage_state=signed_in.context.storage_state()
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

        page.goto("/runners/")
        page.click("main li:has-text('Passkeys') a.btn")
        page.fill("input[name=password]", "a long password")
        page.keyboard.press("Enter")
        page.fill("input[name=name]", "This laptop")
        page.check("input[name=passwordless]")
        page.click("#add_passkey")
        page.wait_for_url("**/recovery-codes/**")
        picture(page, "passkey-made")
        page.goto("/runners/")
        let_in = page.url.removeprefix(portal)

        context.clear_cookies()
        page.goto("/runners/")
        page.click("#passkey_login")
        page.wait_for_url(f"{portal}/runners/")
        return let_in

    assert open_pages(request, act, (as_carol, "desktop")) == "/runners/"
    kept = Authenticator.objects.get(user=carol, type="webauthn")
    assert kept.data["name"] == "This laptop"
    assert kept.last_used_at
