"""What the workers are told of films, and what they make of it: each film's own copy, and nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clips import jobs, storage
from clips.models import Clip


@pytest.fixture
def sent(monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, **row: sent.append((step.__name__, row["clip_id"])) or True)
    return sent


@pytest.fixture
def another(clip):
    return Clip.objects.create(organization=clip.organization, folder=storage.new_folder(), status="probed")


def test_a_film_that_has_come_is_told_of_after_the_commit(clip, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.hint(clip)
        assert sent == []
    assert sent == [("make_review_copy", clip.pk)]


def test_the_clock_tells_of_what_waits_for_its_copy_alone(clip, another, sent):
    with_a_worker = timezone.now() + timedelta(minutes=1)
    Clip.objects.filter(pk=clip.pk).update(copy_lease_until=with_a_worker)
    assert jobs.hint_due() == 1
    assert sent == [("make_review_copy", another.pk)]


def test_a_job_copies_its_own_film_alone(clip, another, monkeypatch):
    copied = []
    monkeypatch.setattr(jobs.actions, "make_review_copy", lambda *, clip: copied.append(clip.pk))
    for pk in (another.pk, 0):  # the second was deleted while the job waited
        jobs.make_review_copy(clip_id=pk)
    assert copied == [another.pk]
