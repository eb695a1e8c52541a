"""Which addresses are called, and which never are."""

from __future__ import annotations

import socket

import httpx
import pytest
from django.utils import timezone

from api.calling import call
from api.guard import NotCalled, target_of
from api.models.webhooks import new_secret

PRIVATE = "This address lies in a private network. The operator can allow that; until then use a public one."
HTTPS = "Only an https address keeps what is sent private. Type one that begins with https."
WHOLE = "Type a whole address, such as https://example.org/coachportal."


def leading_to(monkeypatch, *addresses):
    found = [
        (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "2002:a00:1::1",
        "64:ff9b::a00:1",
    ],
)
def test_the_house_s_own_network_is_not_called(monkeypatch, address):
    leading_to(monkeypatch, "93.184.216.34", address)
    with pytest.raises(NotCalled, match=PRIVATE):
        target_of("https://a.example/hook")


def test_a_public_address_is_called_as_it_was_looked_up(monkeypatch):
    leading_to(monkeypatch, "93.184.216.34")
    target = target_of("https://a.example:8443/hook?x=1")
    assert (str(target.address), target.host, target.port, target.path) == (
        "93.184.216.34",
        "a.example",
        8443,
        "/hook?x=1",
    )
    assert not target.is_in_house


def test_a_name_with_an_umlaut_is_called_as_name_servers_know_it(monkeypatch):
    leading_to(monkeypatch, "93.184.216.34")
    assert target_of("https://bücher.example/hook").host == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.example/in", "hooks.example"),
        ("https://hooks.example:443/in", "hooks.example"),
        ("https://hooks.example:80/in", "hooks.example:80"),
        ("https://[2606:2800::1]/in", "[2606:2800::1]"),
        ("https://[2606:2800::1]:8443/in", "[2606:2800::1]:8443"),
    ],
)
def test_the_host_is_named_as_the_address_has_it(monkeypatch, url, host):
    leading_to(monkeypatch, "2606:2800::1")
    asked = []

    def answer(request):
        asked.append(request.headers["Host"])
        return httpx.Response(204)

    client, network = httpx.AsyncClient, httpx.MockTransport(answer)
    monkeypatch.setattr(httpx, "AsyncClient", lambda **how: client(transport=network, **how))
    call(target_of(url), message_id="msg_1", body={}, secrets=[new_secret()], now=timezone.now())
    assert asked == [host]


@pytest.mark.parametrize("in_house", [False, True])
def test_only_https_is_called(monkeypatch, settings, in_house):
    settings.WEBHOOKS_IN_HOUSE = in_house
    leading_to(monkeypatch, "93.184.216.34")
    with pytest.raises(NotCalled, match=HTTPS):
        target_of("http://a.example/hook")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "https://",
        "a.example/hook",
        "https://user:word@a.example/",
        "https://user@a.example/",
        "https://a.example:99999/",
        "https://a.example/#part",
        "https://" + "a" * 300 + ".example/",
    ],
)
def test_what_is_no_whole_address_is_not_called(monkeypatch, url):
    if len(url) < 200:
        leading_to(monkeypatch, "93.184.216.34")
    with pytest.raises(NotCalled, match=WHOLE):
        target_of(url)


def test_the_operator_may_allow_the_house(monkeypatch, settings):
    settings.WEBHOOKS_IN_HOUSE = True
    leading_to(monkeypatch, "10.1.2.3")
    assert target_of("http://a.example/hook").is_in_house


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1"])
def test_never_a_cloud_s_store_of_keys_nor_what_is_nobody_s_address(monkeypatch, settings, address):
    settings.WEBHOOKS_IN_HOUSE = settings.DEBUG = True
    leading_to(monkeypatch, address)
    with pytest.raises(NotCalled, match=PRIVATE):
        target_of("http://a.example/hook")


def test_while_developing_ones_own_machine_is_called(monkeypatch, settings):
    settings.DEBUG = True
    leading_to(monkeypatch, "127.0.0.1")
    assert target_of("http://localhost:9000/hook").port == 9000
