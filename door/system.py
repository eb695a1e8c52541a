"""What the tests need from the system, and how Debian brings it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from door import fetched, say

POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True)
class Need:
    """A program of the system that some tests lean on."""

    what: str
    tests: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        return all(find(program) for program in self.programs)


FAST = (
    Need("Chromium", "browser", ("chromium",), ("chromium", "fonts-dejavu-core", "fonts-noto-cjk")),
    Need("gettext", "translation", ("msgfmt",), ("gettext",)),
)
SERVICES = (
    Need("Docker Compose's client", "compose", ("docker-compose",), ("docker-compose",)),
    Need("PostgreSQL", "services", ("initdb", "pg_ctl"), ("postgresql",)),
    Need("Redis", "services", ("redis-server",), ("redis-server",)),
    Need(
        "Ceph's S3 server",
        "services",
        ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"),
        ("ceph-common", "ceph-mon", "ceph-osd", "ceph-mgr", "radosgw"),
    ),
)


def find(program: str) -> str | None:
    """Return the path of a program; Debian keeps PostgreSQL's own off the PATH."""
    folders = [os.environ.get("PATH", os.defpath), "/usr/sbin", *map(str, _postgres_folders())]
    return shutil.which(program, path=os.pathsep.join(folders))


def _postgres_folders() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)


def provide(needs: tuple[Need, ...]) -> list[Need]:
    """Install what is missing where that is ours to do (Debian, root); return what is missing still."""
    missing = [need for need in needs if not need.is_met]
    if missing and Path("/etc/debian_version").exists() and os.geteuid() == 0 and shutil.which("apt-get"):
        install([package for need in missing for package in need.packages])
    return [need for need in needs if not need.is_met]


def install(packages: list[str]) -> None:
    """Install Debian packages without starting the services among them."""
    say(f"Installing for the tests: {' '.join(packages)} ...")
    with _services_stay_off():
        fetched(lambda: _apt("update") and _apt("install", "--yes", "--no-install-recommends", *packages))


def _apt(*command: str) -> bool:
    """Run apt-get; return whether it worked, and say why not."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"]
    done = subprocess.run([*apt, *command], env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        say(f"apt-get {command[0]} did not work: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.returncode == 0


@contextmanager
def _services_stay_off() -> Iterator[None]:
    """Keep Debian from starting what it installs: the tests start servers of their own, on ports of their own."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
