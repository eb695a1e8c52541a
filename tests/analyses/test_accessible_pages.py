"""Every page, light on a desktop and dark on a phone: axe finds nothing, nothing is wider than the screen."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from analyses import actions
from analyses.models import Analysis, Result
from credits import ledger
from subjects.models import Group

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = settings.BASE / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"light": (1280, 800), "dark": (390, 844)}
PAGES = [
    *("/", "/upload/", "/runners/", "/runners/new/", "/runners/groups/"),
    *("/reports/", "/reports/links/"),
    *("/credits/", "/credits/used/", "/credits/rules/", "/credits/failed/"),
    *("/members/", "/members/audit/", "/settings/provider/"),
    *("/measures/knee_at_strike_deg/", "/measures/cadence_spm/"),
]
CALCULATED = {
    "metrics": {"step_frequency_steps_per_min": 168.4, "ground_contact_time_ms": 262},
    "joint_angles": {"knee": {"left": {"strike": 12.3, "min": -1.2}}},
    "house": {
        "measures": {"cadence_spm": {"value": 168.4, "uncertainty_95": 1.5, "range_good": [162, 186]}},
        "steps": [{"step": 1, "foot": "left", "strike_s": 0.5, "toe_off_s": 0.75, "landing": "rearfoot"}],
        "findings": [{"key": "cadence_spm", "title": "Cadence", "value": 150, "range": [162, 186], "text": "Slow."}],
        "curves": {"left": {"knee": {"mean": [10, 20, 30], "sd": [1, 1, 1]}}},
    },
}
RESULTS = {
    "total_score": 0.6,
    "analysis_content": {"trunk": {"score_number": 0.6, "texts": {"title": "Trunk", "position": "Upright"}}},
    "running_styles": [{"title": "Bounce", "percentage": 61.2}],
}


@pytest.fixture
def addresses(order, runner, organization, alice):
    """The pages that are about something, each with something on it."""
    ledger.give(organization=organization, amount=5, reason="Start", by=alice)
    Group.objects.create(organization=organization, name="Juniors")
    waiting, failed, done, older = order(), order(), order(), order()
    failed.move_to("failed", reason="No runner was found in the film.")
    for analysis in (done, older):
        Analysis.objects.filter(pk=analysis.pk).update(status="succeeded", total_score=0.6, finished_at=timezone.now())
        Result.objects.create(
            organization=organization,
            analysis=analysis,
            results=json.dumps(RESULTS),
            calculated=json.dumps(CALCULATED),
            raw_key="raw.json",
        )
        actions.read_again(analysis=analysis)
    about = [reverse("analyses:detail", args=[one.code]) for one in (waiting, failed, done)]
    leaving = [reverse(f"reports:{name}", args=[done.code]) for name in ("share", "new")]
    return [*PAGES, *about, *leaving, reverse("subjects:detail", args=[runner.code])]


@pytest.mark.parametrize("scheme", SIZES)
def test_nobody_is_kept_out_of_any_page(request, addresses, as_alice, scheme):
    if CHROMIUM is None or not AXE.exists():
        pytest.skip("not installed: chromium" if CHROMIUM is None else "not installed: axe-core")
    # Asked for here and not above: the server must start after this test's own settings are made.
    address = request.getfixturevalue("live_server").url
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": as_alice.cookies[settings.SESSION_COOKIE_NAME].value}
    # A thread of its own, for Playwright would keep Django off its rows in ours.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(_look, address, addresses, cookie, scheme).result(timeout=240)
    assert found == []


def _look(address: str, pages: list[str], cookie: dict, scheme: str) -> list[str]:
    from playwright.sync_api import sync_playwright

    width, height = SIZES[scheme]
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        # Without the content policy: axe is put into the page from outside.
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True, base_url=address
        )
        page = context.new_page()
        for signed_in in (False, True):
            if signed_in:
                context.add_cookies([{**cookie, "url": address}])
            for url in pages if signed_in else ["/accounts/login/", "/accounts/password/reset/"]:
                page.goto(url)
                page.evaluate(AXE.read_text())
                found += [f"{url}: {broken['id']}" for broken in page.evaluate("axe.run()")["violations"]]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append(f"{url}: wider than {width}")
        browser.close()
    return found
