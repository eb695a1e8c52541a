"""A film of the drawn runner on a belt, whose truth is known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from door import ROOT

CADENCE_SPM = 164
PACE = "05:57"


def draw_film(path: Path, *, seconds: float) -> Path:
    """Draw so many seconds of a runner at PACE with CADENCE_SPM, from the side, 30 pictures a second."""
    command = [sys.executable, "-m", "engine", "film", str(path), "--view", "side_view", "--treadmill"]
    command += ["--speed", "2.8", "--cadence", str(CADENCE_SPM), "--fps", "30", "--seconds", str(seconds)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return path
