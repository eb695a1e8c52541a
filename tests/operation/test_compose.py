"""The compose file fits the code. No Docker engine is needed to see that its words are right."""

import re
import runpy
import shutil
import subprocess
import sys
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from storages.backends.s3 import S3Storage

from clips import storage
from door import ROOT
from door.make_env import make_env
from engine.__main__ import SERVER

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "coachportal"}
EXAMPLE = set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_all_parts_are_there():
    assert set(COMPOSE["services"]) == {
        "setup", "web", "worker", "film-worker", "clock", "engine", "engine-worker", "engine-clock",
        "postgres", "redis", "storage", "proxy",
    }  # fmt: skip


def test_every_setting_it_gives_is_explained():
    given = {name for service in OURS.values() for name in service["environment"]}
    assert given - EXAMPLE == set()


def test_whatever_an_operator_sets_reaches_the_portal():
    """Compose hands on what is named here alone: another line in .env would do nothing, and nobody would be told."""
    wanted = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', (ROOT / "coachportal" / "settings.py").read_text()))
    of_the_image = {"VAR", "PORT", "ENGINE_PORT"}
    of_the_storage_beside_it = {"S3_REGION"}
    not_where_others_reach_it = {"DEBUG"}
    left_out = wanted - set(OURS["web"]["environment"])
    assert left_out == of_the_image | of_the_storage_beside_it | not_where_others_reach_it


def test_every_variable_it_asks_for_is_explained():
    assert set(re.findall(r"\$\{([A-Z0-9_]+)", TEXT)) - EXAMPLE == set()


def made(capsys):
    assert make_env(["portal.example.org"]) == 0
    return dict(re.findall(r"^([A-Z0-9_]+)=(.+)$", capsys.readouterr().out, re.MULTILINE))


def test_make_env_gives_all_it_cannot_do_without(capsys):
    first, second = made(capsys), made(capsys)
    assert set(re.findall(r"\$\{([A-Z0-9_]+):\?", TEXT)) - set(first) == set()
    secret = {name for name in first if first[name] != second[name]}
    assert set(first) - secret == {"PUBLIC_HOST", "TIME_ZONE", "S3_BUCKET"}
    # The forms Garage asks for.
    assert re.fullmatch(r"GK[0-9a-f]{24}", first["S3_ACCESS_KEY"])
    assert re.fullmatch(r"[0-9a-f]{64}", first["S3_SECRET_KEY"])
    assert re.fullmatch(r"[0-9a-f]{64}", first["GARAGE_RPC_SECRET"])
    # A password stands inside an address; nothing in it may need escaping.
    assert first["POSTGRES_PASSWORD"].isalnum()
    assert first["REDIS_PASSWORD"].isalnum()


@pytest.mark.slow  # a Python of its own
def test_the_portal_accepts_what_make_env_gives(capsys, tmp_path):
    """The settings module reads them all: the addresses, the lists, the keys."""
    values = made(capsys)
    environment = {
        name: re.sub(r"\$\{([A-Z0-9_]+)(?::\?[^}]*)?\}", lambda m: values[m[1]], str(value))
        for name, value in OURS["web"]["environment"].items()
        if value is not None
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING"],
        cwd=ROOT,
        env=environment | {"VAR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_log_grows_for_ever():
    for name, service in COMPOSE["services"].items():
        assert service["logging"] == {"driver": "local"}, name


@pytest.mark.parametrize("name", sorted(OURS))
def test_its_commands_exist(name):
    command = OURS[name].get("command", "")
    words = command if isinstance(command, list) else re.findall(r"[^\s\"]+", command)
    for before, word in pairwise(words):
        if before == "manage.py":
            assert word in get_commands()
        if before == "engine":
            assert word in SERVER
    if "rqworker" in words:
        assert set(words[words.index("rq.serializers.JSONSerializer") + 1 :]) <= set(settings.RQ_QUEUES)


def test_every_queue_has_a_worker():
    worked = {word for service in OURS.values() for word in service.get("command") or [] if word in settings.RQ_QUEUES}
    assert worked == set(settings.RQ_QUEUES)


def test_every_service_it_speaks_of_exists():
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    spoken = set(re.findall(r"reverse_proxy ([a-z-]+):", caddy)) | set(re.findall(r"(?:@|http://)([a-z]+)[:/]", TEXT))
    assert {"web", "storage", "postgres", "redis", "engine"} <= spoken
    assert spoken <= set(COMPOSE["services"])
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert (ROOT / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"]


def test_the_films_address_collides_with_no_page(capsys):
    """The storage is reached under /BUCKET/ of the portal's own address."""
    from django.urls import Resolver404, resolve

    with pytest.raises(Resolver404):
        resolve(f"/{made(capsys)['S3_BUCKET']}/key")


def test_the_proxy_leads_films_to_the_storage(settings, monkeypatch):
    """In both directions: the form is sent to the bucket itself, the links lead below it."""
    host, bucket = "https://portal.example.org", "coachportal-films"
    keys = {"bucket_name": bucket, "access_key": "GK1", "secret_key": "s", "addressing_style": "path"}
    monkeypatch.setattr(storage, "default_storage", S3Storage(endpoint_url="http://storage:3900", **keys))
    monkeypatch.setattr(storage, "_public_bucket", lambda url: S3Storage(endpoint_url=url, **keys))
    settings.S3_PUBLIC_URL = host
    form = storage.upload_form("incoming/films/x/original", max_bytes=10)
    caddy = (ROOT / "deploy" / "Caddyfile").read_text().replace("{$S3_BUCKET}", bucket)
    films = re.findall(r"@films path (.+)", caddy)[0].split()
    for address in (form.url, storage.link("films/x/review.mp4")):
        path = urlsplit(address).path
        assert any(path == one or (one.endswith("*") and path.startswith(one[:-1])) for one in films), path


def test_a_bucket_that_hangs_is_given_up_within_a_minute(monkeypatch, tmp_path):
    """Left to the library, a page waits five minutes for it, and soon every thread of the web does."""
    for name, value in {"VAR": str(tmp_path), "S3_BUCKET": "films", "S3_ENDPOINT_URL": "http://storage:3900"}.items():
        monkeypatch.setenv(name, value)
    made = runpy.run_path(str(ROOT / "coachportal" / "settings.py"))["STORAGES"]["default"]["OPTIONS"]
    told = S3Storage(**made).connection.meta.client.meta.config
    assert (told.connect_timeout + told.read_timeout) * told.retries["total_max_attempts"] <= 60
    assert (told.s3["addressing_style"], told.signature_version) == ("path", "s3v4")


def compose_client():
    """The command of the client, as a plugin of docker or on its own; it needs no engine to read a file."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and not subprocess.run([*command, "version"], capture_output=True).returncode:
            return command
    return None


@pytest.mark.slow
def test_docker_compose_reads_it(capsys, tmp_path):
    if not (client := compose_client()):
        pytest.skip("docker compose is not installed")
    env = tmp_path / "env"
    env.write_text("".join(f"{name}={value}\n" for name, value in made(capsys).items()))
    done = subprocess.run(
        [*client, "--env-file", str(env), "config", "--quiet"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
