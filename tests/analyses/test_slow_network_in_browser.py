"""What a person does while an answer is still on its way, as on a poor network: it holds when the answer comes."""

from __future__ import annotations

import pytest

from analyses.models import Analysis
from clips.models import Clip
from subjects.models import Subject
from tests.clips.films import write_film
from tests.driving import Held, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FIELD = "[data-upload] [data-input]"
# What the device keeps is read; the page learns of it when `held` are called.
KEPT_LATE = """window.held = [];
const all = IDBObjectStore.prototype.getAll;
IDBObjectStore.prototype.getAll = function () {
  const [real, late] = [all.call(this), {}];
  real.onsuccess = () => held.push(() => late.onsuccess(late.result = real.result));
  return late;
};"""


@pytest.fixture
def drive(request, as_carol, engine_account):
    return lambda act: open_pages(request, act, (as_carol, "desktop"))


@pytest.fixture
def film(tmp_path):
    return lambda name, size=(480, 640): str(write_film(tmp_path / name, seconds=2, fps=60, size=size))


def test_a_film_removed_before_the_server_has_answered_is_neither_sent_nor_kept(drive, film):
    sent = []

    def act(page):
        page.on("request", lambda request: sent.append(request.url))
        page.goto("/upload/")
        begin = Held(page, "**/begin/")
        page.set_input_files(FIELD, film("run.mp4"))
        begin.wait()
        page.click("[data-remove]")
        with page.expect_response("**/delete/"):
            begin.let_go()
        page.goto("/upload/several/")
        page.wait_for_function("document.querySelector('[data-upload]').field")
        page.evaluate("document.querySelector('[data-upload]').field.wentOn")
        return page.locator(".upload-film").count()

    assert drive(act) == 0
    assert not [url for url in sent if "/file/" in url]
    assert not Clip.objects.usable().exists()


def test_a_film_chosen_while_an_earlier_one_is_looked_up_takes_its_place(drive, film):
    def act(page):
        page.goto("/upload/")
        page.set_input_files(FIELD, film("earlier.mp4"))
        page.wait_for_selector("input[name=clip]", state="attached")
        page.add_init_script(KEPT_LATE)
        page.reload()
        page.wait_for_function("held.length === 1")
        page.set_input_files(FIELD, film("later.mp4"))
        page.evaluate("held.forEach((tell) => tell())")
        page.wait_for_selector(".upload-film:has-text('later') input[name=clip]", state="attached")
        return page.locator(".upload-film [data-name]").all_inner_texts()

    assert drive(act) == ["later.mp4"]


def test_a_size_typed_while_the_runner_is_looked_for_stays(drive):
    def act(page):
        page.goto("/upload/")
        found = Held(page, "**/upload/runners/**")
        page.fill("[data-find-runner]", "Zoe Zuber")
        found.wait()
        page.fill("[name=height_m]", "1.81")
        found.let_go()
        page.wait_for_selector("[data-runner][value=new]:checked", state="attached")
        typed = page.input_value("[name=height_m]")
        with page.expect_response("**/upload/runners/**"):
            page.fill("[data-find-runner]", "Somebody else")
        page.wait_for_function("document.querySelector('[name=new_name]').value === 'Somebody else'")
        return typed, page.input_value("[name=height_m]")

    assert drive(act) == ("1.81", "")


def test_measure_pressed_before_a_film_that_is_there_is_judged_holds(drive, film, runner):
    def act(page):
        page.goto("/upload/")
        page.set_input_files(FIELD, film("run.mp4", size=(640, 480)))
        clip = page.wait_for_selector("input[name=clip]", state="attached").get_attribute("value")
        checks = Held(page, "**/checks/**")
        page.goto(f"/upload/?clip={clip}&runner={runner.code}&view=side_view")
        page.click("[data-send]")
        said = page.inner_text("[data-said]")
        checks.let_go()
        page.wait_for_url("**/analyses/**")
        return said

    assert drive(act) == "The film is on its way; it is measured as soon as it is here."
    assert Analysis.objects.get().subject == runner


def test_a_warning_accepted_while_its_row_comes_anew_stays_accepted(drive, film, organization):
    Subject.objects.create(organization=organization, name="Mara Lindqvist")

    def act(page):
        page.goto("/upload/several/")
        page.set_input_files(FIELD, film("mara_lindqvist_back_treadmill.mp4", size=(640, 480)))
        page.locator(".upload-film [name=pace]").fill("5:30")
        page.keyboard.press("Tab")
        page.wait_for_selector("[name=accepted]")
        row = Held(page, "**/several/film/**")
        page.locator(".upload-film [name=pace]").fill("5:20")
        page.keyboard.press("Tab")
        row.wait()
        page.check("[name=accepted]")
        page.evaluate("document.querySelector('[name=accepted]').old = true")
        row.let_go()
        page.wait_for_function("!document.querySelector('[name=accepted]').old")
        return page.is_checked("[name=accepted]")

    assert drive(act)
