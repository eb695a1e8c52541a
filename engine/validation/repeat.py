"""The same run twice: a film encoded again, and key points in a mirror, must give the same numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av

from engine.measure import measure
from engine.measure.track import JOINTS, SIDES, Track
from engine.order import Order
from engine.studio.figure import Performance
from engine.studio.scene import Scene
from engine.validation.followed import Followed, house_of
from engine.validation.noise import shaken
from engine.validation.readings import numbers_of, numbers_of_answer

COARSE = "32"  # x264's constant rate factor: a film sent on by a messenger
NOISE_MM = 6.0  # on the mirrored points: perfect ones would hide a side that is treated otherwise


@dataclass(frozen=True)
class Repeat:
    """How far two measurings of one run lie apart at most."""

    angles_deg: float
    times_ms: float
    within_doubt: float  # share of the numbers that lie no further apart than the doubt told of one


def _apart(one: dict[str, tuple[float, float]], two: dict[str, tuple[float, float]]) -> Repeat:
    if set(one) != set(two):
        return Repeat(float("inf"), float("inf"), 0.0)  # a number that is there only once is no repetition
    off = {name: abs(value - two[name][0]) for name, (value, _) in one.items()}
    angles = [apart for name, apart in off.items() if "_deg" in name]
    times = [apart for name, apart in off.items() if "_ms" in name]
    held = [off[name] <= doubt for name, (_, doubt) in one.items()]
    return Repeat(max(angles), max(times, default=0.0), sum(held) / len(held))  # a back view tells no times


def _order(scene: Scene) -> Order:
    return Order(scene.view, treadmill=True, pace_s_per_km=1000 / scene.speed_m_s, height_m=scene.height_m)


def is_kept(scene: Scene, followed: Followed) -> bool:
    """Whether both films of `encoded_again` were followed already."""
    return followed.holds(scene) and followed.holds(scene, _encode)


def encoded_again(scene: Scene, followed: Followed) -> Repeat:
    """Film the scene, encode the film once more and coarser, and measure both."""
    tracks = (followed.studio(scene)[1], followed.studio(scene, _encode)[1])
    one, two = (numbers_of_answer(house_of(track, _order(scene))) for track in tracks)
    return _apart(*({name: value for name, value in half.items() if "." not in name} for half in (one, two)))


def _encode(source: Path, target: Path) -> None:
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        shown = read.streams.video[0]
        stream = written.add_stream("libx264", rate=Fraction(shown.average_rate or 30))
        stream.width, stream.height, stream.pix_fmt = shown.width, shown.height, "yuv420p"
        stream.options = {"crf": COARSE, "preset": "veryfast"}
        for frame in read.decode(video=0):
            written.mux(stream.encode(av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), format="yuv420p")))
        written.mux(stream.encode())


def mirrored(track: Track) -> Track:
    """The same runner in a mirror: left is right and right is left."""
    other = {name: name for name in JOINTS}
    for one, two in (SIDES, SIDES[::-1]):
        other |= {name: name.replace(one, two) for name in JOINTS if name.startswith(one)}
    order = [JOINTS.index(other[name]) for name in JOINTS]
    points = track.points_px[:, order].copy()
    points[..., 0] = track.width_px - 1 - points[..., 0]
    camera = None if track.camera_px is None else track.camera_px * [-1, 1]
    return replace(track, points_px=points, score=track.score[:, order], camera_px=camera)


def in_the_mirror(scene: Scene) -> Repeat:
    """Measure noisy key points of a scene and their mirror image, and compare left with right."""
    performance = Performance(scene)
    track = shaken(performance.track(), NOISE_MM, performance.px_per_mm, seed=1)
    one, two = (numbers_of(measure(half, _order(scene))) for half in (track, mirrored(track)))
    return _apart(one, {_other_side(name): value for name, value in two.items()})


def _other_side(name: str) -> str:
    head, dot, side = name.partition(".")
    return head if not dot else f"{head}.{'right' if side == 'left' else 'left'}"
