"""Somebody new: invited with a group, a password, a second factor where it is asked for, and the first film ordered."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from contextlib import contextmanager

import pytest

from tests.browser.conftest import PASSWORD
from tests.clips.films import write_film
from tests.driving import CHROMIUM, QUIET, SIZES, WAIT_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEW_PASSWORD = "far away and long ago"


def code_now(secret: str) -> str:
    """Return what an authenticator app shows: six digits of the half minute (RFC 6238, RFC 4226 section 5.3)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.fixture
def browser():
    if CHROMIUM is None:
        pytest.skip("not installed: chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@contextmanager
def window(browser, laptop, size: str):
    """A page of somebody who is not signed in; nothing may go wrong in its console."""
    complaints: list[str] = []
    context = browser.new_context(viewport=SIZES[size], base_url=laptop.address, has_touch=size == "phone")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def link_for_a_new_coach(page) -> str:
    """As the admin: make a group, keep coaches to theirs, invite into it, and ask everybody for a second factor."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "admin@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/runners/groups/")
    page.fill("form.card input[name=name]", "Juniors")
    page.click("button:has-text('Add the group')")
    page.click("button:has-text('Keep coaches to their groups')")
    page.wait_for_selector("text=Coaches see only the runners of their groups now.")
    page.goto("/members/")
    page.fill("input[name=email]", "dana@example.com")
    page.check("label:has-text('Juniors') input")
    page.click("button:has-text('Invite')")
    link = page.inner_text("[data-link]")
    page.goto("/members/")
    page.click("button:has-text('Ask everybody for one')")
    page.wait_for_url("**/2fa/")  # the admin is asked as well
    return link


def test_a_new_coach_joins_sets_up_a_second_factor_and_orders_the_first_film(browser, laptop, tmp_path):
    film = write_film(tmp_path / "run.mp4", seconds=2, fps=60, size=(480, 640))  # nobody waits for its result
    with window(browser, laptop, "desktop") as page:
        link = link_for_a_new_coach(page)
    with window(browser, laptop, "phone") as page:
        page.goto(link)
        page.fill("input[name=name]", "Dana")
        page.fill("input[name=password]", NEW_PASSWORD)
        page.click("button:has-text('Join')")
        page.wait_for_selector("text=Track club asks for a second factor. Set one up to go on.")
        page.goto("/accounts/2fa/totp/activate/")
        while "recovery-codes" not in page.url:  # again, when the half minute was over before the code arrived
            page.fill("input[name=code]", code_now(page.input_value("#authenticator_secret")))
            with page.expect_navigation():
                page.click("main button.primary")

        page.goto("/upload/")
        page.set_input_files("[data-upload] [data-input]", str(film))
        page.wait_for_selector("input[name=clip]", state="attached")
        page.click("label:has-text('Treadmill')")
        page.fill("input[name=pace]", "05:57")
        page.fill(".runner-find input", "Runner of Dana")
        page.click("#runner-choices label:has-text('Runner of Dana')")
        page.click("[data-send]")
        page.wait_for_selector("#status")
        page.goto("/runners/")
        page.click("a:has-text('Runner of Dana')")
        assert "Juniors" in page.inner_text(".crumb")
