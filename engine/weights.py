"""Where the pose model's weights are, and proof that they are the right ones.

They come with the npm package @mediapipe/pose (Apache-2.0), fetched by the set-up step like any other dependency. The
detector carries an odd name there: it is a bare TensorFlow Lite file.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "node_modules" / "@mediapipe" / "pose"
DETECTOR = "pose_solution_packed_assets.data"
LANDMARKER = "pose_landmark_heavy.tflite"
SHA256 = {
    DETECTOR: "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
    LANDMARKER: "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
}


class WeightsUnusable(RuntimeError):
    """The pose model cannot be loaded: files missing or not the ones this version was measured with."""


def detector() -> Path:
    """Path of the person detector's weights."""
    return _checked(_folder() / DETECTOR)


def landmarker() -> Path:
    """Path of the heavy landmark model's weights."""
    return _checked(_folder() / LANDMARKER)


def _folder() -> Path:
    return Path(os.environ.get("ENGINE_WEIGHTS") or PACKAGE)


@cache  # 30 MB are hashed once a process, not once a film
def _checked(path: Path) -> Path:
    if not path.is_file():
        raise WeightsUnusable(
            f"The pose weights are missing: {path.name} is not in {path.parent}. "
            "Run `npm ci` in the project folder, or set ENGINE_WEIGHTS to the folder that holds them."
        )
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256[path.name]:
        raise WeightsUnusable(
            f"The pose weights {path.name} in {path.parent} are not the expected ones (sha256 {found[:12]}...). "
            "Run `npm ci` in the project folder again."
        )
    return path
