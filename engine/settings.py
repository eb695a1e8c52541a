"""The measuring server's settings. Every value comes from the environment; the defaults run on a laptop.

Nothing is shared with the portal but two defaults both sides can work out alone: the key in the data folder, and the
socket of the embedded Redis. Each variable is explained in .env.example.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from environs import FileAwareEnv

env = FileAwareEnv()

BASE = Path(__file__).resolve().parent.parent
VAR = Path(env.str("VAR", str(BASE / "var"))).resolve()
ENGINE_VAR = Path(env.str("ENGINE_VAR", str(VAR / "engine"))).resolve()
FILMS = ENGINE_VAR / "films"
ANSWERS = ENGINE_VAR / "answers"
INCOMING = ENGINE_VAR / "incoming"
for _folder in (FILMS, ANSWERS, INCOMING):
    _folder.mkdir(parents=True, exist_ok=True)


def _made_secret(path: Path) -> str:
    """Return the secret kept in `path`; make it once, readable by its owner alone."""
    if not path.exists():
        # Written beside it and linked: whoever else starts at this moment finds no secret or a whole one.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def _redis_socket() -> Path:
    """Return the embedded Redis' socket, the same as the portal's for one data folder.

    In the temporary folder, since a socket's path ends at 108 bytes and redis-py cannot parse one that holds a space.
    """
    digest = hashlib.sha256(str(VAR).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"coachportal-{os.getuid()}-{digest}" / "redis.sock"


def _partners() -> dict[str, str]:
    """Return each partner's key by the partner's name: ENGINE_KEYS="clinic:key,club:key", or ENGINE_KEY alone.

    The name stays when the key is changed, so that a new key still finds the old analyses.
    """
    named: list[str] = env.list("ENGINE_KEYS", [])
    if not named:
        return {"default": env.str("ENGINE_KEY", "") or _made_secret(VAR / "engine_key")}
    pairs = dict(pair.strip().partition(":")[::2] for pair in named)
    if not all(pairs) or not all(pairs.values()):
        raise ValueError("ENGINE_KEYS must read name:key,name:key")
    return pairs


DEBUG = False
SECRET_KEY = env.str("ENGINE_SECRET_KEY", "") or _made_secret(ENGINE_VAR / "secret_key")
HOST = env.str("ENGINE_HOST", "127.0.0.1")
PORT = env.int("ENGINE_PORT", 8090)
ALLOWED_HOSTS = env.list("ENGINE_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]", "engine"])
WEB_WORKERS = env.int("ENGINE_WEB_WORKERS", 2)
PARTNERS = _partners()
LINK_LIFETIME_S = env.int("ENGINE_LINK_LIFETIME_S", 3600)
MEASURING_LIMIT_S = env.int("ENGINE_MEASURING_LIMIT_S", 900)
ALLOW_HTTP_WEBHOOKS = env.bool("ENGINE_ALLOW_HTTP_WEBHOOKS", False)
# A dead measuring process is noticed within this; a live one renews its lease every third of it.
LEASE_S = env.float("ENGINE_LEASE_S", 15.0)
CONTROL = env.bool("ENGINE_CONTROL", False)

INSTALLED_APPS = ["engine"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "engine.urls"
WSGI_APPLICATION = "engine.wsgi.application"
APPEND_SLASH = False
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# WAL alone still fails writes under load: a read that turns into a write ignores the time-out. IMMEDIATE takes the
# write lock at the start, so that writers queue instead.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ENGINE_VAR / "engine.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
        },
    }
}

REDIS_URL = env.str("ENGINE_REDIS_URL", "") or env.str("REDIS_URL", "") or f"unix://{_redis_socket()}?db=0"
QUEUE = "engine"

# A film goes to the disk as it arrives, in the file system it will stay in, so that keeping it is a rename.
FILE_UPLOAD_HANDLERS = ["engine.uploads.FilmUpload"]
FILE_UPLOAD_TEMP_DIR = INCOMING
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# The key travels in the query, so nothing may log a whole address: gunicorn's access log stays off, httpx is silenced.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("ENGINE_LOG_LEVEL", "INFO")},
    "loggers": {
        "httpx": {"level": "ERROR"},
        "httpcore": {"level": "ERROR"},
        "rq": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},  # a refused request is an answer, no event
    },
}
