"""What workers run about credits: load the row, call the action. Every job may run twice or be lost."""

from __future__ import annotations

from django.utils import timezone

from accounts import wall
from credits import telling
from credits.models import LowLevel
from workers.hints import send_hint

AT_ONCE = 200


def mail_low_level(*, level_id: int) -> None:
    with wall.everything("the row says whose it is"):
        level = LowLevel.objects.select_related("organization").filter(pk=level_id).first()
    if level is not None:
        with wall.only(level.organization_id):
            telling.mail_low_level(level=level)


def hint_low_levels() -> int:
    """Have a worker mail what is due."""
    with wall.everything("the clock looks for what is due everywhere"):
        due = list(LowLevel.objects.due(timezone.now()).values_list("pk", flat=True)[:AT_ONCE])
    for number in due:
        send_hint(mail_low_level, queue="analyses", level_id=number)
    return len(due)
