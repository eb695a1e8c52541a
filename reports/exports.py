"""A result as files for other programs: tables, everything as received, and the landmarks as motion capture does it.

Landmarks are what one camera saw: x to the right, y up, z nothing, in millimetres by the engine's own scale, from the
lower left corner of the picture. That is a plane at the runner's distance, not a room.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from accounts.tables import table
from analyses.gauges import limits_of
from analyses.measures import MEASURES
from analyses.models import Analysis, Measurement
from analyses.readout import corrected, left_out_of
from clips import storage
from providers.ochy import wire
from providers.results import Landmarks, Number

BLOCK_BYTES = 64 * 1024
MM_PER_M = 1000.0
NUMBER_COLUMNS = (
    *("measure", "name", "side", "moment", "value", "unit"),
    *("uncertainty_95", "steps", "typical_low", "typical_high"),
)
STEP_COLUMNS = (
    *("step", "side", "strike_s", "strike_frame", "toe_off_s", "toe_off_frame"),
    *("landing", "landing_probability", "left_out"),
)
HISTORY_COLUMNS = (
    *("at", "analysis", "view", "surface", "pace_s_per_km", "service"),
    *("measure", "name", "side", "moment", "value", "unit", "uncertainty_95", "steps"),
)
FOOT = {"left": "Left", "right": "Right"}


class NoLandmarks(Exception):
    """The service gave no key points."""


class NoScale(Exception):
    """Nothing tells how large a pixel is, so there are no millimetres."""


@dataclass(frozen=True)
class Track:
    """Where each marker was in each picture, in mm; None where it was not seen."""

    rate_hz: float
    times_s: tuple[float, ...]
    markers: tuple[str, ...]
    places_mm: tuple[tuple[tuple[float, float] | None, ...], ...]  # picture by picture, in the order of `markers`


@dataclass(frozen=True)
class Moment:
    """A foot strike or toe-off, as a C3D file names it."""

    label: str
    side: str
    at_s: float


def numbers(analysis: Analysis) -> Iterator[str]:
    """Give every number of a result as CSV."""
    return table(NUMBER_COLUMNS, map(_number_row, corrected(analysis).measured.numbers))


def _number_row(one: Number) -> tuple[object, ...]:
    low, high = limits_of(one.range_good, one.open_ends) if one.range_good else (None, None)
    return (one.key, _name(one.key), one.side, one.phase, one.value, one.unit, one.uncertainty_95, one.n, low, high)


def steps(analysis: Analysis) -> Iterator[str]:
    """Give every step of a result as CSV; each further number a step has is a column of its own."""
    found = corrected(analysis).measured.steps
    left_out = left_out_of(analysis)
    keys = sorted({key for step in found for key in step.values})
    rows = (
        (
            *(step.number, step.side, step.strike_s, step.strike_frame, step.toe_off_s, step.toe_off_frame),
            *(step.landing, step.landing_probability, int((step.number or place) in left_out)),
            *(step.values.get(key) for key in keys),
        )
        for place, step in enumerate(found, start=1)
    )
    return table((*STEP_COLUMNS, *keys), rows)


def history(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Give all numbers of a runner as CSV, one a line; `measurements` know their analysis and its account."""
    return table(HISTORY_COLUMNS, map(_history_row, measurements))


def _history_row(one: Measurement) -> tuple[object, ...]:
    film = one.analysis
    surface = "treadmill" if film.treadmill else "over_ground"
    return (
        *(film.ordered_at.isoformat(timespec="seconds"), str(film.code), film.view, surface, film.pace_s_per_km),
        *(film.account.kind, one.key, _name(one.key), one.side, one.phase),
        *(one.value, one.unit, one.uncertainty_95, one.count),
    )


def _name(key: str) -> str:
    return str(MEASURES[key].label) if key in MEASURES else ""


def everything(analysis: Analysis) -> Iterator[bytes]:
    """Give what is known of a result as one JSON object: about it, and the three answers as received.

    Raises FileNotFoundError, before anything is given, when the stored key points are gone.
    """
    return _everything(analysis, storage.open_file(analysis.result.raw_key))


def _everything(analysis: Analysis, raw: BinaryIO) -> Iterator[bytes]:
    about = {
        "analysis": str(analysis.code),
        "runner": str(analysis.subject.code),
        "ordered_at": analysis.ordered_at.isoformat(),
        "view": analysis.view,
        "treadmill": analysis.treadmill,
        "pace_s_per_km": analysis.pace_s_per_km,
        "height_m": analysis.height_m,
        "weight_kg": analysis.weight_kg,
        "service": analysis.account.kind,
        "film_fps": analysis.clip.fps,
        "film_duration_s": analysis.clip.duration_s,
    }
    result = analysis.result
    yield b'{"about": ' + json.dumps(about).encode()
    yield b', "results": ' + result.results.encode()
    yield b', "calculated": ' + result.calculated.encode()
    yield b', "raw": '
    with raw:
        while block := raw.read(BLOCK_BYTES):
            yield block
    yield b"}"


