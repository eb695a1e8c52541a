"""Real servers for the tests: PostgreSQL, Redis and an S3 server, from the system's packages, on free ports.

Each lives in a folder of its own and is gone with the `with` block. They listen on the own machine only.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import psycopg
import redis
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from door.system import SERVICES, find

PASSWORD = "only-on-this-machine"
# Below those that a system gives to connections and to whoever names none: such a one could be gone before its server
# starts, or while it starts again.
PORTS = range(20_000, 32_000)
PORT_TRIES = 100
STORE_TRIES = 5
PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def missing() -> list[str]:
    """Return what the tests on real servers lack here, with the package that brings it."""
    return [f"{need.what} (Debian: {' '.join(need.packages)})" for need in SERVICES if not need.is_met]


def free_port() -> int:
    """Return a port nobody listens on, and no other process of tests is given before this one ends.

    The sign that it is taken is the UDP port of the same number.
    """
    for port in random.SystemRandom().sample(PORTS, PORT_TRIES):
        sign = socket.socket(type=socket.SOCK_DGRAM)
        try:
            sign.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            sign.close()
        else:
            sign.detach()  # it stays open as long as this process lives
            return port
    raise RuntimeError(f"none of {PORT_TRIES} ports is free")


def program(name: str) -> str:
    path = find(name)
    assert path is not None, f"{name} is not installed"
    return path


def wait_for(condition: Callable[[], bool], *, what: str, at_most_s: float = 300) -> None:
    """Ask until the answer is yes; say what did not come."""
    deadline = time.monotonic() + at_most_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not answer within {at_most_s:.0f} s")
        time.sleep(0.1)


def die_with_parent() -> None:
    """Between fork and exec: have Linux end this process when pytest is killed, so that no server stays behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def running(
    command: list[str], log: Path, *, sign: signal.Signals = signal.SIGTERM, **how: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in the foreground and end it with the block."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent,
            **how,
        )
    try:
        yield process
    finally:
        process.send_signal(sign)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def postgresql(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """Yield the DATABASE_URL of an empty database; a `durable` one commits as in use, for measuring."""
    folder.mkdir(parents=True)
    # PostgreSQL refuses to run as root; its own user must reach its folder, and nothing else of ours.
    someone_else: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        someone_else = {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": folder}
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    data, port = folder / "data", free_port()
    make = ["--auth=scram-sha-256", f"--pwfile={password}", "--username=portal", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run(
        [program("initdb"), "-D", str(data), "--no-sync", *make], check=True, capture_output=True, **someone_else
    )
    options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "max_connections": 60}
    if not durable:  # a test's data need not survive a power cut
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    server = [program("postgres"), "-D", str(data)]
    server += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    url = f"postgres://portal:{PASSWORD}@127.0.0.1:{port}"

    def answers() -> bool:
        try:
            psycopg.connect(f"{url}/postgres", connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    # SIGINT is its fast shutdown: it does not wait for clients to leave.
    with running(server, folder / "log", sign=signal.SIGINT, **someone_else):
        wait_for(answers, what="PostgreSQL")
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE portal")
        yield f"{url}/portal"


def settle() -> None:
    """Have the database end what so many new rows leave it to do, so that not the filling is measured.

    By itself it begins within a minute to mark the rows as seen by all and to write its pages to the disk, on the
    processors that answer; a database in use has had that long ago.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


# ── Redis ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Yield the REDIS_URL of an empty Redis that writes down what it is given."""
    folder.mkdir(parents=True)
    port = free_port()
    options = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": PASSWORD,
        "dir": folder,
        "appendonly": "yes",
        "save": "",
    }
    command = [
        program("redis-server"),
        *(part for name, value in options.items() for part in (f"--{name}", str(value))),
    ]
    url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"

    def answers() -> bool:
        try:
            with redis.Redis.from_url(url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    with running(command, folder / "log"):
        wait_for(answers, what="Redis")
        yield url


# ── S3 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Bucket:
    """An empty bucket and who may use it."""

    endpoint_url: str
    name: str
    access_key: str
    secret_key: str

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4", retries={"max_attempts": 1}),
        )

    def settings(self) -> dict[str, str]:
        return {
            "S3_ENDPOINT_URL": self.endpoint_url,
            "S3_BUCKET": self.name,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
        }


@contextmanager
def s3_server(folder: Path) -> Iterator[Bucket]:
    """Yield a bucket on Ceph's S3 gateway: one monitor, one store in memory, one gateway.

    Of what Debian packages it is the one that checks signatures, sizes and expiry as a real S3 server does.
    """
    folder.mkdir(parents=True)
    port, monitor = free_port(), f"v1:127.0.0.1:{free_port()}"
    ceph = _Ceph(folder, monitor)
    with ExitStack() as stack:
        ceph.make_monitor()
        stack.enter_context(ceph.daemon("ceph-mon", "-i", "a", "--public-addr", monitor))
        ceph.make_store()
        start_store(ceph, stack)
        bucket = Bucket(f"http://127.0.0.1:{port}", "films", "portal", PASSWORD)
        ceph.run(
            "radosgw-admin", "user", "create", "--uid=portal", "--display-name=portal",
            f"--access-key={bucket.access_key}", f"--secret-key={bucket.secret_key}",
        )  # fmt: skip
        stack.enter_context(
            ceph.daemon("radosgw", "-n", "client.rgw", f"--rgw_frontends=beast endpoint=127.0.0.1:{port}")
        )
        wait_for(lambda: _made(bucket), what="Ceph's S3 gateway")
        yield bucket


def start_store(ceph: _Ceph, stack: ExitStack) -> None:
    """Start the store until it stays: asked before it has heard from the monitor which cluster it is in, it ends."""
    for _ in range(STORE_TRIES):
        store = stack.enter_context(ceph.daemon("ceph-osd", "-i", "0"))
        wait_for(partial(_ended_or_there, store, ceph), what="Ceph's store")
        if store.poll() is None:
            return
    raise RuntimeError(f"Ceph's store ended {STORE_TRIES} times: {(ceph.folder / 'osd.0.log').read_text()[-600:]}")


def _ended_or_there(store: subprocess.Popen[bytes], ceph: _Ceph) -> bool:
    return store.poll() is not None or ceph.has_store()


def _made(bucket: Bucket) -> bool:
    try:
        bucket.client().create_bucket(Bucket=bucket.name)
    except (BotoCoreError, ClientError):
        return False
    return True


@dataclass(frozen=True)
class _Ceph:
    """A cluster of one machine, in one folder."""

    folder: Path
    monitor: str
    identity: str = str(uuid.uuid4())

    @property
    def configuration(self) -> Path:
        return self.folder / "ceph.conf"

    def run(self, name: str, *arguments: str) -> str:
        command = [program(name), "-c", str(self.configuration), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{name} {arguments[0]}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def succeeds(self, *arguments: str) -> bool:
        command = [program("ceph"), "-c", str(self.configuration), "--connect-timeout", "3", *arguments]
        return subprocess.run(command, check=False, capture_output=True, timeout=300).returncode == 0

    def has_store(self) -> bool:
        try:
            return "1 up" in self.run("ceph", "osd", "stat")
        except RuntimeError:  # on a busy machine the monitor may still say that it cannot tell what it can do
            return False

    def daemon(self, name: str, *arguments: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        command = [program(name), "-f", "-c", str(self.configuration), *arguments]
        # It flushes nothing we want to keep: no need to wait for an orderly end.
        return running(command, self.folder / f"{name}.out", sign=signal.SIGKILL)

    def make_monitor(self) -> None:
        self.configuration.write_text(self._settings())
        for name in ("mon", "osd", "mgr"):
            (self.folder / name).mkdir()
        chart = str(self.folder / "monmap")
        create = ["--create", "--addv", "a", f"[{self.monitor}]", "--fsid", self.identity, chart]
        subprocess.run([program("monmaptool"), *create], check=True, capture_output=True)
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", chart)

    def make_store(self) -> None:
        store = str(uuid.uuid4())
        # The monitor tells its status a moment before it takes orders, and then refuses them: ask for the order
        # itself until it is obeyed. Given twice, it makes the same store once.
        wait_for(lambda: self.succeeds("osd", "new", store, "0"), what="Ceph's monitor")
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)

    def _settings(self) -> str:
        settings = {
            "fsid": self.identity,
            "mon_host": self.monitor,
            "auth_cluster_required": "none",
            "auth_service_required": "none",
            "auth_client_required": "none",
            # One store: no second copy of anything.
            "osd_pool_default_size": 1,
            "osd_pool_default_min_size": 1,
            "mon_allow_pool_size_one": "true",
            "osd_crush_chooseleaf_type": 0,
            "osd_pool_default_pg_num": 4,
            "osd_pool_default_pg_autoscale_mode": "off",
            "mon_max_pg_per_osd": 2000,
            "osd_objectstore": "memstore",
            "memstore_device_bytes": 2 * 1024**3,
            "run_dir": self.folder,
            "admin_socket": f"{self.folder}/$name.asok",
            "log_file": f"{self.folder}/$name.log",
            "pid_file": f"{self.folder}/$name.pid",
            "mon_data": self.folder / "mon",
            "osd_data": self.folder / "osd",
            "mgr_data": self.folder / "mgr",
            "ms_bind_ipv6": "false",
            "public_network": "127.0.0.0/8",
            "osd_heartbeat_grace": 60,
            "rgw_crypt_require_ssl": "false",
        }
        return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items())
