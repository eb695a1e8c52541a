"""Who stays in the house: nothing is asked of anybody outside, neither by our own code nor by any library."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from door import ROOT
from tests.services import servers

pytestmark = pytest.mark.services

OVERHEARD = Path(__file__).with_name("overheard.py")
# Run what follows where there is no network but this machine's own.
ALONE = 'ip link set lo up && export ALONE=1 && exec "$@"'


def test_from_the_order_to_the_report_nothing_is_asked_of_anybody_outside():
    if missing := servers.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    # PostgreSQL's server changes from root to its own user, which a user namespace of one user would not let it.
    mine = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    alone = ["unshare", "--net", *mine, "sh", "-c", ALONE, "sh"]
    can_be_alone = shutil.which("ip") and not subprocess.run([*alone, "true"], check=False).returncode
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", OVERHEARD]
    done = subprocess.run(
        [*alone, *command] if can_be_alone else command,
        cwd=ROOT, check=False, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    passed = "4 passed" if can_be_alone else "2 passed, 2 skipped"
    assert re.search(rf"^{passed} in", done.stdout, re.MULTILINE), done.stdout[-6000:] + done.stderr[-2000:]
    if not can_be_alone:
        pytest.skip("not allowed here: a network namespace (unshare --net), or not installed: iproute2")
