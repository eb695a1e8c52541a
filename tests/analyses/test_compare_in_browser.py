"""Two films as one in a browser: locked on the strikes at different frame rates, the earlier skeleton over the newer
film, the picture and the film of both, and nothing that keeps anybody out."""

from __future__ import annotations

import io
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analyses import actions
from analyses.models import Analysis, Beside, Result
from clips import storage
from clips.models import Clip
from tests.analyses.test_exact_pictures import BITS, HEIGHT, SECONDS, WIDTH, numbered_film
from tests.driving import AT_MOST_S, SIZES, faults, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

RATES = {"before": 30, "now": 60}
STRIKES = {"before": (0.5, 1.2, 1.9), "now": (0.4, 1.0, 1.6)}  # s, of the right foot: strides of 0.7 and 0.6 s
SHOWN = f"""which => {{
  const video = document.querySelector(`[data-film=${{which}}] video`);
  if (video.seeking || video.readyState < 2) return -1;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [{WIDTH}, {HEIGHT}];
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0, {WIDTH}, {HEIGHT});
  const bars = [...Array({BITS}).keys()].map((bit) => bit * {WIDTH // BITS} + {WIDTH // BITS // 2});
  return bars.reduce((sum, x) => sum * 2 + (pen.getImageData(x, {HEIGHT // 2}, 1, 1).data[0] > 127), 0);
}}"""
# Whether something is drawn within two pixels of a place in the film's own pixels.
DRAWN = f"""([x, y]) => {{
  const canvas = document.querySelector("[data-film=now] canvas");
  const box = document.querySelector("[data-film=now] video").getBoundingClientRect();
  const frame = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / {WIDTH}, box.height / {HEIGHT});
  const left = box.left - frame.left + (box.width - {WIDTH} * scale) / 2 + x * scale;
  const top = box.top - frame.top + (box.height - {HEIGHT} * scale) / 2 + y * scale;
  const {{ data }} = canvas.getContext("2d").getImageData(Math.round(left) - 2, Math.round(top) - 2, 5, 5);
  return !canvas.hidden && data.some((value, index) => index % 4 === 3 && value);
}}"""


def body(hip_x: float, hip_y: float, size: float, way: int) -> dict[str, tuple[float, float]]:
    """A runner as a few points: thigh and shank are 2 sizes long, the trunk 3; `way` is where the toes point."""
    points = {
        "shoulder": (hip_x, hip_y - 3 * size),
        "hip": (hip_x, hip_y),
        "knee": (hip_x + way * size, hip_y + 1.732 * size),
        "ankle": (hip_x, hip_y + 3.464 * size),
        "heel": (hip_x - way * 0.5 * size, hip_y + 4 * size),
        "toe": (hip_x + way * size, hip_y + 4 * size),
    }
    return {f"{side}_{name}": place for side in ("left", "right") for name, place in points.items()}


def raw(fps: int, at: dict[str, tuple[float, float]]) -> dict:
    """Key points of a film in which nothing moves."""
    count = round(SECONDS * fps)
    return {
        "video_input_information": {"width": WIDTH, "height": HEIGHT, "fps": float(fps), "duration": SECONDS},
        "frames": {"0": {name: {"x": x, "y": y} for name, (x, y) in at.items()}},
        "cleaned": {"joints": list(at), "frames": [[list(place) for place in at.values()]] * count},
        "times_s": [round(number / fps, 4) for number in range(count)],
    }


# In the earlier film the runner is half as tall and heads the other way.
NOW = body(160.0, 100.0, 24.0, way=1)
BEFORE = body(90.0, 120.0, 12.0, way=-1)


@pytest.fixture
def pair(order, runner, organization):
    made = {}
    for day, (which, points) in enumerate((("before", BEFORE), ("now", NOW))):
        fps = RATES[which]
        storage.put(f"made/{which}.mp4", numbered_film(fps))
        storage.put(f"made/{which}.json", io.BytesIO(json.dumps(raw(fps, points)).encode()))
        clip = Clip.objects.create(
            organization=organization, original_name="run.mp4", folder=storage.new_folder(), status=Clip.Status.PROBED,
            size_bytes=1000, container="mp4", codec="h264", duration_s=SECONDS, fps=fps, copy_fps=fps,
            frame_count=round(SECONDS * fps), rotation_deg=0, width_px=1080, height_px=1920,
            review_key=f"made/{which}.mp4", copy_status="ready",
        )  # fmt: skip
        made[which] = finished(order(clip=clip), which, timezone.now() - timedelta(days=7 * (1 - day)))
    return made


