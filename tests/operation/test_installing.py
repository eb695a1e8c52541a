"""What a command fetches before it starts: a registry's hiccup is waited out, a real failure is one line."""

import os
from pathlib import Path

import pytest

import door
from door import Stop, environment, system

FAILS_ONCE = '#!/bin/sh\necho "$@" >> {said}\n[ "$(wc -l < {said})" -gt 1 ]\n'
FAILS = '#!/bin/sh\necho "$@" >> {said}\nexit 1\n'


@pytest.fixture
def installer(tmp_path, monkeypatch):
    """Put a program of that name before the system's own; return where it writes down what it is asked for."""
    monkeypatch.setattr(door, "PAUSE_S", 0)
    monkeypatch.setattr(environment, "PACKAGES_STAMP", tmp_path / "stamp")
    monkeypatch.setattr(system, "POLICY", tmp_path / "policy")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def put(name: str, script: str) -> Path:
        said = tmp_path / "said"
        (tmp_path / name).write_text(script.format(said=said))
        (tmp_path / name).chmod(0o755)
        return said

    return put


def test_what_npm_could_not_fetch_is_asked_for_once_more(installer):
    said = installer("npm", FAILS_ONCE)
    environment.set_up_packages(dev=False)
    first, second = said.read_text().splitlines()
    assert first == second
    assert environment.PACKAGES_STAMP.exists()


def test_what_npm_cannot_fetch_at_all_stops_the_command(installer):
    said = installer("npm", FAILS)
    with pytest.raises(Stop, match="npm could not install what the lock file names"):
        environment.set_up_packages(dev=False)
    assert len(said.read_text().splitlines()) == 2
    assert not environment.PACKAGES_STAMP.exists()


def test_what_apt_could_not_fetch_is_asked_for_once_more(installer):
    said = installer("apt-get", FAILS_ONCE)
    system.install(["gettext"])
    assert [line.split()[5:] for line in said.read_text().splitlines()] == [
        ["update"],
        ["update"],
        ["install", "--yes", "--no-install-recommends", "gettext"],
    ]
    assert not system.POLICY.exists()
