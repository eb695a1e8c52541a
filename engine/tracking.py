"""Which person, picture after picture: from pictures to the one runner's Track."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engine.camera import Box, CameraWatch
from engine.measure.track import JOINTS, Array, Mask, Track
from engine.pose import (
    DETECTOR_SIZE,
    HIP_CENTRE,
    LANDMARKS,
    MODEL_ROWS,
    SCALE_POINT,
    Detector,
    Landmarker,
    Pose,
    Region,
)
from engine.repeats import RepeatWatch
from engine.video import U8, Picture, fitting

SEEN = 0.5  # person score of the landmark model; the reference's own threshold
LOOK_EVERY_S = 0.1  # while nobody is there: a runner who enters is picked up a tenth of a second later at worst
OTHERS_EVERY_S = 0.5  # how often somebody else is looked for
OTHER_SIZE = 0.6  # of the runner's size: smaller people are background; ours
# Of the body's size between two pairs of hips: nearer, and it is the same person, or a pose made of parts of two.
SAME_PLACE = 0.2
LEAST_LOOKS = 2  # in which somebody else must have been seen: one may be mistaken, and a crossing has four or five
JUMP = 0.7  # of the body's size between two pictures: nobody runs that fast, it is somebody else
EDGE = 0.1  # of the body's height: hips so near the picture's side mean that half of the body is beyond it
BLACK, WHITE = 16, 235  # luma of video range
LIGHT_GRID = 4  # every fourth pixel either way is enough to tell the light
BRIEF_S = 0.4  # a stretch shorter than this, apart from the others, is a misread background


@dataclass
class _Rows:
    """What is known of each picture so far, one entry each."""

    time_s: list[float] = field(default_factory=list)
    points: list[Array] = field(default_factory=list)  # (39, 2)
    confidence: list[Array] = field(default_factory=list)  # (39,)
    person: list[float] = field(default_factory=list)

    def add(self, time_s: float, pose: Pose | None) -> None:
        self.time_s.append(time_s)
        self.points.append(pose.points_px if pose else np.full((LANDMARKS, 2), np.nan))
        self.confidence.append(pose.confidence if pose else np.zeros(LANDMARKS))
        self.person.append(pose.person_score if pose else 0.0)


class Tracker:
    """Follows the largest person; feed it every picture in order, then ask for the track."""

    def __init__(self, threads: int) -> None:
        self._detector = Detector(threads)
        self._landmarker = Landmarker(threads)
        self._camera = CameraWatch()
        self._repeats = RepeatWatch()
        self._rows = _Rows()
        self._last: Pose | None = None
        self._looked_s = -LOOK_EVERY_S
        self._others_s = 0.0
        self._others: list[tuple[int, bool]] = []  # which picture, and whether somebody else was in it
        self._light: list[float] = []
        self._size_px = (0, 0)

    def feed(self, picture: Picture) -> None:
        """Place the runner's key points in the next picture."""
        self._size_px = picture.size_px
        pose = self._follow(picture) or self._search(picture)
        self._last = pose
        self._rows.add(picture.time_s, pose)
        box = _box(pose)
        self._camera.watch(picture, box)
        self._repeats.watch(picture, box)
        if pose and picture.time_s >= self._others_s:
            self._others_s = picture.time_s + OTHERS_EVERY_S
            self._light.append(_light(picture, box))
            others = self._somebody_else(picture, pose)
            self._others.append((len(self._rows.time_s) - 1, bool(others)))
            self._go_over_to_a_larger(others, pose)

    def track(self) -> Track:
        """The runner's track through all pictures fed so far."""
        time_s, points = np.array(self._rows.time_s), np.array(self._rows.points)
        person = np.array(self._rows.person)
        kept, switches = _one_person(time_s, points, person > SEEN)
        rows = list(MODEL_ROWS)
        body_px = _size_px(points[kept]) if kept.any() else 0.0
        whole = kept & ~_crossing_edge(points[:, HIP_CENTRE], kept, body_px, self._size_px[0])
        there = whole[:, None] & _inside(points[:, rows], self._size_px)
        score = np.array(self._rows.confidence)[:, rows]
        camera, confidence = self._camera.path_px(time_s)
        # Looks beside somebody who turned out not to be the runner say nothing: the other one may have been the runner.
        looks = [somebody for at, somebody in self._others if kept[at]]
        return Track(
            time_s=time_s,
            points_px=np.where(kept[:, None, None], points[:, rows], np.nan),
            score=np.where(there, score, 0.0),
            width_px=self._size_px[0],
            height_px=self._size_px[1],
            camera_px=camera,
            camera_confidence=confidence,
            person_score=np.where(kept, person, 0.0),
            second_person_share=float(np.mean(looks)) if sum(looks) >= LEAST_LOOKS else 0.0,
            identity_switches=switches,
            repeated=self._repeats.repeated(),
            light=float(np.nanmedian(self._light)) if np.isfinite(self._light).any() else None,
        )

    def _follow(self, picture: Picture) -> Pose | None:
        if self._last is None:
            return None
        return _if_seen(self._landmarker.pose(picture, self._last.next_region))

    def _search(self, picture: Picture) -> Pose | None:
        if picture.time_s - self._looked_s < LOOK_EVERY_S and self._last is None:
            return None
        self._looked_s = picture.time_s
        people = self._detector.people(*_for_detector(picture))
        if not people:
            return None
        largest = max(people, key=lambda person: person.size_px)
        return self._settled(picture, largest.region)

    def _go_over_to_a_larger(self, others: list[Pose], followed: Pose) -> None:
        """Follow somebody next to whom the one followed is small: who stands in the background before a run begins
        must not be taken for the runner who comes into the picture later."""
        largest = max(others, key=lambda pose: pose.size_px, default=None)
        if largest is not None and followed.size_px < OTHER_SIZE * largest.size_px:
            self._last = largest

    def _somebody_else(self, picture: Picture, runner: Pose) -> list[Pose]:
        """Other people in the picture who are not much smaller: looked for with the runner painted over."""
        rgb, scale = _for_detector(picture)
        box = _box(runner)
        if box is None:
            return []
        left, top, right, bottom = (round(value / scale) for value in box)
        rgb[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = rgb.mean((0, 1)).astype(np.uint8)
        least_px = OTHER_SIZE * runner.size_px
        large = [other for other in self._detector.people(rgb, scale) if other.size_px >= least_px]
        # Beside the runner a square may hold half of the runner as well: it takes longer to settle.
        found = [pose for other in large if (pose := self._settled(picture, other.region, rounds=4))]
        return [pose for pose in found if pose.size_px >= least_px and _apart(pose, runner)]

    def _settled(self, picture: Picture, region: Region, rounds: int = 2) -> Pose | None:
        """The pose in a detector's square, which is rough: points become good once the square follows from points."""
        pose = None
        for _ in range(rounds):
            pose = _if_seen(self._landmarker.pose(picture, region))
            if pose is None:
                return None
            region = pose.next_region
        return pose


def follow(pictures: Iterable[Picture], threads: int) -> Track:
    """The runner's track through a film."""
    tracker = Tracker(threads)
    for picture in pictures:
        tracker.feed(picture)
    return tracker.track()


def _inside(points: Array, size_px: tuple[int, int]) -> Mask:
    with np.errstate(invalid="ignore"):
        return np.asarray(((points >= 0) & (points < np.array(size_px))).all(-1))


def _for_detector(picture: Picture) -> tuple[U8, float]:
    """The picture in RGB, twice as fine as the detector looks, and how many of its pixels one of these is."""
    width, height = fitting(*picture.size_px, 2 * DETECTOR_SIZE)
    return picture.scaled(width, height).rgb(), picture.size_px[0] / width


def _crossing_edge(hips: Array, kept: Mask, size_px: float, width_px: int) -> Mask:
    """The pictures (n,) at either end of the film in which the runner comes in or goes out at the picture's side.

    The model presses a body that is half outside into the part it sees, with high scores and both feet in the wrong
    place. With the trunk inside, it knows quite well where a foot beyond the edge must be.
    """
    with np.errstate(invalid="ignore"):
        beyond = (hips[:, 0] < EDGE * size_px) | (hips[:, 0] >= width_px - EDGE * size_px)
    seen = np.flatnonzero(kept)
    inner = seen[~beyond[seen]]
    crossing = np.zeros(len(kept), bool)
    if len(inner):
        crossing[seen[(seen < inner[0]) | (seen > inner[-1])]] = True
    return crossing


def _apart(one: Pose, other: Pose) -> bool:
    """Whether two poses are of two people: the second look may have slid over to the first one."""
    way = float(np.hypot(*(one.points_px[HIP_CENTRE] - other.points_px[HIP_CENTRE])))
    return way > SAME_PLACE * max(one.size_px, other.size_px)


def _if_seen(pose: Pose) -> Pose | None:
    return pose if pose.person_score > SEEN else None


def _light(picture: Picture, runner: Box | None) -> float:
    """How bright the brightest twentieth of the runner's box is: 0 black, 1 white; NaN outside the picture."""
    if runner is None:
        return float("nan")
    left, top, right, bottom = (max(0, round(value)) for value in runner)
    luma = picture.y[top:bottom:LIGHT_GRID, left:right:LIGHT_GRID]
    return (float(np.percentile(luma, 95)) - BLACK) / (WHITE - BLACK) if luma.size else float("nan")


def _box(pose: Pose | None) -> Box | None:
    """The body's outline with room for hair, hands and shoes; picture pixels."""
    if pose is None:
        return None
    points = pose.points_px[list(MODEL_ROWS)]
    low, high = points.min(0), points.max(0)
    margin = 0.1 * (high[1] - low[1])
    return (float(low[0] - margin), float(low[1] - margin), float(high[0] + margin), float(high[1] + margin))


def _one_person(time_s: Array, points: Array, seen: Mask) -> tuple[Mask, int]:
    """Which pictures show the main person (n,), and how often the tracker went over to somebody else.

    A stretch is a run of pictures without loss and without a jump. The runner's is the one that fills most of the film,
    by its length times the body's area; others belong to the runner when they are as large and lie where the runner
    could have gone; very short ones are misreadings.
    """
    stretches = _stretches(points, seen)
    kept = np.zeros(len(seen), bool)
    if not stretches:
        return kept, 0
    main = max(stretches, key=lambda part: (part.stop - part.start) * _size_px(points[part]) ** 2)
    size = _size_px(points[main])
    switches = 0
    for part in stretches:
        if part is main or _same_runner(time_s, points, main, part, size):
            kept[part] = True
        elif time_s[part.stop - 1] - time_s[part.start] >= BRIEF_S and _size_px(points[part]) >= OTHER_SIZE * size:
            switches += 1
    return kept, switches


def _stretches(points: Array, seen: Mask) -> list[slice]:
    hips, tops = points[:, HIP_CENTRE], points[:, SCALE_POINT]
    stretches: list[slice] = []
    for index in np.flatnonzero(seen):
        size = 2 * np.hypot(*(tops[index] - hips[index]))
        joined = stretches and stretches[-1].stop == index and np.hypot(*(hips[index] - hips[index - 1])) < JUMP * size
        if joined:
            stretches[-1] = slice(stretches[-1].start, int(index) + 1)
        else:
            stretches.append(slice(int(index), int(index) + 1))
    return stretches


def _size_px(points: Array) -> float:
    return float(np.median(2 * np.hypot(*(points[:, SCALE_POINT] - points[:, HIP_CENTRE]).T)))


def _same_runner(time_s: Array, points: Array, main: slice, part: slice, size_px: float) -> bool:
    """Whether `part` continues `main`: like size, and a place reached at no more than twice the main speed."""
    if not 0.7 < _size_px(points[part]) / size_px < 1.4:
        return False
    hips = points[:, HIP_CENTRE]
    after = part.start >= main.stop
    here, there = (main.stop - 1, part.start) if after else (main.start, part.stop - 1)
    pause_s = abs(time_s[there] - time_s[here])
    travel_s = max(time_s[main.stop - 1] - time_s[main.start], 1e-3)
    speed = np.hypot(*(hips[main.stop - 1] - hips[main.start])) / travel_s
    return bool(np.hypot(*(hips[there] - hips[here])) < JUMP * size_px + 2 * speed * pause_s)


assert len(MODEL_ROWS) == len(JOINTS)
