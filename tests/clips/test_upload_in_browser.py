"""The field that takes films in, in a real browser: what a person sees, and what reaches the server."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.conf import settings

from accounts.models import User
from analyses.models import Analysis
from clips import actions, jobs
from clips.models import Clip
from tests.driving import AT_MOST_S, WAIT_MS, Held

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class UploadPage:
    """The upload page of somebody who is signed in."""

    def __init__(self, page):
        self.page = page
        self.complaints = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def choose(self, path):
        self.page.set_input_files("[data-upload] [data-input]", str(path))

    def row(self):
        return self.page.locator(".upload-film")

    def problem(self):
        self.page.wait_for_selector(".upload-problem:not([hidden])")
        return self.page.inner_text(".upload-problem")

    def picture_px(self):
        return self.page.eval_on_selector(".upload-film video", "video => video.videoWidth")

    def code(self):
        return self.page.locator("input[name=clip]").get_attribute("value")


@pytest.fixture
def drive(request, chromium, as_carol):
    """Run a function with an UploadPage."""
    thread, browser = chromium
    # Asked for here and not above: a server for the whole session must start after each test's own settings are made.
    live_server = request.getfixturevalue("live_server")
    cookie = as_carol.cookies[settings.SESSION_COOKIE_NAME].value

    def in_thread(act, width, height):
        context = browser.new_context(viewport={"width": width, "height": height})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        context.set_default_timeout(WAIT_MS)
        upload = UploadPage(context.new_page())
        upload.page.goto(f"{live_server.url}/upload/")
        act(upload)
        context.close()
        return upload

    return lambda act, width=1280, height=900: thread.submit(in_thread, act, width, height).result(timeout=AT_MOST_S)


@pytest.fixture
def copying(monkeypatch):
    """Have each film's copy made at once, as a worker does that has nothing else to do."""
    monkeypatch.setattr(jobs, "hint", lambda clip: actions.make_review_copy(clip=clip))


@pytest.mark.parametrize("width", [390, 1280])
def test_a_film_is_sent_and_its_check_list_shown(drive, film, width):
    seen = {}

    def act(upload):
        upload.choose(film(seconds=2, fps=60, size=(640, 480)))
        seen["code"] = upload.code()
        seen["row"] = upload.row().inner_text()
        seen["wide"] = upload.page.evaluate("document.documentElement.scrollWidth > innerWidth")

    upload = drive(act, width=width)
    assert upload.complaints == []
    assert "Ready to be measured." in seen["row"]
    assert "640 × 480 pixels" in seen["row"]
    assert not seen["wide"], "the page must not scroll sideways"
    assert Clip.objects.get().code.hex == seen["code"].replace("-", "")


def test_a_film_chosen_before_the_scripts_have_come_is_sent_when_they_are_there(drive, film):
    seen = {}

    def act(upload):
        script = Held(upload.page, "**/js/upload*.js")
        upload.page.goto(upload.page.url, wait_until="commit")
        upload.choose(film(seconds=2, fps=60, size=(640, 480)))
        script.let_go()
        seen["code"] = upload.code()

    assert drive(act).complaints == []
    assert Clip.objects.get().code.hex == seen["code"].replace("-", "")


def test_another_view_is_judged_at_once_and_its_warning_needs_a_tick(drive, film):
    seen = {}

    def act(upload):
        upload.choose(film(seconds=2, fps=30, size=(640, 480)))
        upload.code()
        upload.page.locator("label", has=upload.page.locator("input[value=back_view]")).click()
        tick = upload.page.wait_for_selector("input[name=accepted]")
        seen["tick"] = tick.get_attribute("value")
        seen["first"] = upload.page.inner_text(".checks li >> nth=0")
        seen["code"] = upload.code()

    drive(act)
    assert seen["tick"] == seen["code"]
    assert "The film is landscape; a back view needs an upright one." in seen["first"]


def test_measure_pressed_early_holds_though_the_surface_is_chosen_after_the_film(drive, film, runner, engine_account):
    seen = {}

    def act(upload):
        page, finish = upload.page, Held(upload.page, "**/finish/")
        upload.choose(film(seconds=2, fps=30, size=(480, 640)))
        finish.wait()
        page.click(f"text={runner.name}")
        page.click(".segment label:has(input[value='1'])")
        page.fill("input[name=pace]", "5:30")
        page.click("[data-send]")
        seen["said"] = page.inner_text("[data-said]")
        finish.let_go()
        page.wait_for_url("**/analyses/**")

    drive(act)
    assert seen["said"] == "The film is on its way; it is measured as soon as it is here."
    assert Analysis.objects.get().pace_s_per_km == 330


