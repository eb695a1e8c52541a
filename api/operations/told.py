"""What we say to an organisation's own systems, for the description."""

from __future__ import annotations

from typing import Any

from api.models import EventType

CODE = {"type": "string", "format": "uuid"}
ABOUT_AN_ANALYSIS = {"analysis": CODE, "view": {"type": "string", "enum": ["side_view", "back_view"]}}
ABOUT = {EventType.ERASED: {"runner": CODE}, EventType.TEST: {}}


def described_calls() -> dict[str, Any]:
    """Return the OpenAPI `webhooks`: for each event what its body holds."""
    return {event.value: {"post": _call(event)} for event in EventType}


def _call(event: EventType) -> dict[str, Any]:
    said = {
        "type": {"type": "string", "const": event.value},
        "timestamp": {"type": "string", "format": "date-time"},
        "data": _all_of(ABOUT.get(event, ABOUT_AN_ANALYSIS)),
    }
    return {
        "operationId": f"told_{event.name.lower()}",
        "summary": str(event.value),
        "description": "Signed as Standard Webhooks says: webhook-id, webhook-timestamp, webhook-signature.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _all_of(said)}}},
        "responses": {"2XX": {"description": "Taken. All else is told again later; 410 ends it."}},
    }


def _all_of(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
