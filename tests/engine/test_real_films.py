"""Real runners, marked by hand: the films of ../shared/data; not run, by name, where that folder is absent."""

import json
from pathlib import Path

import av
import pytest

from engine.order import Order, Refused
from engine.pipeline import measure_film

FILMS = Path(__file__).resolve().parents[3] / "shared" / "data" / "video"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FILMS.is_dir(), reason="the real films of ../shared/data/video are not here"),
]


def _truth(name):
    return json.loads((FILMS / f"{name}.truth.json").read_text())


def _first_seconds(source, target, seconds):
    """Cut without decoding, as a phone's own trimming does."""
    with av.open(str(source)) as film, av.open(str(target), "w") as cut:
        stream = film.streams.video[0]
        copy = cut.add_stream_from_template(stream)
        for packet in film.demux(stream):
            if packet.dts is not None and packet.pts * stream.time_base < seconds:
                packet.stream = copy
                cut.mux(packet)
    return target


def _off_by(steps, contacts):
    """Frames from each marked contact to the nearest measured strike of the same foot."""
    return [
        min(abs(step["strike_frame"] - mark["frame"]) for step in steps if step["foot"] == mark["foot"])
        for mark in contacts
    ]


def test_a_treadmill_in_portrait(tmp_path):
    film = _first_seconds(FILMS / "treadmill_side_portrait.mp4", tmp_path / "film.mp4", 6)
    answer = measure_film(film, Order(view="side_view", treadmill=True, pace_s_per_km=360), media_folder=tmp_path)
    truth, house = _truth("treadmill_side_portrait"), answer.calculated["house"]
    assert answer.calculated["metrics"]["step_frequency_steps_per_min"] == pytest.approx(168.9, abs=1.5)
    assert house["near_side"] == "left"
    assert "dark" not in {warning["code"] for warning in house["warnings"]}
    assert answer.results["analysis_content"]["foot"]["foot_strike_pattern"] == "rearfoot"
    marks = [mark for mark in truth["initial_contacts"] if 5 < mark["frame"] < 165]
    off = _off_by(house["steps"], marks)
    assert sum(value <= 1.5 for value in off) >= 0.9 * len(off)


def test_a_crossing_in_landscape():
    answer = measure_film(FILMS / "overground_side_landscape.mp4", Order(view="side_view"))
    marks = [mark for mark in _truth("overground_side_landscape")["initial_contacts"] if 8 < mark["frame"] < 56]
    assert max(_off_by(answer.calculated["house"]["steps"], marks)) <= 1.5
    assert answer.calculated["metrics"]["ground_contact_time_ms"] == pytest.approx(247, abs=35)


def test_running_away_from_a_low_camera():
    answer = measure_film(FILMS / "overground_back_landscape.mp4", Order(view="back_view"))
    marks = [mark for mark in _truth("overground_back_landscape")["initial_contacts"] if 32 < mark["frame"] < 95]
    off = sorted(_off_by(answer.calculated["house"]["steps"], marks))
    assert off[len(off) // 2] <= 1.5
    assert off[-1] <= 3  # the marks themselves are good to 2 frames: from behind, the ground hides under the shoe
    assert answer.results["analysis_content"].keys() >= {"pelvic_drop", "pronation"}


def test_a_walker_with_somebody_else_in_view_is_refused():
    with pytest.raises(Refused) as refusal:
        measure_film(FILMS / "walk_side_two_people.mp4", Order(view="side_view"))
    assert refusal.value.code in {"two_people", "walking"}
