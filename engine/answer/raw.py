"""Raw data: every frame's landmarks, as found and as measured."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.measure.report import Report
from engine.measure.track import JOINTS, Array, Track


def raw_data(report: Report, track: Track) -> dict[str, Any]:
    """Every frame's landmarks: as found by the pose model, and cleaned as they were measured; px, rounded to 0.1."""
    scores = np.round(track.score, 2)
    frames = {}
    for frame in range(len(track.time_s)):
        found = _points(track.points_px[frame])
        for joint, name in enumerate(JOINTS):
            if name in found:
                found[name]["score"] = float(scores[frame, joint])
        frames[str(frame)] = found
    return {
        "video_input_information": {
            "width": track.width_px,
            "height": track.height_px,
            "fps": round(track.fps, 3),
            "duration": round(track.duration_s, 3),
            "frame_count": len(track.time_s),
        },
        "frames": frames,
        "cleaned": {
            "joints": list(JOINTS),
            "frames": [
                [[round(float(x), 1), round(float(y), 1)] if np.isfinite(x + y) else None for x, y in row]
                for row in report.points_px
            ],
        },
        "times_s": [round(float(moment), 4) for moment in track.time_s],
    }


def _points(row: Array) -> dict[str, dict[str, float]]:
    return {
        name: {"x": round(float(x), 1), "y": round(float(y), 1)}
        for name, (x, y) in zip(JOINTS, row, strict=True)
        if np.isfinite(x + y)
    }
