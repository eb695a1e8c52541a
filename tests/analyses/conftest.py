"""A service that measures in memory, in place of the one at the other end of the wire, and an order that pays."""

from __future__ import annotations

import pytest

from analyses import remote
from credits import ledger
from tests.analyses.service import Service


@pytest.fixture
def service(monkeypatch):
    service = Service()
    monkeypatch.setattr(remote, "connect", lambda config: service)
    return service


@pytest.fixture
def paid(order, account, organization, alice):
    """An order at Ochy that used the only credit."""
    ledger.give(organization=organization, amount=1, reason="start", by=alice)
    return order(account=account)
