"""`python -m engine bench`: what measuring a film costs, whole processes at a time.

Without a file it draws its own: the worst legal clip (10 s of 1080p60) and a typical one (6 s of 1080p30), and judges
them by the targets. With `--with-reference` the pose stage is held against the published implementation
(engine/reference.py) as well, in an environment made for it; `--reference PYTHON` uses one that is there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import reference_home
from engine.command import check_readable
from engine.pipeline import thread_count
from engine.pose import MODEL_ROWS
from engine.tracking import Tracker
from engine.video import Picture
from engine.video import pictures as video_pictures
from engine.weights import landmarker

WORST, TYPICAL = "worst legal clip, 10 s 1080p60", "typical clip, 6 s 1080p30"
CLIPS = {WORST: {"seconds": "10", "fps": "60"}, TYPICAL: {"seconds": "6", "fps": "30"}}
# The targets, on two idle cores: seconds of wall clock and MB; the reference's points and pace.
MOST_WALL_S, MOST_PEAK_MB = {WORST: 30.0, TYPICAL: 12.0}, 600.0
MOST_APART_PERCENT, LEAST_FASTER = 0.5, 1.5
SPEED_M_S, PACE = "3.0", "05:33"  # the same, in the words of the two commands
MIB = 2**20
COMPARED = 40  # pictures held against the reference: raw, they have to fit into memory at once
IN_TURN = 5  # pictures of the one, then of the other: a host whose speed changes is slower for both
REFERENCE_POINTS = 33


@dataclass(frozen=True)
class Cost:
    """One whole run of a command: wall and CPU seconds, peak memory of process and children in MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the bench command."""
    parser.add_argument("films", type=Path, nargs="*", metavar="FILE", help="side views on a treadmill, pace 05:33")
    parser.add_argument("--runs", type=int, default=5, help="runs of each film; the median counts (5)")
    parser.add_argument("--reference", metavar="PYTHON", help="interpreter of an environment with mediapipe 0.10.21")
    parser.add_argument("--with-reference", action="store_true", help="make such an environment first (fetches 130 MB)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Time every film and print a line each; 1 when a target is missed."""
    for film in arguments.films:
        check_readable(film)
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        reference = arguments.reference
        if arguments.with_reference:
            reference = str(reference_home.made(Path(folder) / "reference"))
        films = {path.name: path for path in arguments.films} or _own_films(Path(folder))
        for name, path in films.items():
            costs = [_measured(path, Path(folder)) for _ in range(max(1, arguments.runs))]
            figures.append({"film": name, "runs": len(costs), "threads": thread_count(), **_median(costs)})
        # Afterwards: a child's peak is never told lower than its parent's own, who holds raw pictures from here on.
        for figure, path in zip(figures, films.values(), strict=True):
            if reference:
                figure |= asdict(agreement(path, reference))
            if not arguments.json:
                print(_line(figure), flush=True)
    if arguments.json:
        print(json.dumps(figures))
    misses = [miss for figure in figures for miss in missed(figure)]
    for miss in misses:
        print(miss, file=sys.stderr, flush=True)
    return 1 if misses else 0


def missed(figure: dict[str, Any]) -> list[str]:
    """What one film's figures miss of the targets, a sentence each; films of one's own are judged by the pose alone."""
    out = []
    film = figure["film"]
    if film in MOST_WALL_S and figure["wall_s"] > MOST_WALL_S[film]:
        out.append(f"MISSED {film}: {figure['wall_s']:g} s, wanted {MOST_WALL_S[film]:g} s at most.")
    if film in MOST_WALL_S and figure["peak_mib"] * MIB / 1e6 > MOST_PEAK_MB:
        out.append(f"MISSED {film}: {figure['peak_mib'] * MIB / 1e6:.0f} MB, wanted {MOST_PEAK_MB:g} MB at most.")
    if figure.get("difference_percent", 0) > MOST_APART_PERCENT:
        apart = figure["difference_percent"]
        out.append(f"MISSED {film}: points {apart:g} % of the body apart, wanted {MOST_APART_PERCENT:g} % at most.")
    if "pose_ms" in figure and figure["reference_ms"] < LEAST_FASTER * figure["pose_ms"]:
        faster = figure["reference_ms"] / figure["pose_ms"]
        out.append(f"MISSED {film}: pose {faster:.2f} times as fast as the reference, wanted {LEAST_FASTER:g} times.")
    return out


