"""Studio films, one knob turned at a time: where do the numbers go wrong, and does the right gate close?

The films prove arithmetic and gates; a drawn runner says little about real skin, clothes and light.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.order import Order, Refused, View
from engine.studio.scene import SIDES, Scene
from engine.studio.truth import Truth
from engine.validation.followed import Followed, house_of
from engine.validation.readings import (
    Reading,
    Step,
    StepErrors,
    compare_steps,
    joint_numbers_of_answer,
    numbers_of_answer,
)

EDGE_S = 0.45  # strikes nearer to the film's ends belong to a stride that is cut
# Small enough for a sweep, large enough for every gate.
SIDE = Scene(width_px=540, height_px=960, seconds=3.6, fps=30.0)
CROSSING = Scene(width_px=1600, height_px=900, treadmill=False, fps=30.0)
BACK = replace(SIDE, view="back_view", seconds=6.0)


@dataclass(frozen=True)
class Case:
    """One film, what it varies, and what is right for it.

    `refusals`: codes one of which must refuse it; `warnings`: codes one of which must stand in an answer;
    `may_refuse`: codes with which it may be refused without fault (a knob turned to where a gate may close).
    """

    group: str
    value: str
    scene: Scene
    refusals: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    may_refuse: tuple[str, ...] = ()
    ordered: View | None = None  # another view than was filmed
    quick: bool = False  # also part of the short run
    good: bool = True  # taken as a coach is told to: the targets are judged by it

    @property
    def name(self) -> str:
        """What stands in the table."""
        return f"{self.group} {self.value}".strip()


def cases() -> list[Case]:
    """Every film of the sweeps."""
    return [*_side_cases(), *_ground_cases(), *_back_cases(), *_gate_cases()]


def _side_cases() -> Iterator[Case]:
    for speed in (2.5, 3.0, 3.5, 4.5):
        fast_film = replace(SIDE, speed_m_s=speed, fps=60.0, seed=11)
        yield Case("speed", f"{speed} m/s, 60 fps", fast_film, quick=speed == 3.0)
    yield Case("landing", "forefoot, 60 fps", replace(SIDE, landing="forefoot", speed_m_s=3.5, fps=60.0, seed=14))
    yield Case("frame rate", "120", replace(SIDE, fps=120.0, seconds=2.5, seed=15))
    yield Case("frame rate", "30", replace(SIDE, seed=15), quick=True)
    for cadence in (152.0, 184.0):
        yield Case("cadence", f"{cadence:.0f}/min", replace(SIDE, cadence_spm=cadence, seed=12))
    yield Case("landing", "midfoot", replace(SIDE, landing="midfoot", seed=13))
    yield Case("landing", "forefoot", replace(SIDE, landing="forefoot", seed=14))
    yield Case("facing", "left", replace(SIDE, faces="left", seed=11))
    for blur in (0.25, 0.5):
        yield Case("shutter open", f"{100 * blur:.0f} %", replace(SIDE, blur=blur, seed=16), good=blur < 0.3)
    for light in (0.5, 0.25):
        told = () if light > 0.3 else ("dark",)
        yield Case("light", f"{100 * light:.0f} %", replace(SIDE, light=light, seed=17), warnings=told, good=not told)
    for share in (0.5, 0.36):
        small = replace(SIDE, body_share=share, seed=18)
        yield Case("body in picture", f"{100 * share:.0f} %", small, may_refuse=("runner_too_small",), good=share > 0.4)
    for tilt in (3.0, 8.0):
        told = ("tilted",) if tilt > 5 else ()
        tilted = replace(SIDE, tilt_deg=tilt, seed=19)
        yield Case("camera tilted", f"{tilt:g}°", tilted, warnings=told, good=tilt < 5)
    for yaw in (5.0, 10.0, 20.0):
        crooked = replace(SIDE, yaw_deg=yaw, seed=20)
        yield Case("camera off square", f"{yaw:g}°", crooked, may_refuse=("oblique", "wrong_view_side"), good=yaw <= 10)
    for ms in (20.0, -27.0):
        uneven = replace(SIDE, asymmetry_contact_ms=ms, seed=21, seconds=5.0)
        yield Case("contact asymmetry", f"{ms:+.0f} ms", uneven)


def _ground_cases() -> Iterator[Case]:
    yield Case("over ground", "still camera", replace(CROSSING, seed=31), quick=True)
    yield Case("over ground", "4 m/s, 60 fps", replace(CROSSING, speed_m_s=4.0, fps=60.0, body_share=0.38, seed=32))
    yield Case("over ground", "panning", replace(CROSSING, pan=True, seconds=3.2, seed=33))
    yield Case("over ground", "trembling 0.2°", replace(CROSSING, shake_deg=0.2, seed=34))
    # Off the square beside a road, the runner comes nearer (+) or goes away (-) while crossing.
    for yaw in (5.0, -5.0, 8.0):
        crooked = replace(CROSSING, yaw_deg=yaw, seed=35)
        yield Case("over ground, off square", f"{yaw:+g}°", crooked, may_refuse=("oblique",), good=abs(yaw) <= 5)


def _back_cases() -> Iterator[Case]:
    for drop in (2.0, 4.5, 8.0):
        yield Case("pelvic drop", f"{drop:g}°", replace(BACK, pelvic_drop_deg=drop, seed=41), quick=drop == 4.5)
    lopsided = replace(BACK, asymmetry_drop_deg=4.0, seed=42)
    yield Case("pelvic drop", "4.5°, right 4° more", lopsided)
    yield Case("behind, 60 fps", "", replace(BACK, fps=60.0, seconds=4.0, seed=43))


def _gate_cases() -> Iterator[Case]:
    for case in _gates():
        yield replace(case, good=False)


def _gates() -> Iterator[Case]:
    walk = replace(SIDE, walk=True, speed_m_s=1.35, seed=51)
    yield Case("gate: walking", "", walk, refusals=("walking",), quick=True)
    two = replace(SIDE, people=2, seed=52, body_share=0.5)
    yield Case("gate: two people", "", two, refusals=("two_people",))
    cropped = replace(SIDE, crop_feet=0.08, seed=53)
    yield Case("gate: feet cut off", "", cropped, refusals=("cropped", "no_runner"))
    for times in (2.0, 4.0, 8.0):
        slow = replace(SIDE, slow_motion=times, seconds=6.0, seed=54)
        yield Case("gate: slow motion", f"{times:g} times", slow, refusals=("slow_motion",))
    crooked = replace(SIDE, yaw_deg=35.0, seed=20)
    yield Case("gate: camera off square", "35°", crooked, refusals=("oblique", "wrong_view_side"))
    nearing = replace(CROSSING, yaw_deg=12.0, seed=35)
    yield Case("gate: over ground, off square", "+12°", nearing, refusals=("oblique",))
    behind = replace(SIDE, view="back_view", seed=55)
    yield Case("gate: back filmed, side ordered", "", behind, refusals=("wrong_view_side",), ordered="side_view")
    beside = replace(SIDE, seed=56)
    yield Case("gate: side filmed, back ordered", "", beside, refusals=("wrong_view_back",), ordered="back_view")
    front = replace(SIDE, view="back_view", yaw_deg=180.0, seed=57)
    yield Case("gate: front filmed, back ordered", "", front, refusals=("wrong_view_front",))
    yield Case("gate: 20 frames a second", "", replace(SIDE, fps=20.0, seed=58), refusals=("fps_low",))
    short = replace(SIDE, seconds=1.3, seed=59)
    yield Case("gate: three steps", "", short, refusals=("too_few_steps", "no_runner"))
    tiny = replace(SIDE, body_share=0.18, seed=60)
    yield Case("gate: far away", "", tiny, refusals=("runner_too_small", "no_runner"))
    shaken = replace(CROSSING, shake_deg=2.0, body_share=0.38, seed=61)
    yield Case("gate: shaken", "", shaken, refusals=("camera_shake",))


@dataclass
class Outcome:
    """What measuring one film gave."""

    case: Case
    readings: list[Reading]
    steps: StepErrors
    truth: Truth
    steps_measured: int = 0
    landings: tuple[int, int] = (0, 0)  # rearfoot-or-not: right, all
    warnings: tuple[str, ...] = ()
    refused: str | None = None

    @property
    def right(self) -> bool:
        """Whether it was refused or warned of exactly when it should be."""
        if self.refused:
            return self.refused in (*self.case.refusals, *self.case.may_refuse)
        if not self.case.refusals and not self.case.warnings:
            return True
        return bool(set(self.warnings) & set(self.case.warnings))


def run(case: Case, followed: Followed) -> Outcome:
    """Film, measure and compare one case."""
    scene = case.scene
    truth, track = followed.studio(scene)
    pace = 1000 / scene.speed_m_s if scene.treadmill else None
    view = case.ordered or scene.view
    order = Order(view, treadmill=scene.treadmill, pace_s_per_km=pace, height_m=scene.height_m)
    window = _window(scene, truth)
    true_steps = [
        Step(event.foot, event.strike_s, event.toe_off_s) for event in truth.events if event.strike_s is not None
    ]
    try:
        house = house_of(track, order)
    except Refused as refused:
        return Outcome(case, [], compare_steps([], true_steps, *window), truth, refused=refused.code)
    found = [Step(step["foot"], step["strike_s"], step["toe_off_s"]) for step in house["steps"]]
    steps = compare_steps(found, true_steps, *window)
    codes = tuple(warning["code"] for warning in house["warnings"])
    readings = list(_readings(case, truth, numbers_of_answer(house) | joint_numbers_of_answer(house)))
    return Outcome(case, readings, steps, truth, len(found), _landings(house["steps"], scene), codes)


def _window(scene: Scene, truth: Truth) -> tuple[float, float]:
    """From when to when strikes must be found: the whole body in view and its stride not cut."""
    ends = [truth.key_points_px[f"{side}_{part}"] for side in SIDES for part in ("toe", "heel", "wrist")]
    inside = [all(0 <= row[frame][0] < scene.width_px for row in ends) for frame in range(truth.frame_count)]
    first, last = inside.index(True), len(inside) - 1 - inside[::-1].index(True)
    return first / scene.fps + EDGE_S / 2, last / scene.fps - EDGE_S


def _landings(steps: list[dict[str, object]], scene: Scene) -> tuple[int, int]:
    """How many steps were rightly called rearfoot or not, and how many were called anything."""
    if scene.view == "back_view":
        return 0, 0
    named = [step["landing"] for step in steps if step.get("landing") in ("rearfoot", "midfoot", "forefoot")]
    return sum((name == "rearfoot") == (scene.landing == "rearfoot") for name in named), len(named)


def _readings(case: Case, truth: Truth, numbers: dict[str, tuple[float, float]]) -> Iterator[Reading]:
    """Every measured number whose truth is known, of the whole and of each side."""
    known = dict(truth.measures)
    for side in SIDES:
        known |= {f"{name}.{side}": value for name, value in truth.per_foot[side].items()}
    for name, value in truth.per_foot["left"].items():
        known.setdefault(name, (value + truth.per_foot["right"][name]) / 2)
    for joint, moments in truth.angles["left"].items():
        for moment, left in moments.items():
            right = truth.angles["right"][joint][moment]
            stem = f"{joint}.{moment}"
            known |= {f"{stem}.left": left, f"{stem}.right": right, stem: (left + right) / 2}
    if case.scene.slow_motion != 1:
        return
    for name, true in known.items():
        if name in numbers:
            value, doubt = numbers[name]
            yield Reading(case.name, name, value, true, doubt, case.group)
