"""/healthz says that a process answers, /readyz whether what it leans on works, and which part does not."""

import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import redis
from django.db import OperationalError, connection
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from coachportal import health


@pytest.fixture
def engine(settings):
    """A neighbour that answers every question with the status it was given."""

    class Answer(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.ENGINE_URL = f"http://127.0.0.1:{server.server_port}"
    yield Answer
    server.shutdown()
    server.server_close()


@pytest.fixture
def queues(embedded_redis, settings):
    """The portal's queues on a Redis of their own."""
    queue = {"URL": embedded_redis, "DEFAULT_TIMEOUT": 600, "SERIALIZER": "rq.serializers.JSONSerializer"}
    settings.RQ_QUEUES = {"analyses": queue, "films": queue}
    with redis.Redis.from_url(embedded_redis) as connection:
        yield {name: Queue(name, connection=connection, serializer=JSONSerializer) for name in settings.RQ_QUEUES}


@pytest.fixture
def files(tmp_path):
    """The folder of the test's own storage."""
    return tmp_path / "media"


def failed(answer):
    return {name: check["reason"] for name, check in answer.json()["checks"].items() if not check["ok"]}


def test_a_process_that_answers_is_alive(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_to_people_who_are_signed_in_as_well(as_alice, engine, queues, files):
    def away(*_):
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(away):
        alive, ready = as_alice.get("/healthz"), as_alice.get("/readyz")
    assert (alive.status_code, alive.content) == (200, b"ok\n")
    assert (ready.status_code, failed(ready)) == (503, {"database": "does not answer"})


@pytest.mark.django_db
def test_a_database_that_takes_nothing_new_is_named(client, engine, queues, files, read_only):
    answer = client.get("/readyz")
    assert (answer.status_code, failed(answer)) == (503, {"database": "does not answer"})


@pytest.mark.django_db
def test_all_is_well(client, engine, queues, files):
    answer = client.get("/readyz")
    assert failed(answer) == {}
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert [path for path in files.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_an_engine_in_trouble_is_named(client, engine, queues, files):
    engine.status = 500
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failed(answer) == {"provider": "the engine answers 500"}


@pytest.mark.django_db
def test_a_redis_that_is_away_is_named(client, engine, queues, files, monkeypatch):
    def away(name):
        return redis.Redis(unix_socket_path=str(files / "nowhere.sock"), retry=Retry(NoBackoff(), 0))

    monkeypatch.setattr(health.django_rq, "get_connection", away)
    monkeypatch.setattr(health.django_rq, "get_queue", lambda name: Queue(name, connection=away(name)))
    answer = client.get("/readyz")
    assert failed(answer) == {"redis": "does not answer", "queue": "does not answer"}
    assert "nowhere.sock" not in answer.content.decode()


@pytest.mark.django_db
def test_a_redis_whose_memory_is_full_is_named(client, engine, queues, files, embedded_redis):
    with redis.Redis.from_url(embedded_redis) as connection:
        was = connection.config_get("maxmemory*")
        connection.config_set("maxmemory", 1, "maxmemory-policy", "noeviction")
        answer = client.get("/readyz")
        connection.config_set(*(part for pair in was.items() for part in pair))
    assert failed(answer) == {"redis": "does not answer"}


@pytest.mark.django_db
def test_a_disk_that_takes_nothing_is_named(client, engine, queues, files):
    files.write_text("a file where the folder should be")
    assert failed(client.get("/readyz")) == {"storage": "does not answer"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("waiting_s", "told"), [(30, {}), (600, {"queue": "a job waits in the queue films for 6.. s"})]
)
def test_a_queue_that_nobody_works_on_is_named(client, engine, queues, files, waiting_s, told):
    job = queues["films"].enqueue("logging.info", "hello")
    job.enqueued_at = datetime.now(UTC) - timedelta(seconds=waiting_s)
    job.save()
    # Some seconds may pass on a busy machine before the question is answered.
    found = {name: re.sub(r"6\d\d s$", "6.. s", reason) for name, reason in failed(client.get("/readyz")).items()}
    assert found == told


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client, path):
    assert client.post(path).status_code == 405
