"""At most so many requests at once, from all connections of a process together."""

from __future__ import annotations

import httpx
import pytest

from providers.base import Config, ProviderUnavailable
from providers.ochy.client import OchyClient
from providers.pacing import InProcessPacer, shared_pacer
from tests.providers.crowd import crowd


def test_a_sixth_request_waits_for_a_place():
    pacer = InProcessPacer(in_flight=5, max_wait_s=5)
    assert crowd(lambda: pacer.acquire("read"), places=5) == (5, 0)


def test_a_request_whose_turn_does_not_come_is_told_to_come_back():
    pacer = InProcessPacer(in_flight=1, max_wait_s=0.01)
    with pacer.acquire("start"), pytest.raises(ProviderUnavailable) as refused, pacer.acquire("read"):
        pass
    assert str(refused.value) == "Too many requests to the measuring service are under way; try again in a minute."
    assert refused.value.retry_after_s == 60


def test_a_place_is_given_back_after_an_error():
    pacer = InProcessPacer(in_flight=1, max_wait_s=0.01)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pacer.acquire("read"):
            1 / 0  # noqa: B018


def test_connections_to_one_service_share_their_places():
    assert shared_pacer("https://a.example") is shared_pacer("https://a.example")
    assert shared_pacer("https://a.example") is not shared_pacer("https://b.example")


def test_every_request_passes_the_pacer_it_was_given():
    kinds = []

    class Counting(InProcessPacer):
        def acquire(self, kind):
            kinds.append(kind)
            return super().acquire(kind)

    body = b'{"id": "a", "status": "pending"}'
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(body)))
    config = Config("ochy", "https://a.example", "key", pacer=Counting())
    with OchyClient(config, transport) as client:
        client.status("a")
        client.delete_subject("a")
        with client.download("https://media.example/a.mp4") as media:
            assert b"".join(media) == body
    assert kinds == ["read", "write", "media"]
