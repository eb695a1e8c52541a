"""The production shape on one machine: PostgreSQL, Redis, S3, the engine and all of the portal's processes."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import redis

from door import say
from door.place import Place
from door.run import prepare, start
from door.supervisor import Service, Supervisor
from storm import processes
from storm.processes import Server
from storm.proxy import Proxy
from tests.services import servers

# Long enough that it cannot stand anywhere by chance: at the end everything written is searched for it.
KEY = f"storm-{secrets.token_hex(20)}"
METRICS_TOKEN = "for the metrics of a storm"  # noqa: S105 - of this machine, for these minutes


@dataclass
class House:
    """Everything that runs, and how to reach it."""

    folder: Path
    place: Place
    supervisor: Supervisor
    database: Server
    redis: Server
    store: Proxy
    bucket: servers.Bucket  # as the portal reaches it: through the proxy
    redis_url: str

    @property
    def services(self) -> dict[str, Service]:
        return {service.name: service for service in self.supervisor.services}

    def engine(self, method: str, path: str, **more: object) -> httpx.Response:
        """Ask the engine as its partner, its test controls included."""
        address = f"{self.place.engine_address}{path}"
        return httpx.request(method, address, params={"apiKey": KEY}, timeout=30, trust_env=False, **more)  # type: ignore[arg-type]

    def look_after(self) -> None:
        """Start again what died, as ./portal run does. Raises KeyboardInterrupt when asked to end."""
        if self.supervisor.stop_asked:
            raise KeyboardInterrupt
        self.supervisor.look_after()


@contextmanager
def house() -> Iterator[House]:
    """Start everything in a folder of its own; afterwards nothing of it is left."""
    begun = time.monotonic()
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="coachportal-storm-", ignore_cleanup_errors=True))
        folder = Path(made)
        folder.chmod(0o755)
        database_url = stack.enter_context(servers.postgresql(folder / "postgresql"))
        _keep_what_was_committed(database_url)
        redis_url = stack.enter_context(servers.redis_server(folder / "redis"))
        bucket = stack.enter_context(servers.s3_server(folder / "s3"))
        store = stack.enter_context(Proxy(urlsplit(bucket.endpoint_url).port or 0))
        bucket = replace(bucket, endpoint_url=f"http://127.0.0.1:{store.port}")
        place = Place(folder / "var", servers.free_port(), servers.free_port())
        os.environ.update(_settings(place, database_url, redis_url, bucket))
        place.prepare_folders()
        prepare(place)
        supervisor = stack.enter_context(Supervisor())
        built = House(
            folder,
            place,
            supervisor,
            _postgresql(folder / "postgresql"),
            _redis(redis_url, folder / "redis"),
            store,
            bucket,
            redis_url,
        )
        stack.callback(built.database.end)
        stack.callback(built.redis.end)
        stack.callback(supervisor.stop)
        if not start(place, supervisor, demo=False):
            raise KeyboardInterrupt
        say(f"everything runs after {time.monotonic() - begun:.0f} s")
        yield built


def _settings(place: Place, database_url: str, redis_url: str, bucket: servers.Bucket) -> dict[str, str]:
    return {
        "VAR": str(place.var),
        "PORT": str(place.port),
        "ENGINE_PORT": str(place.engine_port),
        "PUBLIC_URL": place.address,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ENGINE_REDIS_URL": redis_url.removesuffix("/0") + "/1",
        "ENGINE_URL": place.engine_address,
        # The account that costs credits is Ochy's; the engine stands in for it under the same contract.
        "OCHY_URL": place.engine_address,
        "OCHY_KEY": KEY,
        "ENGINE_KEY": KEY,
        "ENGINE_CONTROL": "1",
        "ENGINE_THREADS": "1",
        "METRICS_TOKEN": METRICS_TOKEN,
        "UPLOADS_AN_HOUR": "100000",
        **bucket.settings(),
    }


def _keep_what_was_committed(database_url: str) -> None:
    """The servers of the tests answer before a commit is written; here a kill -9 must not take it back."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE portal SET synchronous_commit = on")


def _postgresql(folder: Path) -> Server:
    lock = folder / "data" / "postmaster.pid"
    pid = int(lock.read_text().split()[0])
    # PostgreSQL refuses to run as root; the tests' servers run it as its own user.
    someone_else = {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": folder}
    how = someone_else if os.geteuid() == 0 else {}
    return Server("database", pid, folder / "log", processes.command_line(pid), how, lock)


def _redis(url: str, folder: Path) -> Server:
    with redis.Redis.from_url(url) as client:
        info: Any = client.info("server")
        set_up: Any = client.config_get("bind", "port", "requirepass", "dir", "appendonly", "save")
    # It writes its address over its command line, so that this is put together anew.
    command = [str(info["executable"])]
    command += [part for name, value in set_up.items() for part in (f"--{name}", str(value))]
    return Server("redis", int(info["process_id"]), folder / "log", command)