def test_measure_pressed_before_a_film_is_refused_says_so(drive, film, runner, engine_account):
    seen = {}

    def act(upload):
        page, begin = upload.page, Held(upload.page, "**/begin/")
        upload.choose(film(seconds=12, fps=30, size=(64, 48)))
        page.click(f"text={runner.name}")
        page.click("[data-send]")
        seen["before"] = page.inner_text("[data-said]")
        begin.let_go()
        page.wait_for_selector(".checks .no")
        seen["after"] = page.inner_text("[data-said]")

    drive(act)
    assert seen["before"] == "The film is on its way; it is measured as soon as it is here."
    assert seen["after"] == "This film cannot be measured as it is. The list below it says why."
    assert not Analysis.objects.exists()


def test_twelve_seconds_never_leave_the_device(drive, film):
    sent, seen = [], {}

    def act(upload):
        upload.page.on("request", lambda request: sent.append(request.url))
        upload.choose(film(seconds=12, fps=30, size=(64, 48)))
        upload.page.wait_for_selector(".checks .no")
        seen["row"] = upload.row().inner_text()

    drive(act)
    assert (
        "The film is 12 s long; 10 s is the most that can be measured. Cut it on your phone to the best 10 s."
        in (seen["row"])
    )
    assert not [url for url in sent if "/file/" in url]
    assert not Clip.objects.exists()


def test_of_a_long_film_the_best_ten_seconds_are_sent(drive, film, carol):
    User.objects.filter(pk=carol.pk).update(language="de")
    seen = {}

    def act(upload):
        upload.choose(film(seconds=12, fps=30, size=(640, 480)))
        upload.page.wait_for_selector("[data-range]")
        upload.page.locator("[data-range]").fill("1.5")
        seen["part"] = upload.page.inner_text("[data-part]")
        upload.page.click("[data-keep]")
        seen["code"] = upload.code()

    drive(act)
    assert seen["part"] == "Von 1,5\xa0s bis 11,5\xa0s"
    clip = Clip.objects.get(code=seen["code"])
    assert (clip.frame_count, clip.duration_s) == (300, pytest.approx(10.0))


def test_of_a_film_that_the_browser_takes_for_shorter_than_it_is_a_part_is_chosen_too(drive, film):
    seen = {}

    def act(upload):
        shorter = "Object.defineProperty(HTMLMediaElement.prototype, 'duration', { get: () => 9 })"
        upload.page.evaluate(shorter)
        upload.choose(film(seconds=12, fps=30, size=(640, 480)))
        upload.page.wait_for_selector("[data-range]")
        seen["most"] = upload.page.get_attribute("[data-range]", "max")

    drive(act)
    assert seen["most"] == "2.0"


@pytest.mark.parametrize("sound", [True, False])
def test_of_a_long_film_that_the_browser_cannot_play_the_best_part_is_chosen_in_its_copy(drive, film, copying, sound):
    seen = {}

    def act(upload):
        upload.choose(film("run.mov", codec="libx265", seconds=12, fps=30, size=(64, 48), sound=sound))
        upload.page.locator("[data-range]").fill("1.5")
        seen["before"] = upload.picture_px()
        upload.page.click("[data-keep]")
        seen["code"] = upload.code()
        while not upload.picture_px():  # the copy of the part
            upload.page.wait_for_timeout(50)

    assert drive(act).complaints == []
    assert seen["before"] == 64
    clip = Clip.objects.get()  # the whole film was taken back
    assert (str(clip.code), clip.frame_count) == (seen["code"], 300)


def test_what_is_no_film_says_so(drive, photograph):
    seen = {}

    def act(upload):
        upload.choose(photograph)
        seen["problem"] = upload.problem()

    drive(act)
    assert seen["problem"] == "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."


@pytest.mark.parametrize("press", ["[data-retry]", "[data-send]", None])  # by itself, too, a little later
def test_a_broken_connection_loses_nothing(drive, film, press):
    seen = {}

    def act(upload):
        upload.page.clock.install()
        upload.page.route("**/file/", lambda route: route.abort())
        upload.choose(film(seconds=2, fps=30, size=(640, 480)))
        seen["problem"] = upload.problem()
        upload.page.unroute("**/file/")
        upload.page.click(press) if press else upload.page.clock.fast_forward(15_000)
        seen["code"] = upload.code()

    drive(act)
    assert seen["problem"] == ("The connection broke; the film is still on this device. Try again when you are online.")
    assert Clip.objects.usable().count() == 1


