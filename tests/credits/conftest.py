"""A ledger with some history: who spent what on whom."""

from __future__ import annotations

import uuid

import pytest

from credits import ledger
from credits.models import Entry


@pytest.fixture
def spend(organization):
    """Spend one credit as an order does; the groups are rows; `at` puts it where it happened."""

    def make(by, *groups, view="side_view", service="ochy", at=None, amount=1):
        use = ledger.Use(uuid.uuid4(), view, service, [(group.pk, group.name) for group in groups])
        reference = f"analysis:{use.analysis}"
        entry = ledger.spend(organization=organization, amount=amount, reference=reference, by=by, use=use)
        if at is not None:
            Entry.objects.filter(pk=entry.pk).update(at=at)
        return entry

    return make


@pytest.fixture
def give_back(organization):
    def make(entry):
        return ledger.give_back(organization=organization, reference=entry.reference, reason="not sent")

    return make
