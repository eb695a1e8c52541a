"""A database as `manage.py migrate` leaves it, to be copied: to go through all migrations takes a processor 15 s."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from door import ROOT
from door.testing import test_environment

NAME = "portal.sqlite3"  # as the settings call it where none is named


def migrate(var: Path, settings: dict[str, str]) -> None:
    """Bring the database that the settings name to the state of the code; by default NAME in the folder `var`."""
    environment = test_environment(str(var)) | settings
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)


def once(folder: Path) -> Path:
    """Return a migrated SQLite file in a folder that several processes share: the first one makes it."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = folder / "whole.sqlite3"
        if not whole.exists():
            migrate(folder, {})
            os.rename(folder / NAME, whole)
    return whole
