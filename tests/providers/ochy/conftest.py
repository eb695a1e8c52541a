"""The partner API without the network: its published answers as files, and a client whose transport is a function."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import stamina

from providers.base import Config
from providers.ochy.client import READ_ATTEMPTS, OchyClient

ANSWERS = Path(__file__).parent / "answers"
KEY = "a-key-nobody-may-see-quux"
URL = "https://partner.example"


def load(name: str):
    return json.loads((ANSWERS / f"{name}.json").read_text())


@pytest.fixture
def answer():
    """Return a published body by name."""
    return load


@pytest.fixture(autouse=True)
def _no_pauses():
    """Read as often as at work, without the growing pauses between."""
    with stamina.set_testing(True, attempts=READ_ATTEMPTS):
        yield


class Service:
    """Answers requests in the order they were prepared, the last one for ever, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.replies: list[httpx.Response | Exception] = []

    def will(self, status: int, body: object = None, *, headers: dict[str, str] | None = None) -> Service:
        content = (
            body if isinstance(body, bytes) else json.dumps(load(body) if isinstance(body, str) else body).encode()
        )
        self.replies.append(httpx.Response(status, content=content, headers=headers))
        return self

    def breaks(self, error: Exception) -> Service:
        self.replies.append(error)
        return self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, content=reply.content, headers=reply.headers)

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests]


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def ochy(service):
    """A client of `service`, under KEY."""
    with OchyClient(Config("ochy", URL, KEY), httpx.MockTransport(service)) as client:
        yield client
