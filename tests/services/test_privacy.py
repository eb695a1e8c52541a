"""What privacy rests on outside our own code: a real queue that forgets, and PostgreSQL that guards the record."""

from __future__ import annotations

import contextlib

import django_rq
import psycopg
import pytest

from accounts import append_only
from credits import append_only as the_ledger_s
from privacy.belongings import Marks
from privacy.traces import Search, _search_redis, forget_jobs
from tests.services import servers

pytestmark = pytest.mark.services

TOKEN = "5f0c3a52-9a51-4ab3-8f0e-1f6f7f0f6c11"
NOBODY = Marks("", "", frozenset(), frozenset(), frozenset(), frozenset(), frozenset())


@pytest.fixture(scope="module")
def own_redis(folder):
    """A Redis without workers: those of a running portal would take the jobs, and must not lose theirs."""
    with servers.redis_server(folder / "redis-for-privacy") as url:
        yield url


@pytest.fixture
def queues(own_redis, settings, monkeypatch):
    queue = {"URL": own_redis, "DEFAULT_TIMEOUT": 60, "SERIALIZER": "rq.serializers.JSONSerializer"}
    monkeypatch.setattr("django_rq.settings.QUEUES", {"analyses": queue, "films": queue})
    settings.RQ_QUEUES = {"analyses": queue, "films": queue}
    connection = django_rq.get_connection("films")
    connection.flushdb()
    yield connection
    connection.close()


def test_the_jobs_of_an_erased_runner_are_forgotten_and_no_others(queues):
    analyses, films = django_rq.get_queue("analyses"), django_rq.get_queue("films")
    analyses.enqueue("analyses.jobs.send_analysis", analysis_id=7, job_id="send_analysis-7-1")
    analyses.enqueue("analyses.jobs.send_analysis", analysis_id=8, job_id="send_analysis-8-1")
    films.enqueue("clips.jobs.make_review_copy", clip_id=3, job_id="make_review_copy-3-1")
    assert forget_jobs({"analysis_id": {7}, "clip_id": {3}}) == 2
    assert (analyses.job_ids, films.job_ids) == (["send_analysis-8-1"], [])


def test_a_search_of_redis_sees_into_every_kind_of_entry(queues):
    queues.set("plain", f"about {TOKEN}")
    queues.set(f"key:{TOKEN}", "1")
    queues.hset("hash", "field", TOKEN)
    queues.rpush("list", TOKEN)
    queues.sadd("set", TOKEN)
    queues.zadd("scores", {TOKEN: 1})
    queues.set("other", "nothing of theirs")
    django_rq.get_queue("films").enqueue("clips.jobs.make_review_copy", name=TOKEN, job_id="packed")
    found = Search()
    _search_redis(found, Marks("", "", frozenset({TOKEN}), *([frozenset()] * 4)))
    assert found.tokens["redis"] == 7
    assert (found.redis_keys or 0) > 7


def test_a_queue_that_is_away_is_told_apart_from_an_empty_one(settings, monkeypatch):
    away = {"URL": "unix:///nowhere/redis.sock"}
    monkeypatch.setattr("django_rq.settings.QUEUES", {"films": away})
    settings.RQ_QUEUES = {"films": away}
    found = Search()
    _search_redis(found, NOBODY)
    assert found.redis_keys is None
    assert forget_jobs({"analysis_id": {1}}) is None


DIFFERENCES = """
from accounts.models import Organization
from analyses.models import Drift, ProviderAccount, RemoteSubject
from privacy.actions import erase_subject
from subjects.models import Subject
house = Organization.objects.create(name="Erasing")
account = ProviderAccount.objects.create(organization=house, kind="ochy")
whose = {"organization": house, "account": account}
erased, kept = (Subject.objects.create(organization=house, name=name) for name in ("Runner 01", "Runner 02"))
for subject in (erased, kept):
    RemoteSubject.objects.create(**whose, subject=subject, remote_id=f"there-{subject.name}")
    about = {"view": "back_view", "runner": f"there-{subject.name}"}
    Drift.objects.create(**whose, kind="analysis_unknown", remote_id=f"elsewhere-{subject.name}", about=about)
Drift.objects.create(**whose, kind="runner_unknown", remote_id="nobody", about={"label": "", "height_m": None})
erase_subject(subject=erased, by=None)
print("LEFT " + ", ".join(Drift.objects.filter(organization=house).order_by("pk").values_list("remote_id", flat=True)))
"""


def test_a_difference_that_names_an_erased_runner_only_in_its_json_goes_with_them(portal):
    """PostgreSQL looks into JSON in another way than SQLite, on which all other tests of erasing run."""
    said = portal.manage("shell", "--command", DIFFERENCES)
    assert said.partition("LEFT ")[2].strip() == "elsewhere-Runner 02, nobody"


@pytest.fixture
def record(postgresql):
    """A table like the record's, guarded as the portal guards it."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA guarded")
        connection.execute("SET search_path TO guarded")
        columns = "id serial PRIMARY KEY, action text, about text, salt text, digest text"
        connection.execute(f"CREATE TABLE {append_only.TABLE} ({columns})")
        connection.execute(append_only.POSTGRESQL)
        connection.execute(append_only.POSTGRESQL)  # every migration puts it in place anew
        connection.execute(
            f"INSERT INTO {append_only.TABLE} (action, about, salt, digest) VALUES ('shared', 'words', 's', 'd')"
        )
        yield connection
        with contextlib.suppress(psycopg.Error):
            connection.execute("DROP SCHEMA guarded CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET about = 'other'",
        "UPDATE {} SET about = '', salt = '', action = 'viewed'",
        "UPDATE {} SET about = ''",
        "DELETE FROM {}",
    ],
)
def test_postgresql_refuses_every_change_of_the_record(record, statement):
    with pytest.raises(psycopg.errors.RaiseException, match=r"The record can only be added to\."):
        record.execute(statement.format(append_only.TABLE))


@pytest.fixture
def ledger(postgresql):
    """A table like the ledger's, guarded as the portal guards it."""
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA ledger")
        connection.execute("SET search_path TO ledger")
        columns = "organization_id int, kind text, amount int, returns_id int, reason text"
        connection.execute(f"CREATE TABLE {the_ledger_s.TABLE} ({columns})")
        connection.execute(the_ledger_s.POSTGRESQL)
        connection.execute(the_ledger_s.POSTGRESQL)  # every migration puts it in place anew
        connection.execute(f"INSERT INTO {the_ledger_s.TABLE} VALUES (1, 'gift', 5, NULL, 'words')")
        yield connection
        with contextlib.suppress(psycopg.Error):
            connection.execute("DROP SCHEMA ledger CASCADE")


@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 100", "UPDATE {} SET kind = 'take'", "DELETE FROM {}"])
def test_postgresql_refuses_every_change_of_what_an_entry_of_the_ledger_moves(ledger, statement):
    with pytest.raises(psycopg.errors.RaiseException, match=r"The ledger can only be added to\."):
        ledger.execute(statement.format(the_ledger_s.TABLE))


def test_postgresql_lets_words_be_taken_out_of_the_ledger(ledger):
    ledger.execute(f"UPDATE {the_ledger_s.TABLE} SET reason = ''")
    assert ledger.execute(f"SELECT amount, reason FROM {the_ledger_s.TABLE}").fetchone() == (5, "")


def test_postgresql_lets_words_be_struck_out(record):
    record.execute(f"UPDATE {append_only.TABLE} SET about = '', salt = ''")
    row = record.execute(f"SELECT action, about, salt, digest FROM {append_only.TABLE}").fetchone()
    assert row == ("shared", "", "", "d")
