"""A backup goes from SQLite and a folder to PostgreSQL and a bucket and back, and nothing of it changes on the way."""

from __future__ import annotations

import json
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings as portal

from coachportal.backup import archive
from door import testing

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def empty_database(postgresql, new_database):
    yield new_database("restored")
    address, _, _ = postgresql.rpartition("/")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE restored WITH (FORCE)")


def manage(environment, *command):
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=portal.BASE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def told(backup):
    manifest = json.loads((backup / "manifest.json").read_text())
    return manifest["rows"], manifest["files"]


def test_to_postgresql_and_a_bucket_and_back(order, bucket, empty_database, empty_portal, tmp_path):
    order()
    first, second = tmp_path / "first", tmp_path / "second"
    archive.make(first)
    field_keys = {"FIELD_KEYS": ",".join(portal.FIELD_KEYS)}
    real = (
        testing.test_environment(str(tmp_path / "real"))
        | field_keys
        | bucket.settings()
        | {"DATABASE_URL": empty_database}
    )
    assert "each was compared with the backup" in manage(real, "restore", first)
    manage(real, "backup", second)
    assert told(second) == told(first)
    assert json.loads((second / "manifest.json").read_text())["database"] == "postgresql"
    small = testing.test_environment(str(empty_portal(tmp_path / "small"))) | field_keys
    assert "1 files are back" in manage(small, "restore", second)
    client = bucket.client()
    for file in told(first)[1]:
        client.delete_object(Bucket=bucket.name, Key=file["key"])


def test_a_backup_of_postgresql_sees_one_moment(empty_database, tmp_path):
    environment = testing.test_environment(str(tmp_path / "var")) | {"DATABASE_URL": empty_database}
    code = (
        "import sys; from coachportal.backup import rows; from django.contrib.sessions.models import Session as S\n"
        "with rows.snapshot():\n"
        "    before = list(rows.lines(S)); print('looking', flush=True); sys.stdin.readline()\n"
        "    print(list(rows.lines(S)) == before, flush=True)\n"
        "print(len(list(rows.lines(S))), flush=True)"
    )
    looking = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=portal.BASE,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with looking:
        assert looking.stdout.readline() == "looking\n"
        with psycopg.connect(empty_database, autocommit=True) as other:
            other.execute("INSERT INTO django_session VALUES ('late', 'nothing', now())")
        looking.stdin.write("go on\n")
        looking.stdin.flush()
        assert looking.stdout.readline() == "True\n"
        assert looking.stdout.readline() == "1\n"
