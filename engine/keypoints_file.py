"""Read key points from a CSV file, so that the arithmetic can be checked without film or pose model."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from engine.measure.track import AT, JOINTS, Track
from engine.order import Refused

# Names under which motion capture and pose models write the tip of the foot, best first; the flag says whether it is
# the tip of the shoe or the head of a metatarsal some centimetres behind it.
TOES = (("toe", True), ("foot_index", True), ("big_toe", False), ("small_toe", False))


def read_keypoints(path: Path, *, fps: float | None = None, width_px: int = 0, height_px: int = 0) -> Track:
    """Read one row a frame: `<joint>_x`, `<joint>_y` in px (y down), optionally `<joint>_score` and `time_s`.

    Joints are named as in engine.measure.track.JOINTS; empty cells and missing joints are points not seen. Without a
    time column `fps` gives the clock. Raises Refused when the file holds no such table or the two clocks disagree.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    if len(rows) < 11 or len({len(row) for row in rows}) != 1:
        raise Refused("bad_keypoints", "The file holds no table of key points. Give one row a frame, at least ten.")
    head, body = [name.strip() for name in rows[0]], rows[1:]
    try:
        table = np.array([[float(cell) if cell.strip() else np.nan for cell in row] for row in body])
    except ValueError as error:
        raise Refused(
            "bad_keypoints", f"A cell is not a number ({error}). Leave cells of unseen points empty."
        ) from error
    columns = {name: table[:, index] for index, name in enumerate(head)}
    time_s = _clock(columns, len(body), fps)
    points = np.full((len(body), len(JOINTS), 2), np.nan)
    score = np.zeros((len(body), len(JOINTS)))
    tip = True
    for joint in JOINTS:
        name = joint
        if joint.endswith("_toe"):
            name, tip = _toe(joint.partition("_")[0], columns)
        if f"{name}_x" in columns and f"{name}_y" in columns:
            points[:, AT[joint]] = np.column_stack([columns[f"{name}_x"], columns[f"{name}_y"]])
            seen = np.isfinite(points[:, AT[joint]]).all(axis=1)
            score[:, AT[joint]] = np.where(seen, columns.get(f"{name}_score", np.ones(len(body))), 0.0)
    if not np.isfinite(points[:, [AT["left_hip"], AT["right_hip"], AT["left_ankle"], AT["right_ankle"]]]).any():
        raise Refused(
            "bad_keypoints", "The file has no hips or ankles. Name the columns left_hip_x, left_hip_y and so on."
        )
    finite = points[np.isfinite(points).all(axis=2)]
    width, height = (int(np.ceil(value)) + 1 for value in finite.max(axis=0))
    return Track(
        time_s, points, score, width_px or max(width, 1), height_px or max(height, 1), toe_is_tip=tip, from_film=False
    )


def _toe(side: str, columns: dict[str, np.ndarray]) -> tuple[str, bool]:
    """The best toe the file has for one foot, and whether it is the tip of the shoe."""
    for name, tip in TOES:
        if f"{side}_{name}_x" in columns:
            return f"{side}_{name}", tip
    return f"{side}_toe", True


def _clock(columns: dict[str, np.ndarray], frames: int, fps: float | None) -> np.ndarray:
    """The time of each row, s: the file's own, else by the frame rate."""
    if "time_s" in columns:
        time_s = columns["time_s"]
        if not np.all(np.diff(time_s) > 0):
            raise Refused("bad_keypoints", "The times in column time_s do not rise. Sort the rows by time.")
        own = 1 / float(np.median(np.diff(time_s)))
        if fps and abs(own / fps - 1) > 0.02:
            raise Refused(
                "bad_keypoints",
                f"The times in the file say {own:.0f} frames per second, not {fps:.0f}. Correct --fps or the times.",
            )
        return np.asarray(time_s, dtype=np.float64)
    if not fps:
        raise Refused("bad_keypoints", "The file has no column time_s. Give the frame rate with --fps.")
    return np.arange(frames, dtype=np.float64) / fps
