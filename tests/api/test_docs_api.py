"""docs/api.md does what it says: its examples run, its codes are those of the code."""

from __future__ import annotations

import importlib
import re
import time
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings

from analyses import jobs, remote
from analyses.models import Analysis
from api import actions
from api.forms import EVENTS
from api.models import Delivery, Scope
from clips.probe import REASONS
from providers.base import State
from tests.analyses.service import Service
from tests.api.receiver import Receiver
from tests.api.test_webhooks import fail
from tests.clips.films import write_film

DOC = (django_settings.BASE / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)


@pytest.fixture
def client_module(monkeypatch):
    monkeypatch.syspath_prepend(django_settings.BASE / "clients" / "python")
    return importlib.import_module("coachportal_client")


@pytest.fixture
def address(request):
    # Asked for here and not above: the server must start after this test's own settings are made.
    return request.getfixturevalue("live_server").url


@pytest.fixture
def portal(address, settings, alices, client_module):
    settings.PUBLIC_URL = address
    with client_module.Coachportal(address, alices.secret) as portal:
        yield portal


@pytest.fixture
def measured(monkeypatch, client_module):
    """While the client waits, a worker sends the film and brings the result home."""
    service = Service()
    monkeypatch.setattr(remote, "connect", lambda config: service)

    def work(_seconds):
        analysis = Analysis.objects.get()
        service.state = State.SUCCEEDED if analysis.remote_id else State.RUNNING
        step = jobs.NEXT_STEP[Analysis.Status(analysis.status)]
        Analysis.objects.update(due_at=analysis.ordered_at)
        step(analysis_id=analysis.pk)

    # The client's own clock: the portal sleeps in the same process, and by the real one.
    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=work, monotonic=time.monotonic))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_example_measures_a_film(portal, address, alices, client_module, measured, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_film(tmp_path / "run.mp4", size=(1280, 720), seconds=3)
    monkeypatch.setenv("PORTAL", address)
    monkeypatch.setenv("TOKEN", alices.secret)
    exec(compile(EXAMPLES[0], "docs/api.md", "exec"), {})
    said = capsys.readouterr().out
    assert "score 58.8" in said
    assert "cadence_spm  168.0 ± None" in said
    assert Analysis.objects.get().subject.name == "Runner 02"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_client_pages_refuses_and_orders_once(portal, organization, clip, runner, client_module):
    assert portal.me()["person"] == "Alice"
    for n in range(30):
        portal.add_runner(f"Another {n}")
    assert len({one["code"] for one in portal.runners(limit=7)}) == 31
    with pytest.raises(client_module.Refused) as refusal:
        portal.add_runner("", height_m=172)
    assert (refusal.value.status, refusal.value.code) == (422, "does_not_fit")
    assert str(refusal.value) == "Something in the request does not fit; `errors` says what."
    orders = [portal.order(str(clip.code), str(runner.code), view="back_view", key="visit-17") for _ in range(2)]
    assert orders[0]["code"] == orders[1]["code"]
    assert [one["code"] for one in portal.analyses(status="queued")] == [orders[0]["code"]]
    assert portal.credits() == 0


def test_the_receiver_of_the_example_knows_ours_from_forged_ones(organization, alice, order, settings):
    settings.WEBHOOKS_IN_HOUSE = True
    space = {}
    exec(compile(EXAMPLES[1], "docs/api.md", "exec"), space)
    receiver = Receiver()
    try:
        endpoint, secret = actions.add_endpoint(
            organization=organization, url=receiver.url, events=["analysis.failed"], by=alice
        )
        analysis = order()
        fail(analysis)
        actions.send_test(endpoint=endpoint)
        assert actions.deliver_due(endpoint=endpoint) == 2
    finally:
        receiver.close()
    taken = [space["take"](secret, headers, body.encode()) for headers, body in receiver.calls]
    assert taken == [str(analysis.code), ""]
    assert set(Delivery.objects.values_list("status", flat=True)) == {"done"}


def test_the_client_does_not_wait_for_numbers_that_are_kept_no_longer(client_module, monkeypatch):
    with client_module.Coachportal("http://portal.example", "a token") as portal:
        monkeypatch.setattr(portal, "analysis", lambda code: {"code": code, "status": "removed"})
        assert portal.wait("a code", at_most_s=-1)["status"] == "removed"


def test_every_code_of_a_refusal_stands_in_the_table():
    used = set()
    for path in (django_settings.BASE / "api").rglob("*.py"):
        used |= set(re.findall(r"(?:Problem\(\s*\d+,\s*|_dead\()\"([a-z_]+)\"", path.read_text()))
    named = set(re.findall(r"`([a-z_]+)`", DOC.partition("## Refusals")[2].partition("## Webhooks")[0]))
    assert {"no_token", "key_used", "too_often"} <= used
    assert used - named - set(REASONS) == set()


def test_every_scope_and_event_is_told():
    for word in (*Scope.values, *(event for event, _ in EVENTS)):
        assert f"`{word}`" in DOC
