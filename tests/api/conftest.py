"""Programs of the cast: each asks with a token of one member."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import Membership
from api import actions
from api.models import Endpoint, Scope
from tests.api.receiver import Receiver

EVERYTHING = [str(scope) for scope in Scope]


class Program:
    """A client that brings a token, and speaks JSON."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def get(self, path, **query):
        return self.client.get(f"/api/v1{path}", query)

    def send(self, method, path, body=None, **headers):
        return self.client.generic(
            method.upper(),
            f"/api/v1{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )

    def post(self, path, body=None, **headers):
        return self.send("post", path, body, **headers)

    def patch(self, path, body):
        return self.send("patch", path, body)

    def delete(self, path):
        return self.send("delete", path)


def tell(endpoint):
    return actions.deliver_due(endpoint=Endpoint.objects.get(pk=endpoint.pk))


@pytest.fixture
def program():
    """Make a program for a member of the cast."""

    def make(user, scopes=EVERYTHING, days=30) -> Program:
        membership = Membership.objects.get(user=user)
        return Program(actions.make_token(membership=membership, name="A script", scopes=list(scopes), days=days)[1])

    return make


@pytest.fixture
def alices(program, alice):
    return program(alice)


@pytest.fixture
def receiver(settings):
    """A service in the house that takes the calls an organisation asked for."""
    settings.WEBHOOKS_IN_HOUSE = True
    made = Receiver()
    yield made
    made.close()
