"""A runner with everything a runner can have, and what an outside service knows of them."""

from __future__ import annotations

import io

import pytest
import time_machine

from analyses import actions as measuring
from analyses import remote
from analyses.models import Analysis
from clips import storage
from clips.models import Clip
from privacy import actions
from privacy.scans import Scan
from providers.base import State
from subjects.models import Consent, Note
from tests.analyses.service import Service
from tests.privacy.keeping import NOW, age

NAME, EMAIL = "Quillanna Vex", "quillanna@example.org"


def agree(runner, word, by=None, giver="runner", **more):
    return actions.record_consent(
        subject=runner, use=actions.use_of(word), giver=giver, way=Consent.Way.PAPER, by=by, **more
    )


@pytest.fixture(autouse=True)
def queue(monkeypatch):
    """No Redis here; what is enqueued is remembered. The tests on real servers have one."""
    enqueued = []
    monkeypatch.setattr("privacy.jobs._enqueue", enqueued.append)
    monkeypatch.setattr("privacy.jobs._enqueue_cleaning", lambda pk: not enqueued.append(("cleaning", pk)))
    return enqueued


@pytest.fixture(autouse=True)
def redis(monkeypatch):
    """An empty Redis in memory, as far as searching it goes."""

    class Empty:
        def scan_iter(self, **_):
            return iter(())

    monkeypatch.setattr("privacy.traces.django_rq.get_connection", lambda name: Empty())
    monkeypatch.setattr("privacy.actions.erase.forget_jobs", lambda arguments: 0)


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def service(monkeypatch):
    service = Service()
    service.deleted = []
    service.delete_subject = lambda subject_id: service.deleted.append(subject_id)
    monkeypatch.setattr(remote, "connect", lambda config: service)
    return service


@pytest.fixture
def page(runner):
    return f"/privacy/runners/{runner.code}/"


@pytest.fixture
def known(runner):
    runner.name, runner.email = NAME, EMAIL
    runner.save()
    return runner


@pytest.fixture
def measured(order, known, service):
    """One finished analysis with its films and files."""
    analysis = order(subject=known)
    measuring.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    measuring.ask_again(analysis=analysis)
    measuring.check_analysis(analysis=Analysis.objects.get(pk=analysis.pk))
    return Analysis.objects.get(pk=analysis.pk)


@pytest.fixture
def film(measured, clip):
    """A film measured two years ago, with everything that is made of one."""
    for name in ("review.mp4", "thumbnail.jpg"):
        storage.put(f"{clip.folder}/{name}", io.BytesIO(b"a copy"))
    keys = {"review_key": f"{clip.folder}/review.mp4", "thumbnail_key": f"{clip.folder}/thumbnail.jpg"}
    Clip.objects.filter(pk=clip.pk).update(copy_status="ready", **keys)
    age(measured, months=24)
    measured.refresh_from_db()
    return measured


@pytest.fixture
def everything(measured, known, clip, alice):
    """Notes, consents with a scan, a film not measured yet."""
    Note.objects.create(organization=known.organization, subject=known, by=alice, text=f"{NAME} runs again")
    actions.record_consent(
        subject=known,
        use=actions.use_of("measuring"),
        giver="guardian",
        giver_name="Somebody Vex",
        way=Consent.Way.PAPER,
        scan=Scan(b"%PDF-1.7 signed", "application/pdf"),
        by=alice,
    )
    clip.sha256 = "ab" * 32
    clip.save()
    storage.put(f"{clip.folder}/review.mp4", io.BytesIO(b"a copy"))
    return known