def finished(analysis: Analysis, which: str, at) -> Analysis:
    steps = [{"step": n, "foot": "right", "strike_s": s, "toe_off_s": s + 0.25} for n, s in enumerate(STRIKES[which])]
    measures = {"cadence_spm": {"value": 120 / (STRIKES[which][1] - STRIKES[which][0]), "uncertainty_95": 1.0, "n": 8}}
    house = {"engine_version": "1.0", "bands_version": "1", "measures": measures, "steps": steps}
    Analysis.objects.filter(pk=analysis.pk).update(status="succeeded", finished_at=at, ordered_at=at, total_score=0.6)
    Result.objects.create(
        organization=analysis.organization,
        analysis=analysis,
        results=json.dumps({"total_score": 0.6, "analysis_content": {}}),
        calculated=json.dumps({"metrics": {}, "house": house}),
        raw_key=f"made/{which}.json",
        film_key="",
    )
    Clip.objects.filter(pk=analysis.clip_id).update(width_px=WIDTH, height_px=HEIGHT)
    analysis.refresh_from_db()
    actions.read_again(analysis=analysis)
    return analysis


@pytest.fixture
def drive(request, as_carol):
    """Run a function of the page that compares the pair; nothing may go wrong in its console."""

    def run(pair, look, size="desktop"):
        def walk(page):
            complaints: list[str] = []
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.goto(reverse("analyses:compare", args=[pair["now"].code, pair["before"].code]))
            return look(page), complaints

        said, complaints = open_pages(request, walk, (as_carol, size))
        assert complaints == []
        return said

    return run


def shows(page, share: float) -> None:
    """Wait until both films show their picture of that share of the first stride."""
    for which, (first, second, _) in STRIKES.items():
        wanted = int((first + share * (second - first)) * RATES[which] + 1e-3)
        page.wait_for_function(f"which => ({SHOWN})(which) === {wanted}", arg=which)


def test_both_films_show_the_same_share_of_the_stride_whatever_their_rates(drive, pair):
    def look(page):
        shows(page, 0)
        page.focus("[data-pair]")
        for _ in range(5):
            page.keyboard.press("Shift+ArrowRight")
        shows(page, 0.5)
        page.keyboard.press("ArrowLeft")
        shows(page, 0.49)
        page.keyboard.press("Home")
        shows(page, 0)

    drive(pair, look)


def test_the_earlier_skeleton_is_laid_over_the_film_as_tall_and_the_same_way(drive, pair):
    hip, knee = NOW["left_hip"], NOW["left_knee"]
    # Half way down the thigh and the shank, where nothing of a skeleton set anywhere else would be.
    there = [(hip[0] + (knee[0] - hip[0]) * share, hip[1] + (knee[1] - hip[1]) * share) for share in (0.05, 0.9)]
    mirrored = (2 * hip[0] - knee[0], knee[1])

    def look(page):
        page.wait_for_function("document.querySelector('[data-film=now] video').readyState >= 2")
        assert not page.evaluate(DRAWN, list(there[0]))
        page.click("[data-bones]")
        page.wait_for_selector("[data-bones][aria-pressed=true]")
        for place in there:
            page.wait_for_function(DRAWN, arg=list(place))
        assert not page.evaluate(DRAWN, list(mirrored))
        page.click("[data-anchor=foot]")
        # Its ankle is set where the newer film's was; of two bodies of one shape all else falls on its place, too.
        for place in there:
            page.wait_for_function(DRAWN, arg=list(place))
        assert not page.evaluate(DRAWN, list(mirrored))
        page.click("[data-bones]")
        page.wait_for_selector("[data-anchors]", state="hidden")
        assert not page.evaluate(DRAWN, list(there[0]))

    drive(pair, look)


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(drive, pair, size):
    def look(page):
        found = []
        for press in (None, "[data-bones]", "[data-ghost]"):
            if press:
                page.click(press)
            found += faults(page)
        return found

    assert drive(pair, look, size) == []


def test_one_tap_makes_a_picture_and_a_film_that_open(drive, pair):
    asked, made = threading.Event(), threading.Event()

    def look(page):
        page.click("button:has-text('Picture and film')")
        page.wait_for_selector("text=Making picture and film")
        asked.set()
        assert made.wait(AT_MOST_S)
        page.wait_for_selector("#beside a:has-text('Picture')")
        return [page.request.get(link.get_attribute("href")).body() for link in page.locator("#beside a").all()]

    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(drive, pair, look)
        assert asked.wait(AT_MOST_S)
        actions.make_beside(beside=Beside.objects.get())
        made.set()
        picture, film = looking.result(timeout=AT_MOST_S)
    assert picture.startswith(b"\x89PNG")
    assert film[4:8] == b"ftyp"
