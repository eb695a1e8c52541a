"""./portal restore-drill [BACKUP]: prove that a backup can be restored, in a place of its own that is thrown away."""

import subprocess
import tempfile
import time

from door import ROOT, Stop, say
from door.environment import PYTHON, set_up
from door.place import from_environment
from door.testing import test_environment


def restore_drill(arguments: list[str]) -> int:
    """Back this portal up (or take BACKUP), restore it into an empty place, compare every row and every file."""
    if len(arguments) > 1:
        raise Stop("Give one folder that `manage.py backup` made, or nothing to back this portal up first.")
    set_up()
    here = from_environment().environment()
    with tempfile.TemporaryDirectory(prefix="coachportal-drill-") as folder:
        backup = arguments[0] if arguments else f"{folder}/backup"
        if not arguments:
            _manage(["backup", backup], here)
        # None of this portal's settings but the key that opens what is sealed: no real database, no bucket.
        kept = {name: here[name] for name in ("FIELD_KEYS", "FIELD_KEYS_FILE") if name in here}
        _manage(["restore", backup], test_environment(f"{folder}/empty") | {"VAR": f"{folder}/empty"} | kept)
    say("The drill is over; the copy is gone.")
    return 0


def _manage(command: list[str], environment: dict[str, str]) -> None:
    started = time.monotonic()
    if subprocess.run([str(PYTHON), "manage.py", *command], cwd=ROOT, env=environment, check=False).returncode:
        raise Stop(f"The {command[0]} did not succeed; its words stand above.")
    say(f"{command[0]}: {time.monotonic() - started:.1f} s")