# ── landmarks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def track_of(analysis: Analysis) -> Track:
    """Return the landmarks as measured, else as found. Raises NoLandmarks, NoScale."""
    with storage.open_file(analysis.result.raw_key) as file:
        seen = wire.parse_raw(json.load(file))
    if seen is None:
        raise NoLandmarks
    px_per_m = corrected(analysis).measured.house.get("pixels_per_meter")
    if not isinstance(px_per_m, int | float) or isinstance(px_per_m, bool) or px_per_m <= 0:
        raise NoScale
    return _track(seen, MM_PER_M / px_per_m, analysis.clip.fps)


def _track(seen: Landmarks, mm_per_px: float, film_fps: float | None) -> Track:
    pictures = seen.cleaned or _all_pictures(seen)
    rate = seen.fps or film_fps
    if not pictures or not rate:
        raise NoLandmarks
    # In the order of the service, as far as a first look over all pictures tells it.
    markers = tuple(dict.fromkeys(name for picture in pictures for name in picture))
    bottom = seen.height_px if seen.height_px is not None else max(y for one in pictures for _, y in one.values())
    places = tuple(
        tuple(
            ((at[0] * mm_per_px, (bottom - at[1]) * mm_per_px) if (at := picture.get(name)) else None)
            for name in markers
        )
        for picture in pictures
    )
    known = seen.times_s if len(seen.times_s) == len(pictures) else ()
    times = tuple(at / rate if said is None else said for at, said in enumerate(known or (None,) * len(pictures)))
    return Track(rate, times, markers, places)


def _all_pictures(seen: Landmarks) -> tuple[dict[str, tuple[float, float]], ...]:
    """Fill in the pictures in which nobody was seen, so that a picture's place is its number."""
    by_number = dict(seen.frames)
    return tuple(by_number.get(number, {}) for number in range(max(by_number) + 1))


def moments(analysis: Analysis) -> list[Moment]:
    """Return strikes and toe-offs in the order of time."""
    found = []
    for step in corrected(analysis).measured.steps:
        pairs = (("Foot Strike", step.strike_s), ("Foot Off", step.toe_off_s))
        found += [Moment(label, FOOT.get(step.side or "", "General"), at) for label, at in pairs if at is not None]
    return sorted(found, key=lambda moment: moment.at_s)


def trc(track: Track, name: str) -> Iterator[str]:
    """Give the landmarks as a TRC file line by line (OpenSim documentation, "Marker (.trc) Files")."""
    count = len(track.places_mm)
    rate = f"{track.rate_hz:g}"
    yield f"PathFileType\t4\t(X/Y/Z)\t{name}\n"
    yield "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
    yield f"{rate}\t{rate}\t{count}\t{len(track.markers)}\tmm\t{rate}\t1\t{count}\n"
    yield "Frame#\tTime\t" + "\t\t\t".join(track.markers) + "\t\t\n"
    yield "\t\t" + "\t".join(f"X{at}\tY{at}\tZ{at}" for at in range(1, len(track.markers) + 1)) + "\n\n"
    for number, (time_s, places) in enumerate(zip(track.times_s, track.places_mm, strict=True), start=1):
        cells = "\t".join(f"{at[0]:.1f}\t{at[1]:.1f}\t0.0" if at else "\t\t" for at in places)
        yield f"{number}\t{time_s:.4f}\t{cells}\n"


def write_c3d(path: Path, track: Track, events: Sequence[Moment]) -> None:
    """Write the landmarks and the events of the steps as a C3D file."""
    # Half a second and numpy: only those who export pay for it.
    import ezc3d
    import numpy as np

    file: Any = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [track.rate_hz]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(track.markers)
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    points = np.full((4, len(track.markers), len(track.places_mm)), np.nan)
    for frame, places in enumerate(track.places_mm):
        for marker, at in enumerate(places):
            if at:
                points[:, marker, frame] = (*at, 0.0, 1.0)
    file["data"]["points"] = points
    # Below nothing: not seen (c3d.org, "The C3D file format", section on residuals).
    file["data"]["meta_points"]["residuals"] = np.where(np.isnan(points[:1]), -1.0, 0.0)
    for moment in events:
        file.add_event([moment.at_s // 60, moment.at_s % 60], context=moment.side, label=moment.label)
    file.write(str(path))


def c3d(analysis: Analysis, path: Path) -> BinaryIO:
    """Write the C3D file of an analysis to `path` and open it. Raises NoLandmarks, NoScale."""
    write_c3d(path, track_of(analysis), moments(analysis))
    return path.open("rb")
