"""Key points of one person in one picture: BlazePose's detector and heavy landmark model, run with LiteRT.

The arithmetic around the two networks (anchors, crop, heat-map refinement, next region) follows the published graph of
MediaPipe Pose, so that its points are the reference's points; only numpy, OpenCV and the .tflite files are needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine import weights
from engine.measure.track import Array
from engine.trimmed import trimmed
from engine.video import U8, Picture

F32 = NDArray[np.float32]

# Rows of the landmark model that the measuring uses, in the order of engine.measure.track.JOINTS; the toe is the
# model's "foot index", the tip of the shoe.
MODEL_ROWS = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32)
HIP_CENTRE, SCALE_POINT = 33, 34  # helper points from which the next picture's region follows
LANDMARKS = 39
LANDMARKS_OUT, PERSON_OUT, HEATMAP_OUT = 0, 1, 3  # which of the model's five outputs are read

DETECTOR_SIZE = 224
CROP_SIZE = 256
REGION_MARGIN = 1.25  # region side over twice the distance hip centre - scale point, as the reference
HEATMAP_KERNEL = 7
HEATMAP_FLOOR = 0.5  # a flatter heat map says nothing about the place
SAME_PERSON_OVERLAP = 0.3  # of two boxes; reference value of its non-maximum suppression
SAME_PERSON_APART = 0.35  # of the body's size between hips found in two windows; ours


@dataclass(frozen=True)
class Region:
    """The turned square in which one person is looked at; pixels and radians of the whole picture."""

    x: float
    y: float
    side: float
    angle: float

    @classmethod
    def around(cls, centre: Array, scale_point: Array) -> Region:
        """The square whose centre is `centre` and whose up direction points to `scale_point`."""
        dx, dy = scale_point - centre
        angle = math.pi / 2 - math.atan2(-dy, dx)
        side = 2 * math.hypot(dx, dy) * REGION_MARGIN
        return cls(float(centre[0]), float(centre[1]), side, (angle + math.pi) % (2 * math.pi) - math.pi)

    def onto_crop(self) -> Array:
        """The affine map (2, 3) from picture to crop pixels."""
        scale = CROP_SIZE / self.side
        cosine, sine = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        turn = np.array([[cosine, sine], [-sine, cosine]])
        shift = CROP_SIZE / 2 - turn @ np.array([self.x, self.y])
        return np.column_stack([turn, shift])

    def to_picture(self, points: Array) -> Array:
        """Map (n, 2) crop coordinates 0..1 to picture pixels."""
        u, v = (points[:, 0] - 0.5) * self.side, (points[:, 1] - 0.5) * self.side
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return np.column_stack([self.x + cosine * u - sine * v, self.y + sine * u + cosine * v])


@dataclass(frozen=True)
class Person:
    """One detection, in pixels of the whole picture."""

    score: float
    hip_centre: Array
    scale_point: Array

    @property
    def size_px(self) -> float:
        """About the body's height."""
        return _size_px(self.hip_centre, self.scale_point)

    @property
    def region(self) -> Region:
        return Region.around(self.hip_centre, self.scale_point)


@dataclass(frozen=True)
class Pose:
    """The landmarks of one person: (39, 2) pixels, (39,) confidence 0..1, and how sure the model is of a person.

    The confidence of a point is the height of its heat map where the point lies. Against other models' points and the
    studio's truth (1600 points of feet in three films) the middle error was 1.4 % of the body's height above 0.7, 2 %
    above 0.5, 6 % above 0.3 and 14 % below: there both feet are drawn together or lie between the legs. The visibility
    that the model gives as well says "not covered", and nothing of this.
    """

    points_px: Array
    confidence: Array
    person_score: float

    @property
    def size_px(self) -> float:
        """About the body's height, as of a Person."""
        return _size_px(self.points_px[HIP_CENTRE], self.points_px[SCALE_POINT])

    @property
    def next_region(self) -> Region:
        return Region.around(self.points_px[HIP_CENTRE], self.points_px[SCALE_POINT])


def _size_px(hip_centre: Array, scale_point: Array) -> float:
    """Twice the distance from the hips to the point that bounds the body."""
    return 2 * float(np.hypot(*(scale_point - hip_centre)))


def landmark_network() -> bytes:
    """The landmark model as the interpreter takes it: slow to make, once a process. Raises WeightsUnusable."""
    return trimmed(weights.landmarker(), (LANDMARKS_OUT, PERSON_OUT, HEATMAP_OUT))


