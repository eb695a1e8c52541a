"""Where a film shows a foot landing: pure, from key points and the moments of the steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyses.landings import ANKLE_HEIGHT, FOOT_X, GROUND_Y, HEIGHT, MOST, PART_PX, cut
from analyses.steps import StepView
from providers.results import Landmarks

FPS, FILM = 30.0, (400, 800)
SHANK = 100.0
STEPS = [StepView(1, "left", strike_s=0.1), StepView(2, "right", strike_s=0.5)]


def leg(side: str, x: float, *, ground: float = 700.0, toe: float = 50.0, shank: float = SHANK) -> dict:
    """A leg that stands upright at x with its sole on the ground."""
    parts = {"knee": (x, ground - 20 - shank), "ankle": (x, ground - 20), "heel": (x - 10, ground)}
    return {f"{side}_{part}": place for part, place in {**parts, "toe": (x + toe, ground)}.items()}


def found(**kind) -> Landmarks:
    """Key points of a runner who goes ten pixels to the right from one picture to the next."""
    frames = [leg("left", 20 + 10 * at) | leg("right", 30 + 10 * at) for at in range(30)]
    return replace(Landmarks(*FILM, FPS, 1.0, tuple(enumerate(frames))), **kind)


def corner(ankle_x: float, *, foot_x: float = FOOT_X, ground: float = 700.0) -> tuple[float, float]:
    height = HEIGHT * SHANK
    left = ankle_x - foot_x * height * PART_PX[0] / PART_PX[1]
    return left / FILM[0], (ground - GROUND_Y * height) / FILM[1]


def test_every_landing_stands_at_one_place_at_one_scale():
    shown = cut(found(), STEPS, FILM)
    assert [leg.step.number for leg in shown.legs] == [1, 2]
    assert [leg.time_s for leg in shown.legs] == [0.1, 0.5]
    assert shown.corners == (pytest.approx(corner(50)), pytest.approx(corner(180)))
    assert shown.box[0] * FILM[0] / (shown.box[1] * FILM[1]) == pytest.approx(PART_PX[0] / PART_PX[1])


def test_a_runner_to_the_left_stands_on_the_other_side_and_one_who_goes_away_in_the_middle():
    for toe, foot_x in ((-70, 1 - FOOT_X), (-10, 0.5)):
        frames = [leg("left", 200, toe=toe) for _ in range(30)]
        shown = cut(found(frames=tuple(enumerate(frames))), STEPS[:1], FILM)
        assert shown.corners[0] == pytest.approx(corner(200, foot_x=foot_x))


def test_key_points_of_a_smaller_copy_of_the_film_say_the_same():
    half = [{name: (x / 2, y / 2) for name, (x, y) in points.items()} for _, points in found().frames]
    shown = cut(found(width_px=200, height_px=400, frames=tuple(enumerate(half))), STEPS, FILM)
    whole = cut(found(), STEPS, FILM)
    assert shown.corners == tuple(map(pytest.approx, whole.corners))
    assert shown.box == pytest.approx(whole.box)


def test_key_points_of_another_picture_show_nothing():
    assert cut(found(width_px=800, height_px=400), STEPS, FILM) is None


def test_what_was_measured_goes_before_what_was_found_and_the_rest_of_the_leg_is_taken_from_that():
    cleaned = [{"left_ankle": (70.0, 680.0)}] * 30
    (shown,) = cut(found(cleaned=tuple(cleaned)), STEPS[:1], FILM).legs
    assert shown.points["ankle"] == (70.0, 680.0)
    assert shown.points["knee"] == (50.0, 580.0)


def test_a_service_that_gives_no_more_of_a_foot_than_the_ankle_is_shown_too():
    frames = [{name: at for name, at in leg("left", 200).items() if name[5:] in ("knee", "ankle")}] * 30
    shown = cut(found(frames=tuple(enumerate(frames))), STEPS[:1], FILM)
    ground = 680 + ANKLE_HEIGHT * SHANK
    assert shown.corners[0] == pytest.approx(corner(200, foot_x=0.5, ground=ground))
    assert len(shown.lines[0]) == 1  # the shank, and no foot


def test_a_leg_that_was_not_seen_as_it_landed_is_not_shown():
    frames = [(at, leg("left", 200) if at < 10 else leg("right", 200)) for at in range(30)]
    landings = [*STEPS, StepView(3, "left", strike_s=0.9), StepView(4, "left"), StepView(5, "", strike_s=0.2)]
    assert [one.step.number for one in cut(found(frames=tuple(frames)), landings, FILM).legs] == [1, 2]


def test_a_landing_after_the_last_picture_is_not_shown():
    assert [one.step.number for one in cut(found(), [*STEPS, StepView(3, "left", strike_s=1.2)], FILM).legs] == [1, 2]


@pytest.mark.parametrize(
    "kind",
    [{"frames": ()}, {"fps": None}, {"frames": tuple((at, leg("left", 9, shank=0.0)) for at in range(30))}],
)
def test_without_key_points_or_their_times_nothing_is_shown(kind):
    assert cut(found(**kind), STEPS[:1], FILM) is None


def test_a_film_of_very_many_steps_is_shown_as_far_as_a_row_goes():
    many = [StepView(number, "left", strike_s=number / 100) for number in range(90)]
    assert [one.step.number for one in cut(found(), many, FILM).legs] == list(range(MOST))
