"""Have a service call us: register the secret address, change it without a gap, look at it daily, ask again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import wall
from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from analyses.actions.check import ask_again
from analyses.models import Analysis, ProviderAccount, WebhookCall
from analyses.remote import provider_of

# How long a former address is still answered after the service was told the new one: its last retries come in that
# time. No retry schedule is published; a day is ours.
OVERLAP = timedelta(days=1)
CHECK_EVERY = timedelta(days=1)


def can_be_called(account: ProviderAccount) -> bool:
    """A provider calls only a public HTTPS address; our own engine beside us may use plain HTTP."""
    return settings.PUBLIC_IS_HTTPS or account.kind == ProviderAccount.Kind.ENGINE


def register_webhook(*, account: ProviderAccount) -> None:
    """Tell the provider where to call. Raises ProviderError when it does not answer or refuses."""
    with wall.everything("organisations that share a key share its one webhook"):
        turn = _sharing(account).aggregate(turn=Max("webhook_turn"))["turn"] or 0
    account.key_print, account.webhook_turn, account.webhook_token = account.token_of_key, turn, _token(account, turn)
    # The token first: a call may come before this request has ended.
    account.save(update_fields=["key_print", "webhook_turn", "webhook_token"])
    _tell(account)


def rotate_webhook(*, account: ProviderAccount, by: User) -> None:
    """Give the service a new secret address; the former one is answered until a day after the service knows.

    Raises ProviderError: then both addresses are good, and the daily look tells the service.
    """
    turn = account.webhook_turn + 1
    token = _token(account, turn)
    # Of several changes the service has not heard of it still calls the first one's former address.
    unheard = account.former_token if account.former_token_until is None else ""
    former = unheard or account.webhook_token
    with transaction.atomic():
        with wall.everything("organisations that share a key share its one webhook"):
            # The old turn in the filter: of two who change it at once, one does.
            _sharing(account).filter(webhook_turn=account.webhook_turn).update(
                webhook_turn=turn, former_token=former, former_token_until=None, webhook_token=token
            )
        record(organization=account.organization, by=by, action=AuditEntry.Action.WEBHOOK_CHANGED, about=account.kind)
    account.refresh_from_db()
    _tell(account)


def check_webhook(*, account: ProviderAccount) -> bool:
    """See whether the service still knows our address, and tell it again if not. Return whether it had to be told.

    Raises ProviderError.
    """
    with provider_of(account) as provider:
        known = provider.webhook()
    right = known is not None and known.enabled and known.url == _address(account)
    if right:
        _confirm(account)
    else:
        _tell(account)
    return not right


def webhooks_to_check(now: datetime) -> QuerySet[ProviderAccount]:
    """The registered accounts nobody has looked at for a day."""
    registered = ProviderAccount.objects.exclude(webhook_registered_at=None)
    return registered.exclude(webhook_checked_at__range=(now - CHECK_EVERY, now))


def replay_calls(*, organization: Organization, days: int) -> Iterable[Analysis]:
    """Make due again every unfinished analysis the service called about in the last `days`; return them.

    For the time after an outage: what a call said is not kept, for it changes nothing by itself.
    """
    since = timezone.now() - timedelta(days=days)
    calls = WebhookCall.objects.filter(organization=organization, at__gte=since).exclude(remote_id="")
    told = calls.order_by().values("remote_id").distinct()
    found = list(Analysis.objects.filter(organization=organization, remote_id__in=told).unfinished())
    for analysis in found:
        ask_again(analysis=analysis)
    return found


def forget_old_calls() -> int:
    """Forget the calls of long ago, which nobody asks about any more; return how many."""
    before = timezone.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    return WebhookCall.objects.filter(at__lt=before).delete()[0]


def _sharing(account: ProviderAccount) -> QuerySet[ProviderAccount]:
    same_key = Q(kind=account.kind, key_print=account.token_of_key)
    return ProviderAccount.objects.filter(same_key | Q(pk=account.pk))


def _token(account: ProviderAccount, turn: int) -> str:
    first = account.token_of_key
    return salted_hmac("analyses.webhook.turn", f"{first}:{turn}", algorithm="sha256").hexdigest() if turn else first


def _address(account: ProviderAccount) -> str:
    path = reverse("analyses:webhook", kwargs={"kind": account.kind, "token": account.webhook_token})
    return str(settings.PUBLIC_URL) + path


def _tell(account: ProviderAccount) -> None:
    with provider_of(account, asked_by_person=True) as provider:
        provider.set_webhook(_address(account), enabled=True)
    account.webhook_registered_at = timezone.now()
    ProviderAccount.objects.filter(pk=account.pk).update(webhook_registered_at=account.webhook_registered_at)
    _confirm(account)


def _confirm(account: ProviderAccount) -> None:
    """The service knows the address: from here on the former one has a day."""
    now = timezone.now()
    with wall.everything("organisations that share a key share its one webhook"):
        _sharing(account).update(webhook_checked_at=now)
        rotated = _sharing(account).exclude(former_token="").filter(former_token_until=None)
        rotated.update(former_token_until=now + OVERLAP)
