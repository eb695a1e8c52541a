"""A whole portal as `./portal run` starts it on a laptop, people to sign in as, and a browser in two sizes."""

from __future__ import annotations

import pytest

from tests.driving import CHROMIUM, QUIET, SIZES, WAIT_MS, open_pages
from tests.running import running_portal
from tests.studio import draw_film

PASSWORD = "a long password"
PEOPLE = f"""
from accounts.actions import add_member
from accounts.models import Organization
club = Organization.objects.create(name="Track club")
for name, role in (("admin", "admin"), ("coach", "coach"), ("reader", "clinic")):
    add_member(organization=club, email=name + "@example.com", name=name.title(), role=role,
               password="{PASSWORD}", by=None)
"""


@pytest.fixture(scope="module")
def laptop(tmp_path_factory, empty_portal):
    """The portal with its embedded database, files and queue; an organisation without runners."""
    with running_portal(empty_portal(tmp_path_factory.mktemp("laptop"))) as portal:
        portal.manage("shell", "--command", PEOPLE)
        yield portal


@pytest.fixture(scope="session")
def studio_film(tmp_path_factory):
    return draw_film(tmp_path_factory.mktemp("studio") / "run.mp4", seconds=6)


@pytest.fixture(scope="module", params=SIZES)
def page(request, laptop):
    """A page of the portal, signed in as the coach; nothing may go wrong in its console."""
    if CHROMIUM is None:
        pytest.skip("not installed: chromium")
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(
            viewport=SIZES[request.param],
            base_url=laptop.address,
            has_touch=request.param == "phone",
            color_scheme="dark" if request.param == "phone" else "light",
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.size = request.param
        page.goto("/accounts/login/")
        page.fill("input[name=login]", "coach@example.com")
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("/")
        yield page
        context.close()
        browser.close()
    assert complaints == []


@pytest.fixture
def drive(request, as_carol):
    """Run a function of a page of Carol's on a screen of that size."""
    return lambda size, act: open_pages(request, act, (as_carol, size))
