"""What privacy rests on outside our own code: a real queue that forgets."""

from __future__ import annotations

import django_rq
import pytest

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
