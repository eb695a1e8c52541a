"""The key points of a film as a browser draws them: whole pixels, one list for each picture. Pure."""

from __future__ import annotations

from typing import Any

from providers.results import Landmarks

MOST_JOINTS = 64
TOES = ("toe", "foot_index", "big_toe")  # services name it differently


def compact(found: Landmarks) -> dict[str, Any]:
    """Return joints once by name, then x and y of each in every picture in turn; null where one was not seen.

    Cleaned points are what was measured; a service that gives none is drawn as it found them.
    """
    by_frame = dict(enumerate(found.cleaned)) if found.cleaned else dict(found.frames)
    joints = sorted({name for points in by_frame.values() for name in points})[:MOST_JOINTS]
    last = max(by_frame, default=-1)
    return {
        "width": found.width_px,
        "height": found.height_px,
        "fps": found.fps,
        "times": moments(found, last + 1),
        "joints": joints,
        "pictures": [_picture(by_frame.get(frame, {}), joints) for frame in range(last + 1)],
    }


def _picture(points: dict[str, tuple[float, float]], joints: list[str]) -> list[int | None]:
    flat: list[int | None] = []
    for name in joints:
        place = points.get(name)
        flat += [round(place[0]), round(place[1])] if place else [None, None]
    return flat


def moments(found: Landmarks, count: int) -> list[float]:
    """When each picture was shown, s: as told, else evenly by the rate; empty when neither is known."""
    told = [moment for moment in found.times_s if moment is not None]
    if len(told) == len(found.times_s) >= count > 0 and told == sorted(told):
        return told
    return [round(frame / found.fps, 4) for frame in range(count)] if found.fps else []
