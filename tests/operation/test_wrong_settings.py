"""A setting that makes no sense ends a command with a sentence that names it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from door import ROOT, Stop
from door.drill import restore_drill
from door.testing import test_environment as environment_for_tests

PORTAL, ENGINE = ["manage.py", "check"], ["-m", "engine", "serve"]


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [(PORTAL, "DATABASE_URL", ""), (PORTAL, "API_CALLS_A_MINUTE", "many"), (ENGINE, "ENGINE_PORT", "here")],
)
def test_a_setting_that_cannot_be_read_is_named(tmp_path, command, name, value):
    environment = environment_for_tests(str(tmp_path)) | {name: value}
    ended = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f'Environment variable "{name}" invalid: ')
    assert ended.stderr.endswith(" .env.example explains each setting.\n")


def test_a_drill_begins_with_a_backup_that_ended(tmp_path):
    with pytest.raises(Stop, match="holds no finished backup"):
        restore_drill([str(tmp_path)])
