"""Slow motion that says how it was filmed, in a real browser: its length is that of the run."""

from __future__ import annotations

import base64

import pytest

from clips import actions, jobs
from clips.models import Clip
from clips.probe import look
from tests.clips.films import as_android_writes
from tests.driving import faults, open_pages

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READ = """async (films) => {
  const { slowedBy } = await import("/static/js/slowed.js");
  const bytes = (film) => Uint8Array.from(atob(film), (letter) => letter.charCodeAt(0));
  return Promise.all(films.map((film) => slowedBy(new File([bytes(film)], "run.mp4"))));
}"""


@pytest.fixture
def drive(request, as_carol):
    """Run a function with the upload page on a phone."""

    def on_upload_page(act):
        def on_page(page):
            page.goto("/upload/")
            return act(page)

        return open_pages(request, on_page, (as_carol, "phone"))

    return on_upload_page


def choose(page, path):
    page.set_input_files("[data-upload] [data-input]", str(path))


def code(page):
    return page.wait_for_selector("input[name=clip]", state="attached").get_attribute("value")


def start_told(page):
    """Fill in where the part begins, keep it, and return what the server is told of it."""
    page.locator("[data-range]").fill("0.5")
    with page.expect_request("**/begin/") as asked:
        page.click("[data-keep]")
    return asked.value.post_data_json["start"]


def test_a_short_run_that_plays_long_is_sent_whole(drive, film):
    path = as_android_writes(film(seconds=72, fps=30, size=(64, 48), taken_fps=240), 240)

    def act(page):
        choose(page, path)
        return {"code": code(page), "row": page.inner_text(".upload-film"), "faults": faults(page)}

    seen = drive(act)
    assert "9 s long" in seen["row"]
    assert "240 frames a second" in seen["row"]
    assert seen["faults"] == []
    clip = Clip.objects.get(code=seen["code"])
    assert (clip.frame_count, clip.duration_s) == (2160, pytest.approx(9, abs=0.01))


def test_of_a_long_run_ten_seconds_of_running_are_kept(drive, film):
    path = film(seconds=88, fps=30, size=(64, 48), taken_fps=240)

    def act(page):
        choose(page, path)
        page.wait_for_selector("[data-trim]:not([hidden])")
        seen = {"row": page.inner_text(".upload-film"), "most": page.get_attribute("[data-range]", "max")}
        page.locator("[data-range]").fill("0.5")
        seen["part"] = page.inner_text("[data-part]")
        seen["shown_s"] = page.eval_on_selector(".upload-film video", "video => video.currentTime")
        seen["start"] = start_told(page)
        return seen | {"code": code(page)}

    seen = drive(act)
    assert "The film is 11 s long; 10 s is the most that can be measured." in seen["row"]
    assert (seen["most"], seen["part"]) == ("1.0", "From 0.5 s to 10.5 s")
    assert (seen["shown_s"], seen["start"]) == (4, "4")
    clip = Clip.objects.get(code=seen["code"])
    assert (clip.frame_count, clip.duration_s) == (2400, pytest.approx(10, abs=0.01))


def test_a_connection_that_breaks_before_a_part_can_be_chosen_is_tried_again(drive, film):
    path = film(seconds=88, fps=30, size=(64, 48), taken_fps=240)

    def act(page):
        page.route("**/trim*.js", lambda route: route.abort())
        choose(page, path)
        page.wait_for_selector("[data-retry]:not([hidden])")
        said = page.inner_text("[data-problem]")
        page.unroute("**/trim*.js")
        page.click("[data-retry]")
        page.wait_for_selector("[data-trim]:not([hidden])")
        return {"said": said, "part": page.inner_text("[data-part]")}

    seen = drive(act)
    assert seen["said"] == "The connection broke; the film is still on this device. Try again when you are online."
    assert seen["part"] == "From 0.0 s to 10.0 s"


def test_of_a_run_the_browser_cannot_play_the_part_is_chosen_in_its_copy(drive, film, monkeypatch):
    monkeypatch.setattr(jobs, "hint", lambda clip: actions.make_review_copy(clip=clip))
    path = film("run.mov", codec="libx265", seconds=88, fps=30, size=(64, 48), taken_fps=240)

    def act(page):
        choose(page, path)
        page.wait_for_selector("[data-trim]:not([hidden])")
        page.locator("[data-range]").fill("0.5")
        shown_s = page.eval_on_selector(".upload-film video", "video => video.currentTime")
        return {"shown_s": shown_s, "start": start_told(page), "code": code(page)}

    seen = drive(act)
    assert (seen["shown_s"], seen["start"]) == (0.5, "4")
    clip = Clip.objects.get()  # the whole film was taken back
    assert (str(clip.code), clip.frame_count) == (seen["code"], 2400)


def test_the_page_reads_the_same_speed_as_the_server(drive, film):
    told = ["240.0", "120", "89", "90", "30", "60", "0", "nan", "inf", "1e9", "-240", "very fast"]
    films = [film(f"{rate}.mp4", seconds=1, fps=30, taken_fps=rate) for rate in told]
    films += [film("a.mov", seconds=1, fps=30, taken_fps=120), film("with sound.mp4", seconds=1, fps=30, sound=True)]
    films += [film("real.mp4", seconds=1, fps=240), film("a.webm", seconds=1, codec="libvpx", container="webm")]
    for rate in (240, 30, float("nan"), 1e9):
        films.append(as_android_writes(film(f"android {rate}.mp4", seconds=1, fps=30, taken_fps=240), rate))
    read = [look(path)[1] for path in films]
    assert set(read) == {1, 3, 4, 8}
    found = drive(lambda page: page.evaluate(READ, [base64.b64encode(path.read_bytes()).decode() for path in films]))
    assert found == pytest.approx(read, abs=1e-3)


def test_what_is_no_whole_film_is_no_slow_motion(drive, film):
    whole = film(seconds=1, fps=30, taken_fps=240).read_bytes()
    broken = [whole[:size] for size in range(0, len(whole), 101)]
    broken += [b"intervals\n" * 100, bytes(1000), b"\0\0\0\1mdat" + b"\xff" * 100]
    found = drive(lambda page: page.evaluate(READ, [base64.b64encode(one).decode() for one in broken]))
    assert set(found) == {1}
