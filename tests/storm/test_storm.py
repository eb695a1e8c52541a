"""One short storm over everything, as a build server can afford it; ./portal storm --seeds 20 is the long one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from door import ROOT
from tests.services import servers

pytestmark = pytest.mark.services


def test_a_storm_of_a_minute_loses_nothing_and_pays_nothing_twice():
    if missing := servers.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    command = [sys.executable, "-m", "storm", "--seeds", "1", "--seconds", "60"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "0 lost, 0 doubled, 0 stuck" in done.stdout
