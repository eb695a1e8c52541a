"""A worker runs what is in the queue, and its log lines name the job and the request that ordered it."""

import json
import subprocess

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from door import ROOT
from door.environment import PYTHON


@pytest.mark.slow  # a Redis and a worker of its own
def test_a_log_line_of_a_job_names_its_request(embedded_redis, environment):
    with redis.Redis.from_url(embedded_redis) as connection:
        queue = Queue("films", connection=connection, serializer=JSONSerializer)
        job = queue.enqueue("logging.warning", "measured", meta={"request_id": "click-17"})
        command = [PYTHON, "manage.py", "rqworker", "--burst", "--serializer", "rq.serializers.JSONSerializer", "films"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment | {"REDIS_URL": embedded_redis, "LOG_JSON": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert job.get_status() == "finished", done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    told = [line for line in lines if line["event"] == "measured"]
    assert [(line["request_id"], line["job_id"]) for line in told] == [("click-17", job.id)]


@pytest.mark.slow  # a Python of its own
def test_a_worker_has_loaded_its_jobs_before_the_first_comes(environment):
    """Each runs in a fork of its own, which would have to load them anew."""
    ask = "import sys, coachportal.rqworker; print({'analyses.jobs', 'clips.jobs'} - sys.modules.keys())"
    command = [PYTHON, "manage.py", "shell", "--no-imports", "--command", ask]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)
    assert told.stdout == "set()\n"
