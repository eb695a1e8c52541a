"""Order an analysis under a key, so that a request sent again because its answer got lost orders nothing more."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from analyses import actions
from analyses.leaving import account_for
from analyses.models import Analysis
from analyses.remote import account_of
from api.models import KeyedOrder
from clips.models import Clip
from subjects.models import Subject


class KeyUsedOtherwise(Exception):
    """Something else was ordered under this key."""


class UnderWay(Exception):
    """The film is being measured in this view already."""


def order_under_key(*, key: str, clip: Clip, subject: Subject, by: User, **how: Any) -> tuple[Analysis, bool]:
    """Order once for `key`; return the analysis, and whether it had been ordered before. The caller enqueues the job.

    `how` is what analyses.actions.order_analysis takes besides. A refused order leaves the key unused.
    Raises KeyUsedOtherwise, UnderWay, and what order_analysis raises.
    """
    asked = _digest(clip, subject, how)
    if (before := _made_under(key, asked, clip, by)) is not None:
        return before, True
    try:
        with transaction.atomic():
            _refuse_second(clip, how["view"])
            analysis = actions.order_analysis(
                clip=clip, subject=subject, account=account_for(subject, account_of(clip.organization)), by=by, **how
            )
            KeyedOrder.objects.create(
                organization=clip.organization, by=by, key=key, asked_digest=asked, analysis=analysis
            )
    except (IntegrityError, UnderWay):
        # Another request with this key was quicker: its order stands, ours is undone, its credit with it.
        if (before := _made_under(key, asked, clip, by)) is None:
            raise
        return before, True
    return analysis, False


def _refuse_second(clip: Clip, view: str) -> None:
    """A program that lost its key must not pay twice; the film's row is the lock of both who try."""
    Clip.objects.select_for_update().filter(pk=clip.pk).first()
    if Analysis.objects.filter(clip=clip, view=view).unfinished().exists():
        raise UnderWay


def forget_old_keys() -> int:
    """Forget the keys of orders made long ago; the orders stay. Return how many."""
    old = KeyedOrder.objects.filter(made_at__lt=timezone.now() - KeyedOrder.KEPT_FOR)
    return old.delete()[0]


def _made_under(key: str, asked: str, clip: Clip, by: User) -> Analysis | None:
    found = KeyedOrder.objects.filter(organization=clip.organization, by=by, key=key)
    order = found.select_related("analysis__subject", "analysis__clip", "analysis__account").first()
    if order is None:
        return None
    if order.asked_digest != asked:
        raise KeyUsedOtherwise
    return order.analysis


def _digest(clip: Clip, subject: Subject, how: dict[str, Any]) -> str:
    told = [str(clip.code), str(subject.code), sorted(how.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
