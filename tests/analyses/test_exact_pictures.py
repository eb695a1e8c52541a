"""The player shows exactly the picture that was asked for: films whose pictures carry their own number as bars."""

from __future__ import annotations

import io
import json

import av
import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from analyses import actions
from analyses.landings import PART_PX
from analyses.models import Analysis, Result
from clips import storage
from clips.models import Clip
from tests.analyses import made_answer
from tests.driving import Held, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT, BITS, LANDINGS = 320, 240, 8, 8
RATES = {"annotated": 30, "original": 60}
SECONDS = 3.4
# The number on the screen: eight bars from left to right, the highest bit first.
READ = """() => {
  const video = document.querySelector("[data-player] video");
  if (video.seeking || video.readyState < 2) return -1;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 240];
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, 320, 240);
  let number = 0;
  for (let bit = 0; bit < 8; bit += 1) number = number * 2 + (pen.getImageData(bit * 40 + 20, 120, 1, 1).data[0] > 127);
  return number;
}"""
DRAWN = """() => {
  const canvas = document.querySelector("[data-player] canvas");
  if (canvas.hidden || !canvas.width) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, index) => index % 4 === 3 && value).length;
}"""

# Whether the skeleton's ankle is drawn where the film shows it in its first picture, and the film is all on the screen.
ON_THE_RUNNER = """() => {
  const [canvas, video] = ["canvas", "video"].map((name) => document.querySelector(`[data-player] ${name}`));
  const [film, frame] = [video, canvas].map((one) => one.getBoundingClientRect());
  const scale = Math.min(film.width / 200, film.height / 400); // the key points' own width and height
  const x = film.left + film.width / 2 + (100 - 200 / 2) * scale - frame.left;
  const y = film.top + film.height / 2 + (300 - 400 / 2) * scale - frame.top;
  return film.bottom <= innerHeight && canvas.getContext("2d").getImageData(x, y, 1, 1).data[3] > 0;
}"""
# A busy browser tells only now that an earlier picture had reached the screen.
TELL_LATE = """async number => {
  const { film } = await import(document.querySelector("script[src*='js/film']").src);
  film.tell(film.middle(number));
}"""


