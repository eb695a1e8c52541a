"""The three processes of the measuring server: `serve` answers, `work` measures, `clock` rings and tells.

Each may be killed at any time and started again; none needs the others to start. The database is made ready by
whichever comes first.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import signal
import socket
import sys
import threading
from types import FrameType
from typing import Any

from environs import EnvError

os.environ["DJANGO_SETTINGS_MODULE"] = "engine.settings"  # the portal's environment names the portal's

log = logging.getLogger(__name__)

TURN_S = 0.3
PAUSE_WITHOUT_REDIS_S = 1.0
WEB_THREADS = 16
# Longer than clients keep a silent connection (httpx: 5 s). gunicorn's own 2 s closes it in the very moment a client
# sends on it again; a start that is lost like that leaves the client unsure whether it was taken.
KEEP_ALIVE_S = 30


def serve(arguments: argparse.Namespace) -> int:
    """Answer the contract over HTTP on ENGINE_PORT."""
    settings = _prepare()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError:
            print(f"Port {settings.PORT} is taken. Set ENGINE_PORT to a free one.", file=sys.stderr)
            return 1
    command = [sys.executable, "-m", "gunicorn", "engine.wsgi:application", "--chdir", str(settings.BASE)]
    command += ["--bind", f"{settings.HOST}:{settings.PORT}", "--workers", str(settings.WEB_WORKERS)]
    command += ["--worker-class", "gthread", "--threads", str(WEB_THREADS), "--timeout", "120"]
    command += ["--graceful-timeout", "10", "--no-control-socket", "--keep-alive", str(KEEP_ALIVE_S)]
    # Becomes gunicorn, so that signals reach it.
    return os.execv(sys.executable, command)  # noqa: S606


def work(arguments: argparse.Namespace) -> int:
    """Measure films, one after the other."""
    _prepare()
    from engine.worker import work_until_asked_to_stop

    work_until_asked_to_stop(PAUSE_WITHOUT_REDIS_S)
    return 0


def clock(arguments: argparse.Namespace) -> int:
    """Deliver events, and wake a worker for whatever is due."""
    _prepare()
    from engine.clock import Clock

    over = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        over.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ticking = Clock()
    while not over.wait(TURN_S):
        ticking.turn()
    ticking.close()
    return 0


def _prepare() -> Any:
    """Load the settings and bring the database up to date, one process at a time; return the settings."""
    import django
    from django.core.management import call_command

    try:
        from engine import settings
    except EnvError as error:
        sys.exit(f"{error} .env.example explains each setting.")

    django.setup()
    with (settings.ENGINE_VAR / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("migrate", verbosity=0, interactive=False)
    from django.db import connections

    connections.close_all()
    return settings
