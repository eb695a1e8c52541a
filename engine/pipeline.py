"""The recipe: a film goes in, the contract's answer comes out. Top to bottom, one line a step."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from engine import film_writing, overlay, video
from engine.ahead import ahead
from engine.answer import answer
from engine.measure import measure
from engine.measure.report import Report, StepReport
from engine.measure.track import Track
from engine.order import Answer, Order
from engine.tracking import Tracker

AHEAD = 4  # decoded pictures kept ready: enough to hide the decoder, few enough for full HD

# Where each stage ends, in percent: as the time is spent on a film of usual size.
PROBED, FOLLOWED, FOLLOWED_WITHOUT_FILM, MEASURED, DRAWN = 2, 78, 94, 82, 99


class BadThreads(ValueError):
    """ENGINE_THREADS is not a number of threads."""


def measure_film(
    path: Path, order: Order, *, progress: Callable[[int], None] | None = None, media_folder: Path | None = None
) -> Answer:
    """Measure one film; with `media_folder`, write annotated.mp4 and thumbnail.jpg there too.

    `progress` hears rising whole percents. Raises Refused with a text for the coach, WeightsUnusable when the pose
    model is missing. One call uses ENGINE_THREADS threads; films are measured side by side in processes of their own.
    """
    tell = _Progress(progress)
    film = video.probe(path, order.language)
    tell(PROBED)
    thumbnail = annotated = None
    with nullcontext() if media_folder is None else _empty_copies(film, media_folder) as copies:
        track = _follow(path, order, film, copies, tell)
        report = measure(track, order)
        results, calculated, raw = answer(report, track, order)
        tell(MEASURED)
        if media_folder is not None and copies is not None:
            thumbnail, annotated = media_folder / "thumbnail.jpg", media_folder / "annotated.mp4"
            _draw(annotated, thumbnail, copies, film, report, tell)
    tell(100)
    return Answer(results, calculated, raw, thumbnail=thumbnail, film=annotated)


def thread_count() -> int:
    """ENGINE_THREADS, or one a core. Raises BadThreads."""
    value = os.environ.get("ENGINE_THREADS", "")
    if not value:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not value.isdecimal() or int(value) < 1:
        raise BadThreads(f"ENGINE_THREADS is {value!r}. Set it to a whole number from 1, or leave it out.")
    return int(value)


def _empty_copies(film: video.Probe, folder: Path) -> film_writing.Copies:
    return film_writing.Copies(*video.fitting(film.width_px, film.height_px, overlay.SHORT_SIDE_PX), folder)


def _follow(path: Path, order: Order, film: video.Probe, copies: film_writing.Copies | None, tell: _Progress) -> Track:
    """Decode once; while the pose model looks at one picture, the next are decoded and their small copies kept."""
    threads = thread_count()
    tracker = Tracker(threads)
    until = FOLLOWED_WITHOUT_FILM if copies is None else FOLLOWED
    pictures = video.pictures(path, threads, order.language)
    for picture in ahead(pictures, AHEAD, None if copies is None else copies.add):
        tracker.feed(picture)
        tell(PROBED + (until - PROBED) * min(1.0, (picture.index + 1) / film.frame_count))
    return tracker.track()


def _draw(
    annotated: Path, thumbnail: Path, copies: film_writing.Copies, film: video.Probe, report: Report, tell: _Progress
) -> None:
    """Write the annotated film, and one of its pictures as the thumbnail."""
    contacts = tuple(_contact(step, report.steps) for step in report.steps)
    skeleton = overlay.Skeleton(report.points_px, contacts, report.near_side)
    middle = report.steps[len(report.steps) // 2]
    shown = min(len(copies) - 1, round(middle.strike_frame))

    def written(picture: video.Picture) -> None:
        if picture.index == shown:
            overlay.write_thumbnail(thumbnail, picture)
        tell(MEASURED + (DRAWN - MEASURED) * (picture.index + 1) / len(copies))

    overlay.write_film(annotated, copies, film, skeleton, thread_count(), written)


def _contact(step: StepReport, steps: tuple[StepReport, ...]) -> overlay.Contact:
    """The whole frames in which the foot stands: to the film's end when it stands there still, and no longer than to
    the other foot's strike when its toe-off was not told."""
    first, last = math.ceil(step.strike_frame), sys.maxsize
    if step.toe_off_frame is not None:
        last = math.floor(step.toe_off_frame)
    elif later := [other.strike_frame for other in steps if other.strike_frame > step.strike_frame]:
        last = math.floor(min(later))
    return overlay.Contact(step.foot, first, last)


class _Progress:
    """Passes on whole percents, each once, never backwards."""

    def __init__(self, listener: Callable[[int], None] | None) -> None:
        self._listener = listener
        self._told = -1

    def __call__(self, percent: float) -> None:
        whole = min(100, int(percent))
        if self._listener and whole > self._told:
            self._told = whole
            self._listener(whole)
