"""An environment of its own for the published pose model: it wants older libraries than the engine runs with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Without its dependencies: they are 990 MB, of which the pose model needs these. Versions that run with it.
REFERENCE = "mediapipe==0.10.21"
NEEDED = (
    "numpy==1.26.4",
    "absl-py==2.1.0",
    "attrs==24.3.0",
    "flatbuffers==24.12.23",
    "protobuf==4.25.5",
    "opencv-python-headless==4.10.0.84",
    "matplotlib==3.9.4",
)


def made(folder: Path) -> Path:
    """Make the environment in an empty folder and return its interpreter. Raises CalledProcessError when that fails."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--no-deps", REFERENCE], check=True, capture_output=True)
    subprocess.run([*install, *NEEDED], check=True, capture_output=True)
    return python
