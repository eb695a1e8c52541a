"""Two programs send the same order at the same moment: one is made, and both are told of it."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from accounts import wall
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.models import Clip
from credits import ledger
from tests.at_once import at_once


def ordered(programs, bodies):
    """Have each program order, all at the same moment, under one key."""
    pairs = zip(programs, bodies, strict=True)
    return at_once(*(partial(one.post, "/analyses", body, **{"Idempotency-Key": "visit-17"}) for one, body in pairs))


@pytest.fixture
def asked(clip, runner, organization, alice):
    """An order that costs a credit, of which there are five."""
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=5, reason="a start", by=alice)
    return {
        "film": str(clip.code),
        "runner": str(runner.code),
        "view": "side_view",
        "treadmill": True,
        "pace_s_per_km": 360,
    }


@pytest.mark.django_db(transaction=True)
def test_the_same_order_twice_is_made_once(program, alice, asked, organization):
    answers = ordered([program(alice), program(alice)], [asked, asked])
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["code"] for answer in answers}) == 1
    with wall.everything("a test"):
        assert (Analysis.objects.count(), ledger.balance(organization)) == (1, 4)


@pytest.mark.django_db(transaction=True)
def test_of_two_orders_under_one_key_the_second_costs_nothing(program, alice, asked, clip, organization):
    other = Clip.objects.get(pk=clip.pk)
    other.pk, other._state.adding, other.code, other.folder = None, True, uuid.uuid4(), storage.new_folder()
    other.save()
    answers = ordered([program(alice), program(alice)], [asked, asked | {"film": str(other.code)}])
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    refused = next(answer.json() for answer in answers if answer.status_code == 422)
    assert refused["code"] == "key_used"
    with wall.everything("a test"):
        assert (Analysis.objects.count(), ledger.balance(organization)) == (1, 4)
