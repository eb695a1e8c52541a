"""Choose who measures for an organisation, and see whether it answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from analyses.actions.pause import KEY_REFUSED, resume
from analyses.models import ProviderAccount
from analyses.remote import provider_of
from providers.base import ProviderError


@transaction.atomic
def choose_service(*, organization: Organization, kind: str, key: str, by: User) -> ProviderAccount:
    """Measure with this service from now on; an empty `key` keeps the one there is. What runs goes on where it is."""
    account, _ = ProviderAccount.objects.get_or_create(organization=organization, kind=kind)
    account.chosen_at = timezone.now()
    if key:
        account.key = key
        account.webhook_registered_at = None
        about = account.get_kind_display()
        record(organization=organization, by=by, action=AuditEntry.Action.KEY_CHANGED, about=about)
    account.last_error, account.last_error_at = "", None
    account.save()
    # Who enters a key or chooses anew has seen to what stopped it.
    resume(account)
    record(organization=organization, by=by, action=AuditEntry.Action.PROVIDER_CHANGED, about=str(account))
    return account


@dataclass(frozen=True)
class TestResult:
    """What came of asking the service."""

    works: bool
    sentence: str


def test_service(*, account: ProviderAccount) -> TestResult:
    """Ask the service with our key, without spending anything."""
    try:
        with provider_of(account, asked_by_person=True) as provider:
            there = len(provider.analyses())
    except ProviderError as error:
        return TestResult(works=False, sentence=str(error))
    if account.paused_code in {refusal.code for refusal in KEY_REFUSED}:
        resume(account)
    sentence = gettext("%(provider)s answers and accepts our key; it lists %(count)d analyses.")
    return TestResult(works=True, sentence=sentence % {"provider": account, "count": there})
