"""./portal fuzz-uploads: hostile films through a portal of their own, made for this and thrown away."""

import os
import subprocess
import tempfile

from door import ROOT
from door.environment import PYTHON, set_up
from door.testing import test_environment


def fuzz_uploads(arguments: list[str]) -> int:
    """Make an empty portal, send it the files, print the table; 1 when anything went wrong."""
    set_up()
    with tempfile.TemporaryDirectory(prefix="coachportal-fuzz-") as var:
        # None of the shell's settings: no real database, bucket or key comes near these files.
        environment = test_environment(var) | {"LOG_LEVEL": "CRITICAL", "REDIS_URL": f"unix://{var}/nobody.sock?db=0"}
        manage = [str(PYTHON), "manage.py"]
        subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
        os.makedirs(f"{var}/static", exist_ok=True)
        return subprocess.run([*manage, "fuzz_uploads", *arguments], cwd=ROOT, env=environment, check=False).returncode