def cost_of(command: list[str]) -> Cost:
    """Run a command to its end. Raises CalledProcessError with its error output when it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - started
        if process.returncode:
            errors.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, stderr=errors.read())
    # Linux counts the peak in KiB, macOS in bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, peak / MIB)


@dataclass(frozen=True)
class Agreement:
    """Our pose stage beside the published one, on the same pictures."""

    difference_percent: float  # median distance of the same points, in percent of the body's height
    pose_ms: float  # a picture: ours, with search, camera and the look for others
    reference_ms: float  # a picture: theirs


def agreement(path: Path, reference: str) -> Agreement:
    """Run both in turn on the first pictures of a film. Raises CalledProcessError when the reference cannot run."""
    pictures = [picture for picture, _ in zip(video_pictures(path, thread_count()), range(COMPARED), strict=False)]
    tracker, ours_s = Tracker(thread_count()), 0.0
    answers: list[dict[str, Any]] = []
    with _published(reference, pictures[0]) as ask:
        for first in range(0, len(pictures), IN_TURN):
            turn = pictures[first : first + IN_TURN]
            for picture in turn:
                started = time.perf_counter()
                tracker.feed(picture)
                # The first picture pays for the model's preparation, in both programs.
                ours_s += time.perf_counter() - started if picture.index else 0.0
            answers += map(ask, turn)
    theirs = np.array([answer["points"] or [[np.nan, np.nan]] * REFERENCE_POINTS for answer in answers])
    ours = tracker.track().points_px
    body_px = np.nanmedian(np.nanmax(ours[:, :, 1], axis=1) - np.nanmin(ours[:, :, 1], axis=1))
    distance = np.linalg.norm(ours - theirs[:, list(MODEL_ROWS)], axis=2) / body_px
    count = len(pictures) - 1
    return Agreement(
        difference_percent=round(100 * float(np.nanmedian(distance)), 2),
        pose_ms=round(1000 * ours_s / count, 1),
        reference_ms=round(1000 * sum(answer["seconds"] for answer in answers[1:]) / count, 1),
    )


@contextmanager
def _published(reference: str, first: Picture) -> Iterator[Callable[[Picture], dict[str, Any]]]:
    """The published model in a process of its own, as a function from a picture to the seconds and points it took."""
    # Isolated: the folder of the program holds modules named like those of the standard library.
    command = [reference, "-I", str(Path(__file__).with_name("reference.py"))]
    command += [*map(str, first.rgb().shape[1::-1]), str(landmarker())]
    with tempfile.TemporaryFile() as errors:
        try:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                asked, answered = process.stdin, process.stdout

                def ask(picture: Picture) -> dict[str, Any]:
                    asked.write(picture.rgb().tobytes())
                    asked.flush()
                    return dict(json.loads(answered.readline()))

                yield ask
        except (BrokenPipeError, json.JSONDecodeError) as error:
            errors.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, stderr=errors.read()) from error


def _measured(path: Path, folder: Path) -> Cost:
    """Measure with everything a job does: the whole answer, and the annotated film."""
    options = ["--view", "side_view", "--treadmill", "--pace", PACE, "--json", "--raw"]
    try:
        return cost_of([*_engine("measure"), str(path), *options, "--film", str(folder / "annotated.mp4")])
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{path}: {error.stderr.decode(errors='replace').strip()}") from error


def _own_films(folder: Path) -> dict[str, Path]:
    films = {}
    for name, options in CLIPS.items():
        path = folder / f"{options['fps']}.mp4"
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        command = [*_engine("film"), str(path), "--treadmill", "--speed", SPEED_M_S, "--size", "1080x1920", *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        films[name] = path
    return films


def _engine(command: str) -> list[str]:
    return [sys.executable, "-m", "engine", command]


def _median(costs: list[Cost]) -> dict[str, float]:
    return {
        "wall_s": round(statistics.median(cost.wall_s for cost in costs), 2),
        "cpu_s": round(statistics.median(cost.cpu_s for cost in costs), 2),
        "peak_mib": round(max(cost.peak_mib for cost in costs)),
    }


def _line(figure: dict[str, Any]) -> str:
    cost = "{wall_s} s wall, {cpu_s} s CPU, {peak_mib} MiB at most ({runs} runs, {threads} threads)".format(**figure)
    line = f"{figure['film']}: {cost}"
    if "pose_ms" in figure:
        words = "; pose {pose_ms} ms a picture, reference {reference_ms} ms, {difference_percent} % of the body apart"
        line += words.format(**figure)
    return line