def numbered_film(fps: int) -> io.BytesIO:
    """A film in which picture k shows k as bars, white for one."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=fps, options={"crf": "18", "bf": "2", "g": str(fps)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(round(SECONDS * fps)):
            bars = [255 if number >> bit & 1 else 0 for bit in reversed(range(BITS))]
            row = np.repeat(np.array(bars, np.uint8), WIDTH // BITS)
            picture = np.repeat(np.tile(row, (HEIGHT, 1))[:, :, None], 3, axis=2)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode())
    return file


def colour(landing: int) -> tuple[int, int, int]:
    return 30 * landing, 0, 255 - 30 * landing


def row_of_colours() -> io.BytesIO:
    """Pictures of landings of one colour each."""
    row, file = Image.new("RGB", (LANDINGS * PART_PX[0], PART_PX[1])), io.BytesIO()
    for landing in range(LANDINGS):
        row.paste(colour(landing), (landing * PART_PX[0], 0, (landing + 1) * PART_PX[0], PART_PX[1]))
    row.save(file, "WEBP", lossless=True)
    return file


# How far up and down a press still meets each of them, where it stands in sight.
HEIGHTS_PX = """(all) => all.map((one) => {
  one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { left, top, width, height } = one.getBoundingClientRect();
  const at = (by) => document.elementFromPoint(left + width / 2, top + height / 2 + by);
  return [...Array(120).keys()].filter((px) => at(px - 59.5)?.closest("a, button") === one).length;
})"""


@pytest.fixture
def result(order, clip, organization):
    for name, fps in RATES.items():
        storage.put(f"made/{name}.mp4", numbered_film(fps))
    storage.put("made/landings.webp", row_of_colours())
    storage.put("made/raw.json", io.BytesIO(json.dumps(made_answer.raw()).encode()))
    Clip.objects.filter(pk=clip.pk).update(
        width_px=WIDTH, height_px=HEIGHT, fps=RATES["annotated"], copy_fps=RATES["original"], duration_s=SECONDS,
        frame_count=round(SECONDS * RATES["annotated"]), review_key="made/original.mp4", copy_status="ready",
    )  # fmt: skip
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="succeeded", finished_at=timezone.now())
    Result.objects.create(
        organization=organization,
        analysis=analysis,
        results=json.dumps(made_answer.results()),
        calculated=json.dumps(made_answer.calculated()),
        raw_key="made/raw.json",
        film_key="made/annotated.mp4",
        landings_key="made/landings.webp",
        landings_of=[*range(1, LANDINGS + 1)],
    )
    analysis.refresh_from_db()
    actions.read_again(analysis=analysis)
    return reverse("analyses:detail", args=[analysis.code])


def test_every_way_to_a_picture_shows_exactly_that_picture(request, result, as_alice):
    def walk(page):
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(result)
        page.wait_for_function("document.querySelector('[data-player]').dataset.ready !== undefined")
        for way in (_keys, _steps_and_numbers, _copies, _curves):
            way(page)
        return complaints

    assert open_pages(request, walk, (as_alice, "desktop")) == []


def test_a_copy_asked_for_before_another_is_there_goes_on_where_the_film_was(request, result, as_alice):
    def walk(page):
        page.goto(result)
        page.wait_for_function("document.querySelector('[data-player]').dataset.ready !== undefined")
        page.click("#steps li:nth-child(5) button")
        _shows(page, 49)
        page.evaluate("for (const it of ['original', 'annotated']) document.querySelector(`[data-show=${it}]`).click()")
        _shows(page, 49)

    open_pages(request, walk, (as_alice, "desktop"))


def test_the_steps_asked_for_last_come_though_others_were_on_their_way(request, result, as_alice):
    def walk(page):
        ended = []
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda one: ended.append(one) if "overstride_deg" in one.url else None)
        page.goto(result)
        others = Held(page, "**/?about=overstride_deg")
        page.click("#row-overstride_deg td.r a")
        others.wait()
        wanted = Held(page, "**/?about=contact_time_ms")
        page.click("#row-contact_time_ms td.r a")
        wanted.wait()
        others.let_go()
        while not ended:
            page.wait_for_timeout(50)
        page.wait_for_timeout(100)
        wanted.let_go()
        page.wait_for_selector("#steps[data-about=contact_time_ms]")

    open_pages(request, walk, (as_alice, "desktop"))


def test_the_skeleton_stands_on_the_runner_on_the_full_screen_too(request, result, as_alice):
    def look(page):
        page.goto(result)
        page.click("[data-show=skeleton]")
        page.wait_for_function(f"({DRAWN})() > 50")
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function(ON_THE_RUNNER)
        page.click("[data-full]")
        page.wait_for_function("document.fullscreenElement")
        page.wait_for_function(ON_THE_RUNNER)

    open_pages(request, look, (as_alice, "desktop"))


def test_each_step_shows_its_own_landing_once_the_page_stands(request, result, as_alice):
    def walk(page):
        page.goto(result)
        page.wait_for_function("document.getElementById('landings').hasAttribute('href')")
        page.click("#row-overstride_deg td.r a")  # its steps come anew, and their pictures with them
        page.wait_for_selector("#steps[data-about=overstride_deg] image[href]", state="attached")
        page.wait_for_load_state("networkidle")
        for landing in (0, 4, LANDINGS - 1):
            shown = page.locator(f"#steps li:nth-child({landing + 1}) svg.landing").screenshot()
            with Image.open(io.BytesIO(shown)) as picture:
                for share in (0.1, 0.9):
                    at = round(share * picture.width), picture.height // 2
                    assert picture.convert("RGB").getpixel(at) == pytest.approx(colour(landing), abs=6)

    open_pages(request, walk, (as_alice, "desktop"))


def test_a_thumb_has_44_px_for_each_small_button_of_the_film_and_each_step_s_cross(request, result, as_alice):
    def reach(page):
        page.goto(result)
        page.click("[data-show=skeleton]")
        return page.locator(".which button, .layers button, .speeds button, .step-list .leave").evaluate_all(HEIGHTS_PX)

    heights_px = open_pages(request, reach, (as_alice, "phone"))
    assert len(heights_px) > 10
    assert min(heights_px) >= 44


def test_a_note_leads_to_its_picture_though_the_film_came_before_the_script(request, result, as_alice):
    def walk(page):
        def late(route):
            page.wait_for_function("document.querySelector('[data-player] video').readyState >= 2")
            route.continue_()

        page.route("**/js/note*.js", late)
        page.goto(f"{result}?frame=30", wait_until="commit")
        _shows(page, 30)

    open_pages(request, walk, (as_alice, "desktop"))


def _shows(page, *numbers: int) -> None:
    """Wait until the screen shows one of these pictures, and stays on it."""
    page.wait_for_function(f"numbers => numbers.includes(({READ})())", arg=list(numbers))
    page.wait_for_timeout(150)
    assert page.evaluate(READ) in numbers


def _keys(page) -> None:
    page.focus("[data-player] video")
    _shows(page, 0)
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    _shows(page, 7)
    page.keyboard.press("Shift+ArrowRight")
    _shows(page, 17)
    page.keyboard.press("ArrowLeft")
    _shows(page, 16)
    page.evaluate(TELL_LATE, 3)
    page.keyboard.press("ArrowRight")
    _shows(page, 17)
    page.keyboard.press("Home")
    _shows(page, 0)
    page.click(".film .legend")  # a press beside the film's controls, or on a button in Safari, leads the keys to it
    page.keyboard.press("ArrowRight")
    _shows(page, 1)


def _steps_and_numbers(page) -> None:
    page.click("#steps li:nth-child(5) button")  # strikes at 1.64 s: picture 49.2
    _shows(page, 49)
    page.click("#row-overstride_deg td.r a")  # one tap; right strikes first at 0.56 s: picture 16.8
    _shows(page, 17)
    page.wait_for_selector("#steps[data-about=overstride_deg]")
    assert page.locator("#steps li:nth-child(2) strong").inner_text() == "24.0\N{NO-BREAK SPACE}°"
    page.click("#steps li:nth-child(8) button")  # 2.72 s: picture 81.6
    _shows(page, 82)


def _copies(page) -> None:
    assert page.evaluate(DRAWN) == 0
    page.click("[data-show=skeleton]")
    _shows(page, 164, 165)  # the same moment in the copy of twice the rate
    page.wait_for_function(f"({DRAWN})() > 50")
    page.click("[data-layer=joints]")
    assert page.get_attribute("[data-layer=joints]", "aria-pressed") == "false"
    page.click("[data-show=original]")
    page.wait_for_function(f"({DRAWN})() === 0")
    _shows(page, 164, 165)
    page.click("[data-show=annotated]")
    _shows(page, 82)


def _curves(page) -> None:
    page.click("#steps li:nth-child(1) button")  # left, 0.2 s; its stride ends at 0.92 s
    _shows(page, 6)
    slider = page.locator("[data-cycle]").first
    slider.focus()
    for _ in range(5):
        slider.press("PageUp")
    share = int(slider.input_value())
    assert share >= 40
    _shows(page, round((0.2 + 0.72 * share / 100) * 30))
    assert page.get_attribute("[data-cursor=left]", "visibility") == "visible"
    place = float(page.get_attribute("[data-cursor=left]", "x1"))
    assert abs(place / 300 * 100 - share) < 100 / (0.72 * 30)  # within one picture
