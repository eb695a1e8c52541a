"""Where this portal lives: data folder, ports, keys; and the environment that every process of it gets."""

import contextlib
import hashlib
import os
import secrets
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from door import ROOT, Stop

# Python's own switches of the calling shell must not leak in: without .pyc files every start costs 1.6 s, not 0.4 s.
NOT_INHERITED = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX")


def inherited() -> dict[str, str]:
    """Return the calling shell's environment without Python's own switches."""
    return {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}


@dataclass(frozen=True)
class Place:
    """One portal on this machine. Two of them run side by side with another VAR, PORT and ENGINE_PORT."""

    var: Path
    port: int
    engine_port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def engine_address(self) -> str:
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def socket(self) -> Path:
        """Return where the embedded Redis-compatible server listens."""
        return redis_socket(self.var)

    def environment(self) -> dict[str, str]:
        """Return what every process of this portal sees: the shell's settings, and ours where it says nothing."""
        settings = inherited()
        settings["VAR"] = str(self.var)
        settings["PORT"] = str(self.port)
        settings["ENGINE_PORT"] = str(self.engine_port)
        # The engine beside us may call over plain HTTP: nothing leaves this machine.
        settings.setdefault("ENGINE_ALLOW_HTTP_WEBHOOKS", "1")
        if self.brings_own_redis:
            settings["REDIS_URL"] = f"unix://{self.socket}?db=0"
            settings.setdefault("ENGINE_REDIS_URL", f"unix://{self.socket}?db=1")
        settings.setdefault("ENGINE_URL", self.engine_address)
        if "ENGINE_KEY" not in settings and "ENGINE_KEY_FILE" not in settings:
            settings["ENGINE_KEY"] = secret(self.var / "engine_key")
        return settings

    @property
    def brings_own_redis(self) -> bool:
        return not os.environ.get("REDIS_URL")

    def prepare_folders(self) -> None:
        """Make the data folder and the log folder, both readable by this person alone."""
        try:
            for folder in (self.var, self.var / "log"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Stop(f"The folder {error.filename} cannot be made ({error.strerror}). Set VAR to another.") from error

    def check_ports(self) -> None:
        """Stop when somebody else listens on one of the two ports."""
        for name, port in (("PORT", self.port), ("ENGINE_PORT", self.engine_port)):
            if is_taken(port):
                raise Stop(f"Port {port} is taken by another program. Choose another: {name}={port + 1} ./portal run")


def from_environment(environ: Mapping[str, str] = os.environ) -> Place:
    """Read VAR, PORT and ENGINE_PORT; stop with a sentence when one of them makes no sense."""
    var = Path(environ.get("VAR") or ROOT / "var").expanduser()
    return Place(
        var=var if var.is_absolute() else Path.cwd() / var,
        port=_port(environ, "PORT", 8000),
        engine_port=_port(environ, "ENGINE_PORT", 8090),
    )


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise Stop(f"{name}={value} is not a port. Set it to a number from 1 to 65535.")
    return int(value)


def is_taken(port: int) -> bool:
    """Say whether somebody listens on this port of the own machine."""
    with socket.socket() as probe:
        # As gunicorn does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def redis_socket(var: Path) -> Path:
    """Return the socket of the embedded Redis-compatible server, in a folder that is this person's alone.

    Not under VAR: a space in the path ends every RQ worker at start (redis-py cannot read CLIENT INFO then), and the
    system allows 107 bytes.
    """
    tag = hashlib.sha256(str(var.resolve()).encode()).hexdigest()[:10]
    folder = Path(tempfile.gettempdir()) / f"coachportal-{os.getuid()}-{tag}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
        raise Stop(f"{folder} belongs to somebody else. Set TMPDIR to a folder of your own.")
    if len(os.fsencode(folder / "redis.sock")) > 100:
        raise Stop(f"The path {folder}/redis.sock is too long for a socket. Set TMPDIR to a shorter folder.")
    return folder / "redis.sock"


def secret(path: Path) -> str:
    """Return the secret in this file; make it at first use, readable by this person alone."""
    if not path.exists():
        # Written beside it and linked: whoever else starts at this moment finds no secret or a whole one.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
