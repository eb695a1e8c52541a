"""`python -m engine.validation [--quick] [--data FOLDER] [--page FILE] [--tracks FOLDER]`: compare, write, judge.

Exit code 0 when every target that could be judged is met, 1 when one is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.measure import measure
from engine.order import Order, View
from engine.studio.figure import Performance
from engine.studio.scene import Scene
from engine.studio.truth import truth_of
from engine.validation import clips, mocap, page, repeat, sweeps, targets
from engine.validation.followed import Followed
from engine.validation.noise import shaken
from engine.validation.readings import Reading, numbers_of

HERE = Path(__file__).resolve().parents[2]
DATA, PAGE = HERE.parent / "shared" / "data", HERE / "docs" / "validation.md"
VIEWS: tuple[View, View] = ("side_view", "back_view")
# What the targets name: 60 frames a second and 8 mm; the full run sees it twice, and everything around it once.
TARGETED = tuple(mocap.Condition(60, 8, correlated, seed) for seed in (0, 1) for correlated in (False, True))
AROUND = (
    *(mocap.Condition(fps, 8, correlated) for fps in (30, 120) for correlated in (False, True)),
    *(mocap.Condition(fps, noise_mm, True) for fps in (30, 60, 120) for noise_mm in (4, 12)),
)
ASYMMETRY_MS = 27.0
# The films that are encoded twice.
AGAIN = (
    replace(sweeps.SIDE, seed=76),
    replace(sweeps.SIDE, seed=77, fps=60.0, speed_m_s=3.5),
    replace(sweeps.SIDE, seed=78, landing="forefoot", faces="left"),
)


def main(words: list[str] | None = None) -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m engine.validation", description="Compare the engine with truth.")
    parser.add_argument("--quick", action="store_true", help="a few minutes: one noise level, a film of each kind")
    parser.add_argument("--data", type=Path, default=DATA, help="reference data (left out when absent)")
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write (docs/validation.md)")
    parser.add_argument("--without-films", action="store_true", help="key points only: no pose model needed")
    parser.add_argument("--tracks", type=Path, metavar="FOLDER", help="keep what the pose model saw there, and use it")
    parser.add_argument("--only-kept", action="store_true", help="leave out the studio films that --tracks lacks")
    chosen = parser.parse_args(words)
    followed = Followed(chosen.tracks)
    cases, again, missing = _studio_plan(chosen, followed)
    if not chosen.data.is_dir():
        missing += ["marker trials", "real films"]
        _say(f"There is no folder {chosen.data}: marker trials and real films are left out. --data names another.")
    marker = list(_marker(chosen.data, quick=chosen.quick))
    films = chosen.data.is_dir() and not chosen.without_films
    film = list(_clips(chosen.data, followed, quick=chosen.quick)) if films else []
    studio = list(_studio(cases, followed))
    judged = [
        *targets.judge_mocap(marker),
        *targets.judge_asymmetry(_asymmetry()),
        *targets.judge_repeat([repeat.encoded_again(scene, followed) for scene in again], _mirrored()),
        *targets.judge_clips(film),
        *targets.judge_sweeps(studio),
    ]
    text = page.write(judged, marker, film, studio, quick=chosen.quick, missing=missing)
    chosen.page.parent.mkdir(parents=True, exist_ok=True)
    chosen.page.write_text(text)
    missed = [target for target in judged if target.met is False]
    for target in missed:
        _say(f"MISSED {target.source}: {target.measure}: wanted {target.wanted}; found {target.found}")
    _say(f"{len(judged) - len(missed)} of {len(judged)} targets met; {chosen.page} written.")
    return 1 if missed else 0


def _studio_plan(chosen: argparse.Namespace, followed: Followed) -> tuple[list[sweeps.Case], list[Scene], list[str]]:
    """The studio films to judge, those to encode again, and what is left out by name."""
    if chosen.without_films:
        return [], [], []
    wanted = [] if chosen.quick else list(AGAIN)
    cases = [case for case in sweeps.cases() if case.quick or not chosen.quick]
    if not chosen.only_kept:
        return cases, wanted, []
    kept = [case for case in cases if followed.holds(case.scene)]
    again = [scene for scene in wanted if repeat.is_kept(scene, followed)]
    left_out = [case.name for case in cases if case not in kept]
    missing = [f"{len(left_out)} of {len(cases)} studio films ({', '.join(left_out)})"] if left_out else []
    lost = len(AGAIN) - len(again)
    return kept, again, [*missing, f"{lost} of {len(AGAIN)} films encoded again"] if lost else missing


def _say(text: str) -> None:
    print(text, flush=True)


def _marker(data: Path, *, quick: bool) -> Iterator[mocap.Outcome]:
    for trial in mocap.trials(data):
        started = time.monotonic()
        targeted = TARGETED[:2] if quick else TARGETED
        for condition in targeted if quick else (*targeted, *AROUND):
            yield mocap.run(trial, "side_view", condition)
        for condition in targeted:
            yield mocap.run(trial, "back_view", condition)
        _say(f"{trial.name}: {time.monotonic() - started:.0f} s")


def _clips(data: Path, followed: Followed, *, quick: bool) -> Iterator[clips.Outcome]:
    for clip in clips.CLIPS[:1] if quick else clips.CLIPS:
        outcome = clips.run(clip, data / "video", followed)
        _say(f"{clip.name}: {outcome.refused or 'measured'}")
        yield outcome


def _studio(cases: list[sweeps.Case], followed: Followed) -> Iterator[sweeps.Outcome]:
    for case in cases:
        outcome = sweeps.run(case, followed)
        _say(f"{case.name}: {outcome.refused or 'measured'}{'' if outcome.right else ' (wrong)'}")
        yield outcome


def _mirrored() -> dict[str, repeat.Repeat]:
    return {view: repeat.in_the_mirror(Scene(view=view, asymmetry_contact_ms=15, seed=75)) for view in VIEWS}


def _asymmetry() -> list[Reading]:
    """An uneven studio runner, seen through the noise of the marker trials: right minus left contact, ms."""
    readings = []
    for sign in (1, -1):
        scene = Scene(asymmetry_contact_ms=sign * ASYMMETRY_MS, seconds=10, seed=70 + sign)
        performance = Performance(scene)
        order = Order("side_view", treadmill=True, pace_s_per_km=1000 / scene.speed_m_s, height_m=scene.height_m)
        numbers = numbers_of(measure(shaken(performance.track(), 8.0, performance.px_per_mm, seed=sign + 2), order))
        right, left = numbers["contact_time_ms.right"], numbers["contact_time_ms.left"]
        feet = truth_of(performance).per_foot
        true = feet["right"]["contact_time_ms"] - feet["left"]["contact_time_ms"]
        doubt = numbers["contact_asymmetry_percent"][1] / 100 * numbers["contact_time_ms"][0]
        readings.append(Reading("asymmetry", "contact_asymmetry_ms", right[0] - left[0], true, doubt))
    return readings


if __name__ == "__main__":
    sys.exit(main())
