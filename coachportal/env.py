"""Read the environment: one reader for settings.py, secrets also from a file named NAME_FILE."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv

env = FileAwareEnv()


def made_secret(folder: Path, name: str) -> str:
    """Return the secret kept in `folder`/`name`; make it once, readable by its owner alone.

    A laptop needs no set-up this way; a server with several machines sets the variable instead.
    """
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()


def secure_address(name: str, address: str) -> str:
    """Return the address in this variable, to which secrets are sent: over TLS unless it is on this machine, or empty.

    Raises EnvError.
    """
    parts = urlsplit(address)
    if address and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise EnvError(f"{name} must begin with https://, or name this machine; it is “{address}”.")
    return address.rstrip("/")


def socket_folder(data_folder: Path) -> Path:
    """Return a private folder for the embedded Redis' socket, one for each data folder.

    Not inside the data folder: a socket's path ends at 108 bytes, and redis-py cannot parse one that holds a space.
    """
    digest = hashlib.sha256(str(data_folder.resolve()).encode()).hexdigest()[:10]
    folder = Path(tempfile.gettempdir()) / f"coachportal-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise RuntimeError(f"{folder} belongs to someone else; remove it or set REDIS_URL")
    return folder
