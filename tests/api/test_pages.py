"""The pages where people keep tokens and webhooks."""

from __future__ import annotations

import re
import socket
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from api import actions
from api.models import Delivery, Endpoint, Token
from tests.api.test_webhooks import fail, tell

URL = "https://club.example/coachportal"
ADDED = {"url": URL, "events": ["analysis.succeeded"]}


@pytest.fixture
def public(monkeypatch):
    """Every name leads to a public address."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def make_token(client, given):
    """Post the form, and show once more who it is when asked."""
    asked = client.post("/tokens/", given)
    assert asked.status_code == 302
    return client.post(asked["Location"], {"password": "a long password"})


def secret_on(answer):
    return re.search(r'id="secret"[^>]* value="([^"]+)"', answer.content.decode()).group(1)


def test_a_token_is_shown_once_and_works(as_alice):
    client = as_alice
    answer = make_token(client, {"name": "Night export", "scopes": ["read"], "days": "30"})
    assert answer.status_code == 201
    assert answer["Cache-Control"].startswith("max-age=0")
    assert re.findall(r'"pill">([^<]+)<', answer.content.decode()) == ["Read runners, films and results"]
    secret = secret_on(answer)
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me").json()["token"] == "Night export"
    listed = client.get("/tokens/").content.decode()
    assert "Night export" in listed
    assert secret not in listed
    assert Token.objects.get().start in listed


def test_a_browser_left_open_is_asked_again_who_it_is(as_alice):
    answer = as_alice.post("/tokens/", {"name": "Night export", "scopes": ["read"], "days": "30"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"scopes": ["read"], "days": "30"}, "This field is required."),
        ({"name": "A", "days": "30"}, "Choose at least one thing it may do."),
    ],
)
def test_what_is_missing_is_said(as_alice, given, sentence):
    answer = make_token(as_alice, given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_token_is_ended_by_its_owner_and_by_an_admin(program, carol, bob, alice, as_carol, as_bob, as_alice):
    carols = program(carol)
    token = Token.objects.get()
    assert as_bob.post(f"/tokens/{token.code}/end/").status_code == 404
    assert b"A script" not in as_bob.get("/tokens/").content
    assert b"A script" in as_alice.get("/tokens/").content
    answer = as_carol.post(f"/tokens/{token.code}/end/", follow=True)
    assert "A script no longer opens anything." in answer.content.decode()
    assert carols.get("/me").status_code == 401
    program(carol)
    assert as_alice.post(f"/tokens/{Token.objects.get(ended_at=None).code}/end/").status_code == 302
    assert not Token.objects.filter(ended_at=None).exists()


def test_an_address_is_added_with_its_secret_shown_once(as_alice, public):
    answer = as_alice.post("/webhooks/", ADDED)
    assert answer.status_code == 201
    secret = secret_on(answer)
    assert secret.startswith("whsec_")
    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.events) == (URL, ["analysis.succeeded"])
    for page in ("/webhooks/", f"/webhooks/{endpoint.code}/"):
        shown = as_alice.get(page).content.decode()
        assert "club.example" in shown
        assert secret not in shown


def test_an_address_that_is_called_already_is_not_added_twice(as_alice, public):
    as_alice.post("/webhooks/", ADDED)
    answer = as_alice.post("/webhooks/", ADDED)
    assert (answer.status_code, Endpoint.objects.count()) == (422, 1)
    assert "This address is called already." in answer.content.decode()


def test_an_address_of_the_house_is_refused_with_the_cure(as_alice):
    answer = as_alice.post("/webhooks/", ADDED | {"url": "http://127.0.0.1:6379/"})
    assert answer.status_code == 422
    assert "This address lies in a private network. The operator can allow that" in answer.content.decode()


def test_a_name_that_leads_nowhere_is_refused(as_alice, monkeypatch):
    def nobody(*_args, **_kwargs):
        raise socket.gaierror("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    answer = as_alice.post("/webhooks/", ADDED)
    assert answer.status_code == 422
    assert "This name leads nowhere just now. Check how it is written." in answer.content.decode()


def test_at_least_one_event_is_chosen(as_alice, public):
    answer = as_alice.post("/webhooks/", {"url": URL})
    assert answer.status_code == 422
    assert "Choose at least one event." in answer.content.decode()


def test_only_admins_see_whom_we_call(as_carol, as_bob):
    for client in (as_carol, as_bob):
        assert client.get("/webhooks/").status_code == 403


@pytest.fixture
def endpoint(organization, alice):
    return actions.add_endpoint(organization=organization, url=URL, events=["analysis.failed"], by=alice)[0]


def test_an_address_is_changed_tried_switched_and_removed(as_alice, endpoint, public):
    page = f"/webhooks/{endpoint.code}/"
    as_alice.post(page, {"url": URL + "/new", "events": ["analysis.failed", "analysis.started"]})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.events) == (URL + "/new", ["analysis.started", "analysis.failed"][::-1])
    assert "A test is on its way." in as_alice.post(page + "test/", follow=True).content.decode()
    assert Delivery.objects.get().event == "endpoint.test"
    assert "is no longer called." in as_alice.post(page + "switch/", {"on": "0"}, follow=True).content.decode()
    assert "is called again." in as_alice.post(page + "switch/", {"on": "1"}, follow=True).content.decode()
    assert secret_on(as_alice.post(page + "secret/")).startswith("whsec_")
    gone = as_alice.post(page + "remove/", follow=True).content.decode()
    assert "club.example is forgotten, with its secret and its calls." in gone
    assert not Endpoint.objects.exists()


def test_the_log_says_what_came_of_each_call_and_makes_it_again(as_alice, endpoint, order, monkeypatch, public):
    monkeypatch.setattr("api.actions.deliver.call", lambda *args, **kwargs: (500, None))
    fail(order())
    tell(endpoint)
    page = f"/webhooks/{endpoint.code}/"
    shown = as_alice.get(page).content.decode()
    assert "An analysis has failed" in shown
    assert "HTTP 500" in shown
    delivery = Delivery.objects.get()
    assert (
        "The call is made once more."
        in as_alice.post(f"/webhooks/calls/{delivery.code}/again/", follow=True).content.decode()
    )
    assert "1 call is made again." in as_alice.post(page + "again/", follow=True).content.decode()
    Delivery.objects.update(status="done")
    assert "Nothing was missed." in as_alice.post(page + "again/", follow=True).content.decode()


def test_admins_read_in_the_inbox_that_an_address_was_given_up(as_alice, as_carol, endpoint):
    assert "is no longer called" not in as_alice.get("/").content.decode()
    Endpoint.objects.update(disabled_at=timezone.now() - timedelta(hours=1), disabled_why="silent")
    said = "club.example is no longer called: no good answer for days."
    assert said in as_alice.get("/").content.decode()
    assert said not in as_carol.get("/").content.decode()


def test_the_way_to_both_pages(as_alice, as_carol):
    assert b'href="/tokens/"' in as_carol.get("/").content
    assert b'href="/webhooks/"' in as_alice.get("/settings/").content
    assert b'href="/webhooks/"' in as_alice.get("/webhooks/").content


def test_a_member_who_left_leaves_no_token(program, carol, as_alice):
    program(carol)
    as_alice.post(f"/members/{Membership.objects.get(user=carol).pk}/remove/")
    assert not Token.objects.exists()
