"""The history of a runner in two taps, a mark in two, and the inbox by its keys, on a phone and on a desktop."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from analyses.models import Analysis, Measurement
from subjects.models import Mark, Subject
from tests.analyses.asking import page
from tests.driving import AT_MOST_S, HANDS, SIZES, Hand, Held, screen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAPS = 2


@pytest.fixture
def films(order, organization, runner):
    """Two finished films of the runner and one that failed, among a hundred other runners."""
    Subject.objects.bulk_create(Subject(organization=organization, name=f"Somebody {n:03}") for n in range(100))
    made = []
    for cadence in (160, 170):
        analysis = order()
        Analysis.objects.filter(pk=analysis.pk).update(status="succeeded", total_score=0.6)
        Measurement.objects.create(
            organization=organization, analysis=analysis, key="cadence_spm", value=cadence, unit="steps/min"
        )
        made.append(analysis)
    failed = order()
    failed.move_to("failed", reason="No runner was found in the film.")
    return [*made, failed]


@pytest.mark.parametrize("kind", HANDS)
def test_a_history_is_read_two_taps_from_any_page(drive, films, runner, kind):
    newest = reverse("analyses:detail", args=[films[1].code])

    def journey(page):
        page.goto("/")
        taps = 0
        # Going into the field and typing the name is one choice.
        into = {"keys": lambda: page.keyboard.press("/"), "phone": lambda: page.tap("[data-slash]")}
        into.get(kind, lambda: page.click("[data-slash]"))()
        page.keyboard.type("runner 01")
        taps += 1
        page.keyboard.press("Enter")
        taps += 1
        page.wait_for_selector("h1:text-is('Runner 01')")
        page.wait_for_load_state()
        assert page.locator("figure.trend").count() == 1
        assert page.locator(".day").count() >= 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        url = page.url
        if kind == "keys":  # and what is read there is reached without a mouse, too
            Hand(page, kind).press(f"a[href='{newest}']")
            page.wait_for_url(f"**{newest}")
        return taps, url

    taps, url = drive(screen(kind), journey)
    assert taps <= TAPS
    assert url.endswith(reverse("subjects:detail", args=[runner.code]))


@pytest.mark.parametrize("size", SIZES)
def test_a_mark_takes_two_taps(drive, films, runner, size):
    def journey(page):
        page.goto(reverse("subjects:detail", args=[runner.code]))
        press = page.tap if size == "phone" else page.click
        press("summary:has-text('Mark')")
        press("button[value='pain-4']")
        page.wait_for_selector(".chip:has-text('Pain 4/10')")

    drive(size, journey)
    assert Mark.objects.get().level == 4


def test_a_form_pressed_again_before_its_page_comes_is_sent_once(drive, films, runner):
    def journey(page):
        sent = []

        def answer(route):
            sent.append(route)
            route.fulfill(status=204)  # no page comes

        page.goto(reverse("subjects:detail", args=[runner.code]))
        page.route("**/note/", answer)
        page.fill("textarea[name=text]", "Looks calmer")
        button = page.locator("form[action$='/note/'] button")
        for _ in range(2):
            button.dispatch_event("click")
            page.wait_for_timeout(500)
        once = len(sent)
        page.evaluate("dispatchEvent(new Event('pageshow'))")  # as after the browser's own Back
        with page.expect_request("**/note/"):
            button.dispatch_event("click")
        return once

    assert drive("phone", journey) == 1


@pytest.mark.parametrize("size", SIZES)
def test_the_inbox_is_worked_through_by_its_keys(drive, films, size):
    newest_first = [str(one.code) for one in reversed(films)]

    def journey(page):
        from playwright.sync_api import expect

        page.goto("/?show=open")
        here = "document.activeElement.closest('[data-line]')?.dataset.line"
        page.keyboard.press("j")
        seen = [page.evaluate(here)]
        page.keyboard.press("j")
        seen.append(page.evaluate(here))
        page.keyboard.press("k")
        seen.append(page.evaluate(here))
        page.keyboard.press("e")
        expect(page.locator("[data-line]")).to_have_count(len(films) - 1)
        page.wait_for_function(here)
        seen.append(page.evaluate(here))
        page.keyboard.press("Enter")
        page.wait_for_url("**/analyses/**")
        return json.dumps(seen), page.url

    seen, url = drive(size, journey)
    first, second = newest_first[:2]
    assert json.loads(seen) == [first, second, first, second]
    assert second in url
    assert Analysis.objects.get(code=first).reviewed_at is not None


def test_e_pressed_again_while_the_network_is_slow_leaves_the_next_line_alone(drive, films):
    sent = []

    def journey(page):
        from playwright.sync_api import expect

        page.goto("/?show=open")
        page.route("**/reviewed/", lambda route: sent.append(route))
        for key in "jee":
            page.keyboard.press(key)
        expect(page.locator("[data-line]").first.locator("xpath=..")).to_have_attribute("aria-busy", "true")
        while not sent:
            page.wait_for_timeout(50)
        sent[0].continue_()
        expect(page.locator("[data-line]")).to_have_count(len(films) - 1)

    drive("desktop", journey)
    assert len(sent) == 1
    assert Analysis.objects.filter(reviewed_at=None).count() == len(films) - 1


def test_a_review_whose_connection_breaks_is_sent_again_as_the_page_it_leads_to(drive, films):
    tries = []

    def once(route):
        tries.append(route.request.is_navigation_request())
        route.continue_() if tries[-1] else route.abort()

    def journey(page):
        page.goto("/?show=open")
        page.route("**/reviewed/", once)
        page.keyboard.press("j")
        with page.expect_navigation():
            page.keyboard.press("e")

    drive("desktop", journey)
    assert tries == [False, True]
    assert Analysis.objects.filter(reviewed_at=None).count() == len(films) - 1


def test_whoever_moves_on_before_a_mark_has_arrived_stays_where_they_are(drive, films):
    first, _second, third = (str(one.code) for one in reversed(films))

    def journey(page):
        page.goto("/?show=open")
        mark = Held(page, f"**/{first}/reviewed/")
        page.keyboard.press("j")
        page.keyboard.press("e")
        mark.wait()
        page.keyboard.press("j")
        page.keyboard.press("j")
        mark.let_go()
        page.wait_for_selector(f"[data-line='{first}']", state="detached")
        return page.evaluate("document.activeElement.closest('[data-line]').dataset.line")

    assert drive("desktop", journey) == third


def test_the_inbox_is_worked_through_by_a_thumb(drive, films):
    newest, second = (str(one.code) for one in list(reversed(films))[:2])

    def journey(page):
        from playwright.sync_api import expect

        page.goto("/?show=open")
        page.tap(f"[data-line='{newest}'] [data-review] button")
        expect(page.locator("[data-line]")).to_have_count(len(films) - 1)
        page.tap(f"[data-line='{second}'] a.row-link")
        page.wait_for_url(f"**/analyses/{second}/")
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert drive("phone", journey)
    assert Analysis.objects.get(code=newest).reviewed_at is not None
    assert Analysis.objects.get(code=second).reviewed_at is None


@pytest.mark.parametrize("size", SIZES)
def test_a_result_comes_into_the_open_inbox_by_itself(drive, order, size):
    other, running = order(), order()
    opened, finished = threading.Event(), threading.Event()

    def wait(page):
        from playwright.sync_api import expect

        page.clock.install()
        page.goto("/?show=open")
        page.locator(f"[data-line='{other.code}']").evaluate("line => { line.untouched = true }")
        page.locator(f"[data-line='{running.code}'] a").focus()
        opened.set()
        assert finished.wait(AT_MOST_S)
        page.clock.fast_forward(10_000)
        expect(page.locator(f"[data-line='{running.code}'] .pill")).to_have_text("New")
        expect(page.locator("#filters a", has_text="New results")).to_have_text("New results 1")
        untouched = page.locator(f"[data-line='{other.code}']").evaluate("line => line.untouched")
        return untouched, page.evaluate("document.activeElement.closest('[data-line]').dataset.line")

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(drive, size, wait)
        assert opened.wait(AT_MOST_S), waiting.exception(timeout=AT_MOST_S)
        Analysis.objects.filter(pk=running.pk).update(status="succeeded", total_score=0.6)
        finished.set()
        assert waiting.result(timeout=AT_MOST_S) == (True, str(running.code))


def test_an_order_of_somebody_else_is_there_when_the_inbox_is_looked_at_again(drive, order):
    opened, ordered = threading.Event(), threading.Event()

    def come_back(page):
        from playwright.sync_api import expect

        page.goto("/?show=open")
        assert page.locator("[data-line]").count() == 0
        opened.set()
        assert ordered.wait(AT_MOST_S)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("[data-line]")).to_have_count(1)
        expect(page.locator("#filters a", has_text="Under way")).to_have_text("Under way 1")

    with ThreadPoolExecutor(1) as thread:
        back = thread.submit(drive, "desktop", come_back)
        assert opened.wait(AT_MOST_S), back.exception(timeout=AT_MOST_S)
        order()
        ordered.set()
        back.result(timeout=AT_MOST_S)


@pytest.mark.parametrize("is_inbox", [True, False])
def test_a_page_that_renews_itself_goes_to_the_sign_in_and_is_come_back_to_when_the_session_has_ended(
    drive, order, is_inbox
):
    url = page(order())

    def sign_out(page):
        page.clock.install()
        page.goto("/?show=open" if is_inbox else url)
        page.context.clear_cookies()
        page.clock.fast_forward(10_000)
        page.wait_for_url("**/accounts/login/**")
        return parse_qs(urlsplit(page.url).query)["next"]

    assert drive("desktop", sign_out) == ["/?show=open" if is_inbox else url]


# Where each line of a list leads to at its right end.
LED_TO = """() => [...document.querySelectorAll(".table.list tbody tr")].slice(0, 5).map((row) => {
  const { right, top, height } = row.getBoundingClientRect();
  return document.elementFromPoint(right - 4, top + height / 2) === row.querySelector(".row-link");
})"""


def test_each_line_leads_to_its_own_runner_where_a_row_holds_nothing(drive, films):
    def lines(page):
        page.goto("/runners/")
        page.evaluate("""() => {
          const safari = new CSSStyleSheet();
          safari.replaceSync("tr { position: static !important }");
          document.adoptedStyleSheets = [safari];
        }""")
        return page.evaluate(LED_TO)

    assert drive("desktop", lines) == [True] * 5
