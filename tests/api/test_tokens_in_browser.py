"""A token by the keys alone: made, seen once, used by a program, ended."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from api.models import Token
from tests.driving import Hand, faults, open_pages, picture

DAY_S = 24 * 3600

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def asked_with(secret: str, address: str) -> int:
    """Ask the interface as a program does; return the status of its answer."""
    request = urllib.request.Request(f"{address}/api/v1/runners", headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            json.load(answer)
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_token_is_made_seen_once_and_ended_by_the_keys(request, as_carol, runner):
    def act(page):
        hand = Hand(page, "keys")
        page.goto("/runners/")
        address = page.url.partition("/runners/")[0]
        hand.press("summary.avatar")
        hand.press(".sheet a[href='/tokens/']")
        page.wait_for_url("**/tokens/")
        seen = {"faults": faults(page)}

        hand.reach("#id_name")
        page.keyboard.type("Weekly sheet")
        hand.reach("#id_days")
        page.keyboard.press("ArrowUp")  # 30 days in place of 90
        hand.press("main button.primary")
        # Who makes one shows first who they are; what was typed is not asked for again.
        page.wait_for_url("**/accounts/reauthenticate/**")
        hand.reach("#id_password")
        page.keyboard.type("a long password")
        page.keyboard.press("Enter")
        page.wait_for_selector("#secret")
        picture(page, "token-made")
        secret = page.input_value("#secret")
        seen["faults"] += faults(page)
        hand.reach("#secret")
        seen["marked"] = page.evaluate("getSelection().toString()")
        seen["works"] = asked_with(secret, address)

        hand.press("main a.btn")
        page.wait_for_selector("main form.card, main table")
        seen["shown again"] = secret in page.content()
        seen["begins"] = page.inner_text("main table .code")
        seen["start"] = secret.startswith(seen["begins"].rstrip("…"))
        hand.press("main td.acts button")
        page.wait_for_selector("main table .pill")
        seen["ended"] = page.inner_text("main table .pill")
        seen["refused"] = asked_with(secret, address)
        picture(page, "token-ended")
        seen["faults"] += faults(page)
        return seen, secret

    seen, secret = open_pages(request, act, (as_carol, "desktop"))
    assert seen["faults"] == []
    assert seen["marked"] == secret
    assert (seen["works"], seen["refused"]) == (200, 401)
    assert (seen["shown again"], seen["start"]) == (False, True)
    assert seen["ended"] == "ended"
    token = Token.objects.get()
    assert token.name == "Weekly sheet"
    assert (token.expires_at - token.made_at).total_seconds() / DAY_S == pytest.approx(30, abs=0.01)
