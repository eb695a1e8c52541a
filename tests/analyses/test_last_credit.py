"""Two browsers order at the same moment with one credit left; tests/services says the same of PostgreSQL."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts import wall
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.models import Clip
from credits import ledger
from tests.at_once import at_once


@pytest.mark.django_db(transaction=True)
def test_two_browsers_with_one_credit_left_are_one_order_and_one_clear_refusal(clip, runner, organization, alice):
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=1, reason="the last", by=alice)
    other = Clip.objects.get(pk=clip.pk)
    other.pk, other._state.adding, other.code, other.folder = None, True, uuid.uuid4(), storage.new_folder()
    other.save()
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(alice)

    def order(browser: Client, film: Clip) -> HttpResponse:
        fields = {"clip": film.code, "runner": runner.code, "view": "side_view", "treadmill": "1", "pace": "6:00"}
        return browser.post("/upload/", fields)

    answers = at_once(partial(order, browsers[0], clip), partial(order, browsers[1], other))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    refusal = next(answer.content.decode() for answer in answers if answer.status_code == 409)
    assert "This takes 1 credit and 0 are left. Ask an admin for credits; your film is kept." in refusal
    with wall.everything("a test"):
        assert (Analysis.objects.count(), ledger.balance(organization)) == (1, 0)
