"""Read key points from a CSV file, so that the arithmetic can be checked without film or pose model."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np

from engine.measure.track import AT, JOINTS, SIDES, Array, Track
from engine.order import Refused, View

# Names under which motion capture and pose models write the tip of the foot, best first; the flag says whether it is
# the tip of the shoe or the head of a metatarsal some centimetres behind it. Scores are a pose model's, and all of its
# toes are tips: read as a metatarsal, a big_toe of RTMPose's left the ground 100 ms early by hand marks good to 33.
TOES = (("toe", True), ("foot_index", True), ("big_toe", False), ("small_toe", False))
NEEDED: dict[View, tuple[str, ...]] = {
    "side_view": ("hip", "knee", "ankle", "heel", "toe"),
    "back_view": ("hip", "knee", "ankle"),
}
MIN_ROWS = 10
SLOWEST_HZ = 5.0  # a table of fewer rows a second is written in another unit than seconds
COLUMNS = ("_x", "_y", "_score")  # and time_s; what else a table holds is nothing to us
# The square of how much higher than wide a length is drawn. A shank keeps its length through the stride: the marker
# trials read 0.9-1.1, and up to 1.3 at 30° off the square; coordinates in shares of a picture of 4:3 give 0.55 or 1.7.
NARROW, WIDE = 0.75, 1.45
TURNS = 0.4  # of its height a shank must reach across to tell; from behind it does not
NO_TABLE = "The file holds no table of key points. Give one row a frame, at least ten."


def read_keypoints(path: Path, view: View, *, fps: float | None = None) -> Track:
    """Read one row a frame: `<joint>_x`, `<joint>_y`, optionally `<joint>_score` and `time_s`.

    Joints are named as in engine.measure.track.JOINTS, in upper or lower case; any unit of length will do, y may point
    up or down. Empty cells, missing joints and points at 0, 0 (as OpenPose writes them) are points not seen. Without a
    time column `fps` gives the clock. Raises Refused when the file holds no such table or the two clocks disagree.
    """
    columns = _columns(path)
    time_s = _clock(columns, fps)
    points = np.full((len(time_s), len(JOINTS), 2), np.nan)
    score = np.zeros((len(time_s), len(JOINTS)))
    tip = False
    for joint in JOINTS:
        name = joint
        if joint.endswith("_toe"):
            name, tip = _toe(joint.partition("_")[0], columns)
        if f"{name}_x" in columns and f"{name}_y" in columns:
            path_px = np.column_stack([columns[f"{name}_x"], columns[f"{name}_y"]])
            seen = np.isfinite(path_px).all(axis=1) & path_px.any(axis=1)
            points[seen, AT[joint]] = path_px[seen]
            own = np.nan_to_num(columns.get(f"{name}_score", np.ones(len(time_s))), nan=1.0)
            score[:, AT[joint]] = np.where(seen, own, 0.0)
    tip |= not np.isin(score, (0.0, 1.0)).all()
    _check_needed(points, view)
    if view == "side_view":
        _check_shape(points)
    points = _y_down(points)
    width, height = (max(1, int(np.ceil(value)) + 1) for value in np.nanmax(points, axis=(0, 1)))
    return Track(time_s, points, score, width, height, toe_is_tip=tip, from_film=False)


def _columns(path: Path) -> dict[str, Array]:
    """The columns of points and times by their names in lower case with underscores."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("bad_keypoints", "The file is not plain text. Save the table as CSV in UTF-8.") from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(cell.strip() for cell in row)]
    if len(rows) <= MIN_ROWS or len({len(row) for row in rows}) != 1:
        raise Refused("bad_keypoints", NO_TABLE)
    head = ["_".join(name.lower().replace("-", " ").split()) for name in rows[0]]
    own = {index: name for index, name in enumerate(head) if name == "time_s" or name.endswith(COLUMNS)}
    if not own:
        raise Refused("bad_keypoints", NO_TABLE)
    twice = [name for name, times in Counter(own.values()).items() if times > 1]
    if twice:
        raise Refused("bad_keypoints", f"There are two columns {twice[0]}. Keep one of them.")
    point = "." if delimiter == "," else ","  # tables with semicolons write 1,5
    try:
        table = np.array(
            [[float(row[at].replace(point, ".")) if row[at].strip() else np.nan for at in own] for row in rows[1:]]
        )
    except ValueError as error:
        raise Refused(
            "bad_keypoints", f"A cell is not a number ({error}). Leave cells of unseen points empty."
        ) from error
    return dict(zip(own.values(), table.T, strict=True))


def _check_needed(points: Array, view: View) -> None:
    """Refuse a table without one of the joints without which nothing can be measured."""
    needed = [f"{side}_{part}" for part in NEEDED[view] for side in SIDES]
    for name in needed:
        if not np.isfinite(points[:, AT[name]]).any():
            raise Refused("bad_keypoints", f"The file has no {name}. Name its columns {name}_x and {name}_y.")


def _check_shape(points: Array) -> None:
    """Refuse points drawn wider or narrower than they are, as models write them that measure in shares of a picture."""
    shapes = []
    for side in SIDES:
        shank = points[:, AT[f"{side}_ankle"]] - points[:, AT[f"{side}_knee"]]
        across, down = shank[np.isfinite(shank).all(axis=1)].T ** 2
        if len(across) < MIN_ROWS or np.ptp(across) < TURNS**2 * down.max():
            return
        shapes.append(-float(np.polyfit(across, down, 1)[0]))
    if max(shapes) < NARROW or min(shapes) > WIDE:
        raise Refused("bad_keypoints", "The points are stretched. Give x and y in one unit, such as pixels.")


def _y_down(points: Array) -> Array:
    """The points with y pointing down, as in pictures: a table whose ankles lie at larger y than its hips is so."""
    hips, ankles = (points[:, [AT[f"{side}_{part}"] for side in SIDES], 1] for part in ("hip", "ankle"))
    if np.nanmedian(ankles) > np.nanmedian(hips):
        return points
    return np.asarray(np.array([0.0, np.nanmax(points[..., 1])]) + points * np.array([1.0, -1.0]))


def _toe(side: str, columns: dict[str, Array]) -> tuple[str, bool]:
    """The best toe the file has for one foot, and whether it is the tip of the shoe."""
    for name, tip in TOES:
        if f"{side}_{name}_x" in columns:
            return f"{side}_{name}", tip
    return f"{side}_toe", False


def _clock(columns: dict[str, Array], fps: float | None) -> Array:
    """The time of each row, s: the file's own, else by the frame rate."""
    if "time_s" in columns:
        time_s = columns["time_s"]
        if not np.all(np.diff(time_s) > 0):
            raise Refused("bad_keypoints", "The times in column time_s do not rise. Sort the rows by time.")
        own = 1 / float(np.median(np.diff(time_s)))
        if own < SLOWEST_HZ:
            raise Refused("bad_keypoints", "The times in column time_s are not in seconds. Correct them.")
        if fps and abs(own / fps - 1) > 0.02:
            raise Refused(
                "bad_keypoints",
                f"The times in the file say {own:.0f} frames per second, not {fps:.0f}. Correct --fps or the times.",
            )
        return time_s
    if not fps:
        raise Refused("bad_keypoints", "The file has no column time_s. Give the frame rate with --fps.")
    return np.arange(len(next(iter(columns.values()))), dtype=np.float64) / fps
