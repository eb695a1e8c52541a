"""Whom we call: add an address, change it, give it another secret, try it, and tell it again what it missed."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from api.models import Delivery, Endpoint, EventType

REPLAYED_DAYS = 7


@transaction.atomic
def add_endpoint(*, organization: Organization, url: str, events: list[str], by: User) -> tuple[Endpoint, str]:
    """Call this address from now on; return it with the secret that signs, which is shown once."""
    endpoint = Endpoint(organization=organization, url=url, events=events, made_by=by)
    secret = endpoint.make_secret()
    endpoint.save()
    _record(endpoint, by, f"added · {', '.join(events)}")
    return endpoint, secret


@transaction.atomic
def change_endpoint(*, endpoint: Endpoint, url: str, events: list[str], by: User) -> None:
    """Call another address, or about other events, from now on; the secret stays."""
    Endpoint.objects.filter(pk=endpoint.pk).update(url=url, events=events)
    endpoint.url, endpoint.events = url, events
    _record(endpoint, by, f"changed · {', '.join(events)}")


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint, by: User) -> str:
    """Sign with a new secret, which is shown once; for a day every call is signed with the former one as well."""
    secret = endpoint.make_secret()
    endpoint.save(update_fields=["sealed_secret", "sealed_former_secret", "former_until"])
    _record(endpoint, by, "new secret")
    return secret


@transaction.atomic
def switch_off(*, endpoint: Endpoint, by: User) -> None:
    """Call no more. What happens meanwhile is not told later; what was due stays due."""
    changes = {"disabled_at": timezone.now(), "disabled_why": Endpoint.Why.PERSON}
    if Endpoint.objects.filter(pk=endpoint.pk).listening().update(**changes):
        _record(endpoint, by, "switched off")


@transaction.atomic
def switch_on(*, endpoint: Endpoint, by: User) -> None:
    """Call again, what is due at once."""
    off = Endpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=False)
    if off.update(disabled_at=None, disabled_why="", failing_since=None, lease_until=None):
        waiting = Delivery.objects.filter(endpoint=endpoint, status=Delivery.Status.WAITING)
        waiting.update(tries=0, due_at=timezone.now())
        _record(endpoint, by, "switched on")


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, by: User) -> None:
    """Forget the address, its secret and its log."""
    _record(endpoint, by, "removed")
    endpoint.delete()


def send_test(*, endpoint: Endpoint) -> Delivery:
    """Have a test told. The caller enqueues the call."""
    _free(endpoint)
    return Delivery.objects.create(organization=endpoint.organization, endpoint=endpoint, event=EventType.TEST)


def replay(*, delivery: Delivery) -> None:
    """Tell it once more, under the same id, as if for the first time. The caller enqueues the call."""
    _again([delivery.pk])
    _free(delivery.endpoint)


def replay_failed(*, endpoint: Endpoint) -> int:
    """Tell what could not be told lately; return how many. The caller enqueues the calls."""
    since = timezone.now() - timedelta(days=REPLAYED_DAYS)
    missed = Delivery.objects.filter(endpoint=endpoint, happened_at__gt=since)
    missed = missed.filter(status__in=[Delivery.Status.GIVEN_UP, Delivery.Status.WAITING])
    _free(endpoint)
    return _again(list(missed.values_list("pk", flat=True)))


def _again(pks: list[int]) -> int:
    # Who must stay in the house is asked anew with every call, so what was withheld may be tried again, too.
    now = timezone.now()
    return Delivery.objects.filter(pk__in=pks).update(status=Delivery.Status.WAITING, tries=0, due_at=now)


def _free(endpoint: Endpoint) -> None:
    """A person asks: the minute's rest of a silent address is over."""
    Endpoint.objects.filter(pk=endpoint.pk).update(lease_until=None)


def _record(endpoint: Endpoint, by: User, what: str) -> None:
    about = f"{endpoint} · {what}"
    record(organization=endpoint.organization, by=by, action=AuditEntry.Action.ENDPOINT_CHANGED, about=about)
