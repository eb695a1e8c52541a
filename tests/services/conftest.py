"""The portal on real servers: PostgreSQL, Redis and S3, all its processes, as a clinic runs it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests import migrated
from tests.running import Portal, running_portal
from tests.services import servers
from tests.studio import draw_film


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach; pytest's are closed to others."""
    if missing := servers.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory(prefix="coachportal-services-", ignore_cleanup_errors=True) as made:
        path = Path(made)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session")
def postgresql(folder) -> Iterator[str]:
    """The address of a database that has gone through every migration, and is empty."""
    with servers.postgresql(folder / "postgresql") as url:
        migrated.migrate(folder / "var-migrated", {"DATABASE_URL": url})
        # PostgreSQL copies only what nobody is connected to, so a second one stays untouched.
        copy(url, of="portal", to="untouched")
        yield url


def copy(url: str, *, of: str, to: str) -> str:
    """Copy a whole database of a server; return the address of the copy."""
    address = url.rpartition("/")[0]
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {to} TEMPLATE {of}")
    return f"{address}/{to}"


@pytest.fixture(scope="session")
def new_database(postgresql) -> Callable[[str], str]:
    """Make another database of the same server that has gone through every migration; return its address."""
    return lambda name: copy(postgresql, of="untouched", to=name)


@pytest.fixture(scope="session")
def redis_server(folder) -> Iterator[str]:
    with servers.redis_server(folder / "redis") as url:
        yield url


@pytest.fixture(scope="session")
def bucket(folder) -> Iterator[servers.Bucket]:
    with servers.s3_server(folder / "s3") as bucket:
        yield bucket


@pytest.fixture(scope="session")
def portal(folder, postgresql, redis_server, bucket) -> Iterator[Portal]:
    """The portal on the real servers."""
    (folder / "var").mkdir()
    settings = {"DATABASE_URL": postgresql, "REDIS_URL": redis_server, **bucket.settings()}
    with running_portal(folder / "var", settings) as portal:
        yield portal


@pytest.fixture(scope="session")
def film(folder) -> Path:
    return draw_film(folder / "run.mp4", seconds=3)


@pytest.fixture
def ready(portal):
    """Ask /readyz; return status and the checks by name."""

    def ready():
        status, text = portal.get("/readyz")
        return status, json.loads(text)["checks"]

    return ready
