"""Webhook calls that nobody sent: they must change nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, connection
from django.urls import reverse

from analyses.models import Analysis, ProviderAccount


def forged_calls(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield path and body of each; none when the database is away just now."""
    connection.close()  # the database may have been killed since
    try:
        account = ProviderAccount.objects.get(kind="ochy")
        known = list(Analysis.objects.exclude(remote_id="").values_list("remote_id", flat=True)[:50])
    except (DatabaseError, InterfaceError):
        return
    true = reverse("analyses:webhook", kwargs={"kind": "ochy", "token": account.webhook_token})
    guessed = reverse("analyses:webhook", kwargs={"kind": "ochy", "token": f"{dice.randrange(16**32):032x}"})
    told = dice.choice(known) if known else "nobody"
    lies = [
        {"event": "analysis.failed", "video_id": told, "status": "failed", "sequence": 99},
        {"event": "analysis.completed", "video_id": told, "status": "success", "sequence": 1, "percentage": 100},
        {"event": "analysis.completed", "video_id": "nobody", "status": "success"},
    ]
    for lie in lies * 2:
        yield true, json.dumps(lie).encode()
        yield guessed, json.dumps(lie).encode()
    yield true, b"{" * 500
    yield true, b""
