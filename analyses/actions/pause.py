"""Hold back an organisation's orders while its account at the service cannot pay or is not let in."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from analyses import breaker
from analyses.models import ProviderAccount
from providers.base import KeyInvalid, KeyMissing, OutOfCredits, ProviderError

# Each concerns the account, not the film: what comes next would be refused as well.
KEY_REFUSED = (KeyInvalid, KeyMissing)
STOPS_ORDERS = (OutOfCredits, *KEY_REFUSED)


def pause_orders(*, account: ProviderAccount, error: ProviderError) -> None:
    """Send nothing more for this organisation until an admin has seen to it; orders stay in the queue."""
    row = ProviderAccount.objects.filter(pk=account.pk, paused_at=None)
    row.update(paused_code=error.code, paused_at=timezone.now())


@transaction.atomic
def continue_orders(*, account: ProviderAccount, by: User) -> bool:
    """An admin has seen to it: send again what waits. False when nothing was paused. The clock finds what is due."""
    if not ProviderAccount.objects.filter(pk=account.pk).exclude(paused_at=None).exists():
        return False
    resume(account)
    about = f"{account.kind} · continued"
    record(organization=account.organization, by=by, action=AuditEntry.Action.PROVIDER_CHANGED, about=about)
    return True


def resume(account: ProviderAccount) -> None:
    """Forget what stopped the orders and every silence, and make due what waited."""
    forgotten = {"paused_code": "", "paused_at": None, "failures": 0, "silent_since": None, "ask_again_at": None}
    ProviderAccount.objects.filter(pk=account.pk).update(**forgotten)
    breaker.wake(account)
