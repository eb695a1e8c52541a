"""Programs that ask at the same moment, and workers that call at the same moment, on a real PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import ExitStack
from functools import partial

import httpx
import pytest

from door import ROOT
from door.environment import PYTHON
from tests.at_once import at_once
from tests.services.test_two_browsers import CLUB

pytestmark = pytest.mark.services

TOKEN = """
from api.actions import make_token
_, secret = make_token(membership=user.memberships.get(), name="test", scopes=["read", "order"], days=1)
print("TOKEN" + secret)
"""
BOOKS = """
import json
from accounts.models import Organization
from analyses.models import Analysis
from credits import ledger
club = Organization.objects.get(name="NAME")
print("BOOKS" + json.dumps([Analysis.objects.filter(organization=club).count(), ledger.balance(club)]))
"""
DELIVER = """
import json, threading
from django.db import connection
from accounts import wall
from accounts.models import Organization, User
from api import actions, jobs
from api.models import Delivery, Endpoint
from tests.api.receiver import Receiver
club = Organization.objects.create(name="Called")
user = User.objects.create_user("called@example.com", "a long password", name="Called")
receiver = Receiver()
endpoint, _ = actions.add_endpoint(organization=club, url=receiver.url, events=["analysis.failed"], by=user)
start = threading.Barrier(6)

def worker():
    connection.ensure_connection()
    for _ in range(5):
        if start.wait() == 0:
            actions.send_test(endpoint=endpoint)
            actions.send_test(endpoint=endpoint)
        start.wait()
        jobs.deliver_due(endpoint_id=endpoint.pk)
        start.wait()
    connection.close()

def opened():
    with wall.everything("a test"):
        worker()
threads = [threading.Thread(target=opened) for _ in range(6)]
[one.start() for one in threads]
[one.join() for one in threads]
told = [headers["webhook-id"] for headers, _ in receiver.calls]
print("TOLD" + json.dumps({
    "calls": len(told), "different": len(set(told)),
    "tries": sorted(Delivery.objects.values_list("tries", flat=True)),
    "done": Delivery.objects.filter(status="done").count(),
    "leased": Endpoint.objects.exclude(lease_until=None).count(),
}))
receiver.close()
"""


def club(portal, name: str, credits: int) -> dict:
    """Make a club with two films and so many credits, whose orders wait; return its codes and a token."""
    script = CLUB.replace("One credit", name).replace("one@", f"{name.lower().replace(' ', '-')}@")
    told = portal.manage("shell", "--command", script.replace("amount=1,", f"amount={credits},") + TOKEN)
    made = json.loads(told.partition("CLUB")[2].partition("TOKEN")[0])
    return made | {"token": told.partition("TOKEN")[2].strip()}


def ordered(portal, made: dict, orders: list[tuple[str, str]]) -> list[httpx.Response]:
    """Order each film under its key, all at the same moment."""

    def order(program: httpx.Client, clip: str, key: str) -> httpx.Response:
        body = {"film": clip, "runner": made["runner"], "view": "side_view", "treadmill": True, "pace_s_per_km": 360}
        return program.post("/api/v1/analyses", json=body, headers={"Idempotency-Key": key})

    headers = {"Authorization": f"Bearer {made['token']}"}
    with ExitStack() as open_programs:
        deeds = []
        for clip, key in orders:
            client = httpx.Client(base_url=portal.address, timeout=120, trust_env=False, headers=headers)
            program = open_programs.enter_context(client)
            program.get("/api/v1/me")  # so that all are connected
            deeds.append(partial(order, program, clip, key))
        return at_once(*deeds)


def books(portal, name: str) -> list[int]:
    return json.loads(portal.manage("shell", "--command", BOOKS.replace("NAME", name)).partition("BOOKS")[2])


def test_the_same_order_at_the_same_moment_is_made_once(portal):
    made = club(portal, "Same key", 5)
    answers = ordered(portal, made, [(made["clips"][0], "visit-17")] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["code"] for answer in answers}) == 1
    assert books(portal, "Same key") == [1, 4]


def test_of_two_orders_with_one_credit_left_one_is_made_and_one_refused(portal):
    made = club(portal, "Two keys", 1)
    answers = ordered(portal, made, [(clip, f"visit-{clip}") for clip in made["clips"]])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "not_enough_credits"
    assert books(portal, "Two keys") == [1, 0]


def test_one_film_under_two_keys_is_paid_once(portal):
    made = club(portal, "One film", 5)
    answers = ordered(portal, made, [(made["clips"][0], key) for key in ("visit-1", "visit-2")])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "under_way"
    assert books(portal, "One film") == [1, 4]


def test_of_workers_that_call_at_the_same_moment_one_does(new_database, redis_server, folder):
    """Six workers, five times: what is due is told once, by whoever has the lease."""
    var = folder / "var-called"
    var.mkdir()
    environment = os.environ | {
        "DATABASE_URL": new_database("called"),
        "REDIS_URL": redis_server,
        "VAR": str(var),
        "WEBHOOKS_IN_HOUSE": "1",
    }
    command = [str(PYTHON), "manage.py", "shell", "--command", DELIVER]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.partition("TOLD")[2])
    assert told == {"calls": 10, "different": 10, "tries": [1] * 10, "done": 10, "leased": 0}
