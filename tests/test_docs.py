"""What is written for people fits the code: settings, commands, compose file."""

import ast
import re
from functools import cache

import pytest
from django.conf import settings

from door import ROOT

EXAMPLE = (ROOT / ".env.example").read_text()
ROOMS = (*settings.ROOMS, "providers", "engine")
# Set by tools, not by whoever runs a portal.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "GLIBC_TUNABLES", "PATH"}


def names_in_example():
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", EXAMPLE, re.MULTILINE))


@cache
def names_read():
    """Return every variable that the code reads: env.str("NAME"), environ.get("NAME"), environ["NAME"]."""
    found = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                name = _name_read(node)
                if name and name.isupper():  # a request's own, such as "wsgi.input", are not the environment's
                    found[name] = path.relative_to(ROOT)
    return found


def _name_read(node):
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="env")), args=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(attr="environ") | ast.Name(id="environ"), attr="get"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
        case ast.Subscript(
            value=ast.Attribute(attr="environ") | ast.Name(id="environ"), slice=ast.Constant(value=str(name))
        ):
            return name
    return None


def test_every_setting_stands_in_the_example():
    read = {name: path for name, path in names_read().items() if name not in NOT_OURS}
    assert {"DATABASE_URL", "ENGINE_LINK_LIFETIME_S", "ENGINE_THREADS"} <= set(read)
    assert {name: str(path) for name, path in read.items() if name not in names_in_example()} == {}


def test_the_example_names_no_setting_that_nobody_reads():
    in_compose = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert names_in_example() - set(names_read()) - in_compose == set()


def test_every_setting_in_the_example_is_explained():
    """A comment stands above each setting, or above the group of lines it belongs to."""
    explained = False
    for line in EXAMPLE.splitlines():
        if not line:
            explained = False
        elif line.startswith("# "):
            explained = True
        else:
            assert explained, line


@pytest.mark.parametrize("command", ["./portal run", "./portal test"])
def test_the_readme_tells_the_two_commands(command):
    assert command in (ROOT / "README.md").read_text()


def test_every_command_of_the_door_is_in_its_help():
    from door.commands import COMMANDS, HELP

    for name in COMMANDS:
        if not name.startswith("-") and name != "help":
            assert f"./portal {name}" in HELP


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "package-lock.json", "door/uv.lock"])
def test_lock_files_hold_no_addresses(lock):
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "door/uv.lock"])
def test_every_package_in_a_lock_file_has_a_hash(lock):
    text = (ROOT / lock).read_text()
    # A package begins at the margin; its hashes follow, indented.
    packages = re.findall(r"^(?:[a-z0-9][^\n]*\n)(?:[ ]+[^\n]*\n)*", text, re.MULTILINE)
    assert packages
    assert [package for package in packages if "--hash=sha256:" not in package] == []