def sign_in_again(page, session):
    """As in another tab: the session is there again, and the token is another one."""
    token = {"name": "csrftoken", "value": "n" * 32, "url": urljoin(page.url, "/")}
    page.context.add_cookies([session, token])


def sign_out(page):
    name = settings.SESSION_COOKIE_NAME
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == name)
    page.context.clear_cookies(name=name)
    return session


def fill_in(page, runner):
    page.click(f"text={runner.name}")
    page.click(".segment label:has(input[value='1'])")
    page.fill("input[name=pace]", "5:30")


def test_whoever_signs_in_again_in_another_tab_orders_what_was_filled_in(drive, film, runner, engine_account):
    seen = {}

    def act(upload):
        page = upload.page
        fill_in(page, runner)
        session = sign_out(page)
        upload.choose(film(seconds=2, fps=30, size=(480, 640)))
        seen["problem"] = upload.problem()
        page.click("[data-send]")
        seen["said"] = page.inner_text("[data-said]")
        sign_in_again(page, session)
        page.click("[data-retry]")
        page.wait_for_url(re.compile("/analyses/|/upload/.+"))
        seen["url"] = page.url

    drive(act)
    assert seen["problem"] == "You are signed out. Sign in again in another tab, then try again."
    assert seen["said"] == "The film is on its way; it is measured as soon as it is here."
    assert str(Analysis.objects.get().code) in seen["url"]


def test_an_order_that_leads_to_the_sign_in_finds_its_film_afterwards(drive, film, runner, engine_account):
    seen = {}

    def act(upload):
        page = upload.page
        upload.choose(film(seconds=2, fps=30, size=(480, 640)))
        fill_in(page, runner)
        seen["code"] = upload.code()
        session = sign_out(page)
        page.click("[data-send]")
        page.wait_for_url("**/accounts/login/**")
        sign_in_again(page, session)
        page.goto(urljoin(page.url, parse_qs(urlsplit(page.url).query)["next"][0]))
        seen["after"] = upload.code()
        seen["runner"] = page.locator(".runner-choice", has=page.locator(":checked")).inner_text()

    drive(act)
    assert seen["after"] == seen["code"]
    assert runner.name in seen["runner"]


def test_a_film_on_its_way_outlives_a_reload_but_not_its_removal(drive, film):
    seen = {}

    def act(upload):
        upload.page.route("**/file/", lambda route: None)  # the network swallows it
        upload.choose(film(seconds=2, fps=30, size=(640, 480)))
        upload.page.wait_for_selector("text=Sending")
        upload.page.unroute("**/file/")
        upload.page.reload()
        seen["sent"] = upload.code()
        upload.page.reload()
        seen["known"] = upload.code()
        with upload.page.expect_response("**/delete/"):
            upload.page.click("[data-remove]")
        upload.page.reload()
        upload.page.wait_for_load_state("networkidle")
        seen["rows"] = upload.row().count()

    drive(act)
    assert seen["known"] == seen["sent"]
    assert seen["rows"] == 0
    assert not Clip.objects.usable().exists()


def test_nobody_else_on_the_same_device_finds_the_film(drive, film):
    seen = {}

    def act(upload):
        upload.choose(film(seconds=2, fps=30, size=(640, 480)))
        upload.code()
        upload.page.route("**/upload/", another_member)
        upload.page.reload()
        upload.page.wait_for_load_state("networkidle")
        seen["rows"] = upload.row().count()
        upload.page.unroute("**/upload/")
        upload.page.reload()
        upload.page.wait_for_load_state("networkidle")
        seen["later"] = upload.row().count()

    def another_member(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r'data-owner="\d+"', 'data-owner="0"', answer.text()))

    drive(act)
    assert seen == {"rows": 0, "later": 0}


def test_a_removed_film_is_gone_from_the_server_too(drive, film):
    def act(upload):
        upload.choose(film(seconds=2, fps=30, size=(640, 480)))
        upload.code()
        with upload.page.expect_response("**/delete/"):
            upload.page.click("[data-remove]")

    drive(act)
    assert not Clip.objects.exists()
