"""Read the environment: one reader for settings.py, secrets also from a file named NAME_FILE."""

from __future__ import annotations

from urllib.parse import urlsplit

from environs import EnvError, FileAwareEnv

env = FileAwareEnv()


def secure_address(name: str, address: str) -> str:
    """Return the address in this variable, to which secrets are sent: over TLS unless it is on this machine, or empty.

    Raises EnvError.
    """
    parts = urlsplit(address)
    if address and parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise EnvError(f"{name} must begin with https://, or name this machine; it is “{address}”.")
    return address.rstrip("/")
