"""Switches for tests: how the server deviates from good behaviour; at their default unless ENGINE_CONTROL is set."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction

from engine import settings
from engine.models import Rule, SwitchBoard


@dataclass(frozen=True)
class Switches:
    """What tests may change, where the contract leaves open what a service does."""

    link_lifetime_s: float = settings.LINK_LIFETIME_S
    minimum_s: float = 0.0  # a measuring takes at least this long
    refund_failed: bool = False
    running_styles_as_object: bool = False
    webhook_drop: float = 0.0  # share of events that are never sent, 0 to 1
    webhook_duplicate: float = 0.0  # share of events that are sent twice, 0 to 1
    webhook_delay_s: float = 0.0
    webhook_shuffle_s: float = 0.0  # each event waits a random time up to this
    webhook_pause_factor: float = 1.0  # the pauses between tries, times this
    webhook_id_key: str = "video_id"
    webhook_nested: bool = False  # the payload stands one level down, under `data`
    webhook_header: str = ""  # "Name: value", sent with every event


def switches() -> Switches:
    """Return the switches as they stand."""
    if not settings.CONTROL:
        return Switches()
    board = SwitchBoard.objects.first()
    return Switches(**board.values) if board else Switches()


def set_switches(changes: dict[str, Any]) -> None:
    """Change the named switches, leave the others; ValueError for an unknown name or a value of the wrong kind."""
    defaults = Switches()
    kinds = {field.name: type(getattr(defaults, field.name)) for field in fields(Switches)}
    for name, value in changes.items():
        kind = kinds.get(name)
        if kind is None:
            raise ValueError(f"There is no switch {name}")
        if kind in (int, float) and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{name} must be a number")
        if kind in (bool, str) and not isinstance(value, kind):
            raise ValueError(f"{name} must be a {kind.__name__}")
    with transaction.atomic():
        board, _ = SwitchBoard.objects.get_or_create(pk=1)
        board.values = {**board.values, **changes}
        board.save()


def next_rule(kind: str, **wanted: Any) -> dict[str, Any] | None:
    """Return the values of the oldest rule of `kind` that fits, and use it up once; None when there is none.

    A rule fits when each value of `wanted` equals its own, or when its own is absent or "*".
    """
    if not settings.CONTROL:
        return None
    with transaction.atomic():
        for rule in Rule.objects.filter(kind=kind).exclude(remaining=0).order_by("pk"):
            if all(rule.values.get(name, "*") in ("*", value) for name, value in wanted.items()):
                if rule.remaining is not None:
                    rule.remaining -= 1
                    rule.save()
                values: dict[str, Any] = rule.values
                return values
    return None
