"""The published implementation of the pose model, as a program for an environment of its own.

    python reference.py WIDTH HEIGHT HEAVY_WEIGHTS < pictures.rgb > points.jsonl

Reads raw RGB pictures from standard input until it ends. Answers each at once with a line: the seconds spent in the
model, and 33 points in pixels or null. `python -m engine bench --reference PYTHON` runs it with that environment's
interpreter (mediapipe 0.10.21, `--no-deps` is enough); nothing of ours is imported here.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import time
from pathlib import Path


def main(width: int, height: int, weights: Path) -> None:
    """Answer on standard output."""
    numpy, mediapipe = importlib.import_module("numpy"), importlib.import_module("mediapipe")
    # The package brings the middle model; it would fetch the heavy one from the network where it is not in place.
    place = Path(str(mediapipe.__file__)).parent / "modules" / "pose_landmark" / "pose_landmark_heavy.tflite"
    if not place.exists():
        shutil.copyfile(weights, place)
    model = mediapipe.solutions.pose.Pose(model_complexity=2, smooth_landmarks=False)
    while picture := sys.stdin.buffer.read(width * height * 3):
        rgb = numpy.frombuffer(picture, numpy.uint8).reshape(height, width, 3)
        started = time.perf_counter()
        found = model.process(rgb).pose_landmarks
        seconds = time.perf_counter() - started
        points = [[mark.x * width, mark.y * height] for mark in found.landmark] if found else None
        print(json.dumps({"seconds": seconds, "points": points}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