class _Network:
    def __init__(self, network: bytes, threads: int) -> None:
        # Imported late: loading the runtime takes longer than answering a usage error.
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter: Any = Interpreter(model_content=network, num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]

    def __call__(self, values: F32) -> list[F32]:
        self._interpreter.set_tensor(self._input, values)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


class Detector:
    """Finds people in a whole picture; sees the dominant one well, others only when they are large."""

    THRESHOLD = 0.5

    def __init__(self, threads: int) -> None:
        self._network = _Network(weights.detector().read_bytes(), threads)
        self._anchors = _anchors()

    def people(self, rgb: U8, scale: float = 1.0) -> list[Person]:
        """Everybody found in (h, w, 3), surest first; long pictures are looked at in square tiles as well.

        Places are multiplied by `scale`: film pixels per pixel of `rgb`.
        """
        found = sorted(
            (person for window in _windows(rgb.shape[1], rgb.shape[0]) for person in self._in_window(rgb, *window)),
            key=lambda person: -person.score,
        )
        kept: list[Person] = []
        for person in found:
            if not any(_same_person(person, other) for other in kept):
                kept.append(person)
        return [Person(person.score, person.hip_centre * scale, person.scale_point * scale) for person in kept]

    def _in_window(self, rgb: U8, x: float, y: float, side: float) -> list[Person]:
        tile = _shrunk_square(rgb, x, y, side)
        boxes, logits = self._network((tile.astype(np.float32) / 127.5 - 1)[None])
        score = _sigmoid(logits[0, :, 0])
        sure = np.flatnonzero(score >= self.THRESHOLD)
        if not len(sure):
            return []
        # A row holds centre, size, then four points, of which the first two are hip centre and scale point.
        rows = boxes[0, sure].astype(float) / DETECTOR_SIZE
        centre = rows[:, 0:2] + self._anchors[sure]
        corners = np.hstack([centre - rows[:, 2:4] / 2, centre + rows[:, 2:4] / 2])
        points = (rows[:, 4:8].reshape(-1, 2, 2) + self._anchors[sure, None]) * side + np.array([x, y])
        return _merged(score[sure], corners, points)


class Landmarker:
    """Places 39 landmarks of the person inside a region."""

    def __init__(self, threads: int) -> None:
        self._network = _Network(landmark_network(), threads)

    def pose(self, picture: Picture, region: Region) -> Pose:
        """The person's landmarks; a region far outside the picture yields a low score, not an error."""
        rows, score, heatmap = self._network(_crop(picture, region)[None])
        rows = rows.reshape(LANDMARKS, 5).astype(float)
        place, confidence = _refined(rows[:, :2] / CROP_SIZE, heatmap[0])
        return Pose(region.to_picture(place), confidence, float(score.ravel()[0]))


