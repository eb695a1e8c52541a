"""Where a portal lives: folders, ports and secrets, and what a person is told when one of them will not do."""

import os
import socket
import stat
import subprocess
import sys

import pytest

from door import ROOT, Stop, commands
from door.environment import caches
from door.place import from_environment, inherited, secret


def test_two_portals_are_told_apart_by_their_data_folder(tmp_path):
    one = from_environment({"VAR": str(tmp_path / "one"), "PORT": "8001", "ENGINE_PORT": "8091"})
    other = from_environment({"VAR": str(tmp_path / "other")})
    assert one.socket != other.socket
    assert (one.address, one.engine_address) == ("http://127.0.0.1:8001", "http://127.0.0.1:8091")
    assert (other.port, other.engine_port) == (8000, 8090)


def test_the_socket_is_where_the_engine_looks_for_it(place):
    place.prepare_folders()
    ask = [sys.executable, "-c", "from engine import settings; print(settings.REDIS_URL)"]
    told = subprocess.run(ask, env=inherited() | {"VAR": str(place.var)}, cwd=ROOT, text=True, capture_output=True)
    assert told.stdout.strip() == f"unix://{place.socket}?db=0", told.stderr


def test_who_has_no_home_folder_keeps_what_is_fetched_in_the_checkout(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert caches() == {}
    monkeypatch.setenv("HOME", str(tmp_path / "nonexistent"))
    assert all(folder.startswith(str(ROOT)) for folder in caches().values())
    assert set(caches()) == {"UV_CACHE_DIR", "npm_config_cache"}


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1", "80.5"])
def test_a_wrong_port_is_refused_in_one_line(port):
    with pytest.raises(Stop) as stopped:
        from_environment({"PORT": port})
    assert str(stopped.value) == f"PORT={port} is not a port. Set it to a number from 1 to 65535."


def test_a_taken_port_is_one_line(place):
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.engine_port))
        other.listen()
        with pytest.raises(Stop) as stopped:
            place.check_ports()
    assert str(stopped.value) == (
        f"Port {place.engine_port} is taken by another program. "
        f"Choose another: ENGINE_PORT={place.engine_port + 1} ./portal run"
    )


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "engine_key"
    first = secret(path)
    assert len(first) >= 40
    assert secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_for_their_owner_alone(place):
    place.prepare_folders()
    for folder in (place.var, place.socket.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_one_line(place, tmp_path):
    (tmp_path / "data folder").write_text("a file is in the way")
    with pytest.raises(Stop) as stopped:
        place.prepare_folders()
    assert str(stopped.value) == f"The folder {place.var} cannot be made (File exists). Set VAR to another."


def test_switches_of_the_calling_shell_do_not_leak_in(place, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    place.prepare_folders()
    environment = place.environment()
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["REDIS_URL"] == "redis://elsewhere/0"
    assert not place.brings_own_redis


def test_a_command_finds_the_files_of_the_folder_one_stands_in(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "points.csv").write_text("one,two\n")
    (tmp_path / "here" / "engine.py").write_text("raise SystemExit('not the engine')")  # nor is it taken for ours
    monkeypatch.setenv("VAR", str(tmp_path / "var"))
    monkeypatch.setattr(commands, "set_up", lambda *, dev: None)
    monkeypatch.setattr(os, "execve", lambda path, command, environment: started.append((command, environment)))
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.chdir(tmp_path / "here")
    commands.COMMANDS["engine"](["measure-keypoints", "points.csv", "--view", "side_view"])
    ((command, environment),) = started
    told = subprocess.run(command, env=environment, text=True, capture_output=True)
    assert "The file holds no table of key points." in told.stderr
