"""A provider's calls on a real PostgreSQL, where one statement takes them, behind two web processes."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

pytestmark = pytest.mark.services

CLINIC = """
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import Organization
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.models import Clip
from subjects.models import Subject
clinic = Organization.objects.create(name="Called")
account = ProviderAccount.objects.create(organization=clinic, kind="engine", webhook_token="called-token")
runner = Subject.objects.create(organization=clinic, name="Runner 01")
tomorrow = timezone.now() + timedelta(days=1)
for number, status in enumerate(["running", "succeeded"]):
    clip = Clip.objects.create(organization=clinic, original_name="run.mp4", folder=storage.new_folder(), size_bytes=1)
    Analysis.objects.create(organization=clinic, clip=clip, subject=runner, account=account, view="side_view",
        height_m=1.7, weight_kg=60, status=status, remote_id=f"called-{number}", due_at=tomorrow,
        lease_until=tomorrow)  # so that no worker looks at it meanwhile
"""
BOOKS = """
import json
from datetime import timedelta
from django.db.models import Count
from django.utils import timezone
from analyses.models import Analysis, ProviderAccount, WebhookCall
account = ProviderAccount.objects.get(webhook_token="called-token")
soon = timezone.now() + timedelta(hours=1)
calls = WebhookCall.objects.filter(account=account)
print("BOOKS" + json.dumps({
    "calls": dict(calls.order_by().values_list("outcome").annotate(Count("pk"))),
    "due": [one.due_at < soon for one in Analysis.objects.filter(account=account).order_by("pk")],
    "seen": account.webhook_seen_at is not None,
}))
"""


@pytest.fixture(scope="module")
def clinic(portal):
    portal.manage("shell", "--command", CLINIC)
    return portal


def books(portal) -> dict:
    return json.loads(portal.manage("shell", "--command", BOOKS).partition("BOOKS")[2])


def call(portal, remote_id: str, *, token: str = "called-token", event: str = "analysis.progress") -> int:
    told = {"event": event, "video_id": remote_id, "sequence": 1}
    return httpx.post(f"{portal.address}/hooks/engine/{token}/", json=told, trust_env=False, timeout=120).status_code


def test_calls_at_once_are_each_noted_and_answered(clinic):
    about = ["called-0"] * 20 + ["called-1", "called-9"]
    with ThreadPoolExecutor(8) as callers:
        assert list(callers.map(lambda remote_id: call(clinic, remote_id), about)) == [200] * len(about)
    assert call(clinic, "called-0", token="another") == 404
    assert call(clinic, "", event="webhook.test") == 200
    assert books(clinic) == {
        "calls": {"asked": 20, "late": 1, "unknown": 1, "test": 1},
        "due": [True, False],
        "seen": True,
    }


def test_a_call_is_taken_though_the_database_has_closed_every_connection(clinic, postgresql):
    before = books(clinic)["calls"]["late"]
    with ThreadPoolExecutor(8) as callers:  # so that the web's threads hold connections
        list(callers.map(lambda remote_id: call(clinic, remote_id), ["called-1"] * 40))
    with psycopg.connect(postgresql, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        ).fetchone()
    assert ended[0] > 0
    with ThreadPoolExecutor(8) as callers:
        assert set(callers.map(lambda remote_id: call(clinic, remote_id), ["called-1"] * 40)) == {200}
    assert books(clinic)["calls"]["late"] == before + 80
    assert re.search("webhook_asked_again", (clinic.log.parent / "log" / "web.log").read_text())
