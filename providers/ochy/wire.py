"""JSON of the contract to our types and back: every odd spelling ends here, or in `readings` for what was measured.

Unknown keys are ignored, a missing optional one is None, and no JSON whatever makes a reader raise. What cannot be
done without is named: `Unreadable`.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

from providers.base import (
    Document,
    Reason,
    RemoteAnalysis,
    RemoteSubject,
    StartOrder,
    State,
    Status,
    SubjectData,
    View,
    Webhook,
)
from providers.ochy.readings import parse_calculated, parse_raw, parse_results
from providers.ochy.values import identifier, mapping, moment, number, percent, rows, text, whole
from providers.results import Event

__all__ = ["parse_calculated", "parse_event", "parse_raw", "parse_results"]

MAX_EVENT_BYTES = 64 * 1024
STATES = {
    "pending": State.QUEUED,
    "analyzing": State.RUNNING,
    "success": State.SUCCEEDED,
    "failed": State.FAILED,
}
VIEWS: dict[str, View] = {"side_view": "side_view", "back_view": "back_view"}
ANALYSIS_ID = ("video_id", "analysis_id", "id")  # start says video_id, paths say analysis_id, lists are unpublished
SUBJECT_ID = ("subject_id", "id")  # created under the one, read under the other


class Unreadable(ValueError):
    """The body is not JSON, or lacks what nothing works without."""


def parse_document(body: bytes) -> Document:
    """Return a body as text and as data. Raise Unreadable when it is not JSON in UTF-8."""
    with contextlib.suppress(ValueError, RecursionError):
        received = body.decode()
        # NaN and Infinity are no JSON, though Python reads them and databases choke on them.
        return Document(received, json.loads(received, parse_constant=lambda _: None))
    raise Unreadable("not JSON")  # out here: the error of the reader would hold the body


def start_form(order: StartOrder) -> dict[str, str]:
    """Return the fields that go with the film. Height, weight, language and surface always go: defaults have moved."""
    form = {
        "analysis_type": order.view,
        "height": f"{order.height_m:.2f}",
        "weight": f"{order.weight_kg:g}",
        "language": order.language,
        "treadmill": _flag(order.treadmill),
    }
    if order.treadmill and order.pace_s_per_km is not None:
        form["pace"] = "{:02d}:{:02d}".format(*divmod(round(order.pace_s_per_km), 60))
    if order.view == "back_view":
        form["full_body"] = _flag(order.full_body)
    if order.subject_id:
        form["subject_id"] = order.subject_id
    if order.notify:
        form["notify_via_webhook"] = _flag(True)
    return form


def _flag(value: bool) -> str:
    return "true" if value else "false"


def parse_started(data: Any) -> str | None:
    """Return the id of what was started, if the answer holds one."""
    return identifier(data, *ANALYSIS_ID)


def parse_status(remote_id: str, document: Document) -> Status | None:
    """Return how an analysis is doing; None for a body without `status`, which is an error body."""
    body = mapping(document.data)
    word = body.get("status")
    if not isinstance(word, str) or not word:
        return None
    state = STATES.get(word, State.UNKNOWN)
    return Status(
        remote_id=remote_id,
        state=state,
        percentage=percent(body.get("percentage")),
        thumbnail_url=text(body.get("thumbnail")) or None,
        film_url=text(body.get("output_video")) or None,
        reason=_reason(body) if state is State.FAILED else None,
        document=document,
    )


def _reason(body: dict[str, Any]) -> Reason | None:
    """Return why it failed. The contract gives no reason; our engine adds one, and others may."""
    given = body.get("reason")
    words = text(mapping(given).get("text")) or text(given) or text(body.get("detail"))
    return Reason(text(mapping(given).get("code")), words) if words else None


def parse_analyses(data: Any) -> list[RemoteAnalysis]:
    """Return the account's analyses, newest first, undated last; lines without an id are passed over."""
    found = [analysis for analysis in map(_analysis, rows(data, "analyses")) if analysis]
    dated = [analysis for analysis in found if analysis.created_at]
    dated.sort(key=lambda analysis: analysis.created_at.timestamp() if analysis.created_at else 0.0, reverse=True)
    return dated + [analysis for analysis in found if not analysis.created_at]


def _analysis(row: Any) -> RemoteAnalysis | None:
    body = {"id": row} if isinstance(row, str) else mapping(row)
    remote_id = identifier(body, *ANALYSIS_ID)
    if remote_id is None:
        return None
    return RemoteAnalysis(
        remote_id=remote_id,
        state=STATES.get(text(body.get("status")), State.UNKNOWN),
        view=VIEWS.get(text(body.get("analysis_type"))),
        created_at=moment(body.get("created_at")),
        subject_id=identifier(body, "subject_id"),
    )


def subject_body(data: SubjectData) -> dict[str, Any]:
    """Return the fields to write; None leaves a field as it is."""
    fields = {"name": data.label, "height": data.height_m, "weight": data.weight_kg}
    return {name: value for name, value in fields.items() if value is not None}


def parse_subject_id(data: Any) -> str | None:
    return identifier(data, *SUBJECT_ID)


def parse_subject(data: Any) -> RemoteSubject | None:
    """Return a runner as the provider knows them; None without an id."""
    body = mapping(data)
    remote_id = identifier(body, "id", "subject_id")
    if remote_id is None:
        return None
    return RemoteSubject(
        remote_id=remote_id,
        label=text(body.get("name")) or None,
        height_m=number(body.get("height")),
        weight_kg=number(body.get("weight")),
        created_at=moment(body.get("created_at")),
    )


def parse_subjects(data: Any) -> list[RemoteSubject]:
    return [subject for subject in map(parse_subject, rows(data, "subjects")) if subject]


def parse_subject_analyses(data: Any) -> list[str]:
    """Return the ids linked to a runner, each once; plain strings are announced, objects with an id are taken too."""
    return list(dict.fromkeys(found.remote_id for found in map(_analysis, rows(data, "analyses")) if found))


def parse_webhook(data: Any) -> Webhook | None:
    """Return the registration; None for `{}`, which says there never was one."""
    body = mapping(data)
    url = text(body.get("url"))
    return Webhook(url, body.get("enabled") is True, moment(body.get("updated_at"))) if url else None


def _place(value: Any) -> int | None:
    """Return an event's place in its order, if it is one a database column holds."""
    place = whole(value)
    return place if place is not None and 0 <= place < 2**31 else None


def parse_event(body: bytes) -> Event:
    """Read a webhook call, flat or one level down in `data`. Anything at all gives an Event, at worst an empty one."""
    try:
        outer = mapping(parse_document(body[:MAX_EVENT_BYTES]).data)
    except Unreadable:
        return Event()
    merged = {**mapping(outer.get("data")), **outer}
    inner_id = identifier(outer.get("data"), *ANALYSIS_ID)
    kind = text(merged.get("event")) or text(merged.get("type"))
    # With nesting, an outer `id` is more likely the event's own than the analysis's.
    return Event(
        remote_id=identifier(outer, "video_id", "analysis_id") or inner_id or identifier(outer, "id"),
        status=text(merged.get("status")),
        percentage=percent(merged.get("percentage")),
        sequence=_place(merged.get("sequence")),
        kind=kind[:40],
        is_test="test" in kind.lower().split("."),
    )