def _crop(picture: Picture, region: Region) -> F32:
    """The region as (256, 256, 3) RGB, 0..1.

    Luma and chroma are cut out by themselves and turned into colours afterwards: a full-HD picture would cost thirty
    times the pixels. Sampling is linear without a blur, as in the reference.
    """
    onto = region.onto_crop()
    # Chroma pixels are twice as wide: their centre k lies at luma 2k + 0.5.
    half = onto.copy()
    half[:, :2] *= 2
    half[:, 2] += onto[:, :2] @ np.array([0.5, 0.5])
    y, u, v = (
        cv2.warpAffine(part, matrix, (CROP_SIZE, CROP_SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for part, matrix in ((picture.y, onto), (picture.u, half), (picture.v, half))
    )
    return _rgb(y, u, v)


# BT.601, video range, as decoders assume when a film does not say; rows R, G, B of (Y, U, V, 1), result 0..1.
_TO_RGB = np.array([[1.164, 0, 1.596], [1.164, -0.392, -0.813], [1.164, 2.017, 0]], np.float32) / 255
_TO_RGB = np.column_stack([_TO_RGB, _TO_RGB @ np.array([-16, -128, -128], np.float32)]).astype(np.float32)


def _rgb(y: Any, u: Any, v: Any) -> F32:
    merged = cv2.merge([y, u, v]).astype(np.float32)
    return np.clip(np.asarray(cv2.transform(merged, _TO_RGB), np.float32), 0, 1)


def _refined(place: Array, heatmap: F32) -> tuple[Array, Array]:
    """Move each landmark (0..1) to the centre of mass of its heat map (h, w, 39) nearby, where that is pronounced.

    Returns the places (39, 2) and how high each heat map is there, (39,); 0 outside the crop.
    """
    height, width = heatmap.shape[:2]
    reach = HEATMAP_KERNEL // 2
    column = (place[:, 0] * width).astype(int)
    row = (place[:, 1] * height).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (place >= 0).all(1)
    offsets = np.arange(-reach, reach + 1)
    rows = np.clip(row, 0, height - 1)[:, None, None] + offsets[None, :, None]
    columns = np.clip(column, 0, width - 1)[:, None, None] + offsets[None, None, :]
    within = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    landmark = np.arange(len(place))[:, None, None]
    values = heatmap[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1), landmark]
    weight = np.where(within, _sigmoid(values), 0.0)
    mass = weight.sum((1, 2))
    height_there = np.where(inside, weight.max((1, 2)), 0.0)
    clear = height_there >= HEATMAP_FLOOR
    centre = np.column_stack([(weight * columns).sum((1, 2)) / width, (weight * rows).sum((1, 2)) / height])
    return np.where(clear[:, None], centre / np.maximum(mass, 1e-9)[:, None], place), height_there


def _anchors() -> Array:
    """Centres (2254, 2), 0..1, of the detector's grid cells: strides 8, 16 and three times 32, two anchors each."""
    layers = []
    for stride, anchors in ((8, 2), (16, 2), (32, 6)):
        cells = math.ceil(DETECTOR_SIZE / stride)
        y, x = np.mgrid[0:cells, 0:cells]
        centres = np.column_stack([(x.ravel() + 0.5) / cells, (y.ravel() + 0.5) / cells])
        layers.append(np.repeat(centres, anchors, axis=0))
    return np.vstack(layers)


def _windows(width: int, height: int) -> list[tuple[float, float, float]]:
    """Squares (x, y, side) to look at: the whole picture with margins, and three tiles when it is clearly oblong."""
    long, short = max(width, height), min(width, height)
    windows = [((width - long) / 2, (height - long) / 2, float(long))]
    if long > 1.2 * short:
        starts = [(long - short) * share for share in (0.0, 0.5, 1.0)]
        windows += [(start, 0.0, float(short)) if width > height else (0.0, start, float(short)) for start in starts]
    return windows


def _shrunk_square(rgb: U8, x: float, y: float, side: float) -> U8:
    """The window (its part outside the picture black) as (224, 224, 3), shrunk without aliasing."""
    height, width = rgb.shape[:2]
    x0, y0, x1, y1 = max(0, int(x)), max(0, int(y)), min(width, int(x + side)), min(height, int(y + side))
    scale = DETECTOR_SIZE / side
    size = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    tile = np.zeros((DETECTOR_SIZE, DETECTOR_SIZE, 3), np.uint8)
    left = min(DETECTOR_SIZE - size[0], max(0, round((x0 - x) * scale)))
    top = min(DETECTOR_SIZE - size[1], max(0, round((y0 - y) * scale)))
    small = cv2.resize(rgb[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    tile[top : top + size[1], left : left + size[0]] = small
    return tile


def _merged(score: Array, corners: Array, points: Array) -> list[Person]:
    """One person per heap of overlapping boxes: points averaged by score, as the reference does."""
    people = []
    left = np.argsort(-score)
    while len(left):
        overlap = _overlap(corners[left[0]], corners[left])
        heap = left[overlap > SAME_PERSON_OVERLAP]
        weight = score[heap] / score[heap].sum()
        mean = np.tensordot(weight, points[heap], 1)
        people.append(Person(float(score[left[0]]), mean[0], mean[1]))
        left = left[overlap <= SAME_PERSON_OVERLAP]
    return people


def _overlap(box: Array, boxes: Array) -> Array:
    """Intersection over union of one box with (n, 4) boxes given by corners."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    # A degenerate box of no area overlaps itself all the same, or its heap would never get smaller.
    union = np.maximum(np.prod(box[2:] - box[:2]) + area - common, 1e-12)
    return np.where((boxes == box).all(1), 1.0, common / union)


def _same_person(one: Person, other: Person) -> bool:
    distance = float(np.hypot(*(one.hip_centre - other.hip_centre)))
    return distance <= SAME_PERSON_APART * max(one.size_px, other.size_px)


def _sigmoid(values: Any) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), float)
