"""Killed between a deed and its line in the record, neither is there: nothing is done that the record does not tell."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actions import ask_for_second_factor, readmit
from accounts.models import AuditEntry, Membership, Organization
from analyses.actions import rotate_webhook
from analyses.models import ProviderAccount
from subjects.actions import archive_subject, restore_subject
from subjects.models import Subject


class Killed(BaseException):
    """kill -9: nothing after it runs."""


def killed(*args, **more):
    raise Killed


def kept() -> list:
    """What the deeds change, and the record."""
    rows = (Membership, "suspended_at"), (Organization, "needs_second_factor"), (Subject, "archived_at")
    rows += (ProviderAccount, "webhook_turn"), (AuditEntry, "action")
    return [list(model.objects.order_by("pk").values_list(field, flat=True)) for model, field in rows]


@pytest.fixture
def deeds(bob, alice, organization, runner):
    membership = Membership.objects.get(user=bob)
    membership.suspended_at = timezone.now()
    membership.save()
    account = ProviderAccount.objects.create(organization=organization, kind="ochy")
    return {
        "readmit": lambda: readmit(membership=membership, by=alice),
        "second factor": lambda: ask_for_second_factor(organization=organization, needed=True, by=alice),
        "archive": lambda: archive_subject(subject=runner, by=alice),
        "restore": lambda: restore_subject(subject=runner, by=alice),
        "webhook": lambda: rotate_webhook(account=account, by=alice),
    }


@pytest.mark.parametrize("deed", ["readmit", "second factor", "archive", "restore", "webhook"])
def test_a_deed_is_kept_with_its_record_or_not_at_all(deeds, deed, monkeypatch):
    before = kept()
    for place in ("accounts.actions.record", "analyses.actions.webhook.record", "subjects.models.Subject.save"):
        monkeypatch.setattr(place, killed)
    with pytest.raises(Killed):
        deeds[deed]()
    assert kept() == before
