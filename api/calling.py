"""The one file that calls the organisation's systems: signs by the Standard Webhooks scheme, follows nothing, waits
shortly, and reads no more of the answer than its status.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from api.guard import Target

TIMEOUT = httpx.Timeout(connect=5, read=10, write=5, pool=5)
TOTAL_S = 15.0  # of the whole call: who sends a byte now and then is never silent for long, and never ends
MAX_RETRY_AFTER_S = 24 * 3600.0


class Silent(Exception):
    """Nobody answered there; `word` says how."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def call(
    target: Target, *, message_id: str, body: dict[str, Any], secrets: Sequence[str], now: datetime
) -> tuple[int, float | None]:
    """Post one signed message; return the answer's status and what its Retry-After asks for, in s. Raises Silent."""
    text = json.dumps(body, separators=(",", ":"))
    signatures = [Webhook(secret).sign(msg_id=message_id, timestamp=now, data=text) for secret in secrets]
    headers = {
        "Host": _host(target),
        "Content-Type": "application/json",
        "User-Agent": "Coachportal",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    try:
        return asyncio.run(_post(target, text, headers))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise Silent(type(error).__name__) from None


async def _post(target: Target, text: str, headers: dict[str, str]) -> tuple[int, float | None]:
    """Post, and return the status and the pause asked for. Only what waits in a loop can be ended as a whole."""
    # trust_env off: a proxy would look the name up again, and not with our guard.
    async with (
        asyncio.timeout(TOTAL_S),
        httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST", _address(target), content=text, headers=headers, extensions=_extensions(target)
        ) as answer,
    ):
        return answer.status_code, _retry_after_s(answer.headers.get("Retry-After", ""))


def _host(target: Target) -> str:
    """As RFC 9110 §7.2 writes it: an IPv6 address in brackets, and the port unless it is the scheme's own."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == (443 if target.is_tls else 80) else f"{host}:{target.port}"


def _address(target: Target) -> str:
    host = f"[{target.address}]" if target.address.version == 6 else str(target.address)
    return f"{'https' if target.is_tls else 'http'}://{host}:{target.port}{target.path}"


def _extensions(target: Target) -> dict[str, Any]:
    # The certificate must be that of the name, though we call by the address that was looked at.
    return {"sni_hostname": target.host} if target.is_tls else {}


def _retry_after_s(told: str) -> float | None:
    return min(float(told), MAX_RETRY_AFTER_S) if told.isdecimal() else None
