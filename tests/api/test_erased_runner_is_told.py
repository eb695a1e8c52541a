"""That a runner was erased is told to the systems that know them, by their code alone."""

from __future__ import annotations

import socket

import pytest
from django.db import transaction
from django.urls import reverse

from analyses.models import Analysis
from api import actions
from api.models import Delivery, Endpoint
from privacy.actions import erase_subject
from privacy.belongings import belongings_of, marks_of
from privacy.traces import search
from subjects.models import Subject
from tests.api.conftest import tell


@pytest.fixture
def listening(organization, alice, receiver):
    return actions.add_endpoint(organization=organization, url=receiver.url, events=["runner.erased"], by=alice)


def test_it_is_told_by_the_code_alone_and_can_be_told_again(listening, order, runner, alice, receiver):
    endpoint, secret = listening
    code = str(runner.code)
    order()
    erase_subject(subject=runner, by=alice)
    assert tell(endpoint) == 1
    (said,) = receiver.verified(secret)
    assert (said["type"], said["data"]) == ("runner.erased", {"runner": code})
    assert "Runner 01" not in receiver.calls[0][1]
    actions.replay(delivery=Delivery.objects.get())
    assert tell(endpoint) == 1
    assert receiver.verified(secret)[1]["data"] == {"runner": code}


def test_what_waits_to_be_told_is_no_trace_of_the_runner(listening, runner, alice):
    marks = marks_of(belongings_of(runner))
    assert search(marks).tokens
    erase_subject(subject=runner, by=alice)
    assert Delivery.objects.filter(status="waiting").count() == 1
    assert not search(marks).tokens


def test_an_erasing_that_is_undone_is_not_told(listening, runner, alice):
    with transaction.atomic():
        erase_subject(subject=runner, by=alice)
        assert Delivery.objects.exists()
        transaction.set_rollback(True)
    assert Subject.objects.filter(pk=runner.pk).exists()
    assert not Delivery.objects.exists()


def test_who_does_not_ask_for_it_is_not_told(organization, alice, runner, receiver):
    actions.add_endpoint(organization=organization, url=receiver.url, events=["analysis.failed"], by=alice)
    erase_subject(subject=runner, by=alice)
    assert not Delivery.objects.exists()


def test_of_a_runner_who_stays_in_the_house_not_even_this_is_said_outside(listening, runner, alice, monkeypatch):
    endpoint, _secret = listening
    runner.local_only = True
    runner.save()
    erase_subject(subject=runner, by=alice)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    Endpoint.objects.filter(pk=endpoint.pk).update(url="https://outside.example/")
    called = []
    monkeypatch.setattr("api.actions.deliver.call", lambda *args, **kwargs: called.append(args))
    assert tell(endpoint) == 0
    assert (Delivery.objects.get().outcome, called) == ("stays_in_house", [])


def test_an_admin_can_ask_for_it_and_sees_that_it_was_told(as_alice, listening, runner, alice):
    endpoint, _secret = listening
    assert "A runner was erased" in as_alice.get(reverse("api:endpoints")).content.decode()
    erase_subject(subject=runner, by=alice)
    tell(endpoint)
    assert "A runner was erased" in as_alice.get(reverse("api:endpoint", args=[endpoint.code])).content.decode()
    assert not Analysis.objects.exists()


def test_the_description_says_what_is_told(client):
    told = client.get("/api/v1/openapi.json").json()["webhooks"]
    assert set(told) == {
        "analysis.started",
        "analysis.succeeded",
        "analysis.failed",
        "runner.erased",
        "endpoint.test",
    }
    body = told["runner.erased"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert list(body["data"]["properties"]) == ["runner"]
