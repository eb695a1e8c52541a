"""The main job on real servers, while processes are killed in the middle of each of its phases."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.services import servers
from tests.studio import CADENCE_SPM, PACE

pytestmark = pytest.mark.services

CLUB = 'from accounts.models import Organization; Organization.objects.get_or_create(name="Track club")'
BOOKS = """
import json
from analyses.models import Analysis
from analyses.remote import account_of, provider_of
from accounts.models import Organization
from django.core.files.storage import default_storage as storage
club = Organization.objects.get(name="Track club")
with provider_of(account_of(club)) as provider:
    there = [one.remote_id for one in provider.analyses()]
rows = [
    {
        "status": one.status,
        "percentage": one.percentage,
        "remote": there.count(one.remote_id),
        "files": [storage.exists(key) for key in (one.result.raw_key, one.result.film_key, one.result.thumbnail_key)]
        if one.status == "succeeded" else [],
        "moves": [move.new for move in one.moves.all()],
    }
    for one in Analysis.objects.filter(organization=club, code="CODE")
]
print("BOOKS" + json.dumps({"rows": rows, "there": len(there)}))
"""
# Of the database itself: a process of Django for each look would keep a processor from what is waited for.
THERE = """
SELECT FROM analyses_analysis WHERE code = %s AND status = %s AND percentage >= %s
"""
# So that nobody waits a minute for what the clock does by itself.
LEASE_OVER = "UPDATE analyses_analysis SET lease_until = now() WHERE code = %s AND lease_until > now()"


@pytest.fixture(scope="module")
def club(portal):
    portal.manage("shell", "--command", CLUB)
    return portal


def order(portal, film, name: str, *more: str) -> dict:
    # The portal has the clubs of other tests too.
    how = ["--organization", "Track club", "--view", "side_view", "--treadmill", "--pace", PACE, "--json", *more]
    told = portal.manage("order", str(film), "--subject", name, *how)
    return json.loads(told[told.index("{") :])


def books(portal, code: str) -> dict:
    told = portal.manage("shell", "--command", BOOKS.replace("CODE", code))
    return json.loads(told.partition("BOOKS")[2])


def kill(portal, word: str) -> int:
    """kill -9 all processes of this portal with the word in their command line; return how many there were."""
    found = portal.processes(word)
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return len(found)


def measured(portal, *, least: int) -> int:
    """Return how many analyses the engine has measured to at least so many percent; from 0 on all it was sent."""
    books = Path(portal.environment["VAR"]) / "engine" / "engine.sqlite3"
    asked = "SELECT count(*) FROM engine_analysis WHERE status = 'success' OR percentage >= ? AND ? < 100"
    with closing(sqlite3.connect(books, timeout=20)) as engine:
        return engine.execute(asked, (least, least)).fetchone()[0]


def kill_until(portal, enough, *, at_most_s: float) -> None:
    """Kill the portal's workers again and again until it is enough, or the time is over."""
    ends_at = time.monotonic() + at_most_s
    while time.monotonic() < ends_at and not enough():
        kill(portal, "rqworker")
        time.sleep(0.8)


def wait_until(portal, code: str, *, status: str, percentage: int = 0) -> None:
    with psycopg.connect(portal.environment["DATABASE_URL"], autocommit=True) as database:

        def there() -> bool:
            return database.execute(THERE, (code, status, percentage)).fetchone() is not None

        servers.wait_for(there, what=f"{code}: {status} {percentage} %")


def let_the_lease_run_out(portal, code: str) -> None:
    with psycopg.connect(portal.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute(LEASE_OVER, (code,))


def assert_measured_once(portal, code: str, before: int) -> None:
    wait_until(portal, code, status="succeeded")
    told = books(portal, code)
    [row] = told["rows"]
    assert row["remote"] == 1
    assert told["there"] == before + 1
    assert row["files"] == [True, True, True]
    assert row["moves"].count("succeeded") == 1


def test_a_film_is_measured_on_real_servers(club, film):
    before = measured(club, least=0)
    told = order(club, film, "Runner 01", "--wait")
    cadence = [one["value"] for one in told["measurements"] if one["key"] == "cadence_spm"]
    assert told["status"] == "succeeded"
    assert cadence == [pytest.approx(CADENCE_SPM, abs=1.5)]
    assert_measured_once(club, told["code"], before)


def test_killed_while_sending_it_ends_once(club, film):
    before = measured(club, least=0)
    engine = club.processes("engine.wsgi")
    assert engine
    # The engine stands still, so that the upload hangs for as long as we like. It knows the runner already.
    for pid in engine:
        os.kill(pid, signal.SIGSTOP)
    code = order(club, film, "Runner 01")["code"]
    wait_until(club, code, status="sending")
    time.sleep(2)  # into the midst of it, or to its end
    assert kill(club, "rqworker") > 0
    for pid in engine:
        os.kill(pid, signal.SIGCONT)
    let_the_lease_run_out(club, code)
    assert_measured_once(club, code, before)


def test_killed_while_measuring_it_ends_once(club, film):
    before = measured(club, least=0)
    code = order(club, film, "Runner 02")["code"]
    wait_until(club, code, status="running", percentage=5)
    assert kill(club, "engine work") > 0
    assert_measured_once(club, code, before)


def test_killed_again_and_again_while_fetching_it_ends_once(club, film):
    before = measured(club, least=0)
    code = order(club, film, "Runner 03")["code"]
    # The engine's own books are quick to ask: the moment is not missed on a machine that measures fast.
    servers.wait_for(lambda: measured(club, least=60) > before, what="the engine at 60 %")
    kill_until(club, lambda: measured(club, least=100) > before, at_most_s=240)
    kill_until(club, lambda: False, at_most_s=12)
    let_the_lease_run_out(club, code)
    assert_measured_once(club, code, before)
