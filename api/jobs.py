"""What workers run to tell the organisations' systems. A job may be lost or run twice; the row knows what is due."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import wall
from api import actions
from api.actions.deliver import forget_old
from api.models import Endpoint
from workers.hints import send_hint

AT_ONCE = 200
JOB_S = 50  # longer than the calls of one turn, shorter than the lease


def deliver_due(*, endpoint_id: int) -> None:
    with wall.everything("the endpoint says whose it is"):
        endpoint = Endpoint.objects.filter(pk=endpoint_id).first()
    if endpoint is not None:  # removed while the job waited
        with wall.only(endpoint.organization_id):
            actions.deliver_due(endpoint=endpoint)


def hint(endpoint: Endpoint) -> None:
    """Tell the workers after the commit that this address is to be called. The clock finds what is lost here."""
    transaction.on_commit(lambda: _enqueue(endpoint.pk), robust=True)


def hint_due() -> int:
    """Tell the workers about every address with a call that is due; return how many. For the clock."""
    endpoints = Endpoint.objects.with_work(timezone.now()).values_list("pk", flat=True)
    return sum(_enqueue(pk) for pk in list(endpoints[:AT_ONCE]))


def forget() -> int:
    """Forget old keys of orders and old calls; return how many. For the clock."""
    return actions.forget_old_keys() + forget_old()


def _enqueue(pk: int) -> bool:
    return send_hint(deliver_due, queue="analyses", job_timeout_s=JOB_S, endpoint_id=pk)
