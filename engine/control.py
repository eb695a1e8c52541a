"""Test controls under /__control/, outside the contract's paths; they exist only when ENGINE_CONTROL is set.

    GET, PUT      /__control/switches       engine/switches.py: event disorder, link lifetime, refunds, ...
    GET, PUT      /__control/credits        {"credits": 3}, or null for "not counted"
    POST, DELETE  /__control/faults         {"operation": "start_analysis", "kind": ..., "times": 1, ...}
    POST, DELETE  /__control/outcomes       {"outcome": "success" | "failed" | "crash" | "hang", "times": 1, ...}
    POST          /__control/webhook-test   send the test event now
    GET           /__control/books          every analysis with its times and credits, every event with its deliveries
    POST          /__control/reset          everything above back to its default; the books stay

Kinds of faults. `status`: answer that code and do nothing (`status`, `retry_after_s`); `slow`: do it, but only after
`seconds`; `reset`: read the request, do nothing, break the connection; `reset_done`: do it, then break the connection;
`half_body`: do it, send half the answer. Each key of the API has its own credits; the rest holds for the whole server.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from engine.http import Problem, invalid, json_object, read_rest
from engine.models import Analysis, Event, Partner, Rule, SwitchBoard
from engine.switches import next_rule, set_switches, switches
from engine.webhooks import iso, send_test

Call = Callable[[], HttpResponseBase]
FAULTS = {"status", "slow", "reset", "reset_done", "half_body"}
OUTCOMES = {"success", "failed", "crash", "hang"}


def disturb(request: HttpRequest, operation: str, call: Call) -> HttpResponseBase:
    """Answer the operation by `call`, unless a fault is waiting for it."""
    fault = next_rule(Rule.Kind.FAULT, operation=operation)
    if fault is None:
        return call()
    kind = fault["kind"]
    if kind == "status":
        read_rest(request)
        answer = Problem(fault.get("status", 500), "A test asked for this answer").response()
        if "retry_after_s" in fault:
            answer["Retry-After"] = str(fault["retry_after_s"])
        return answer
    if kind == "slow":
        time.sleep(fault.get("seconds", 1))
        return call()
    if kind == "reset":
        read_rest(request)
        return StreamingHttpResponse(_broken_off(request, b""))
    answered = call()
    body = b"".join(answered) if isinstance(answered, StreamingHttpResponse) else answered.content  # type: ignore[attr-defined]
    if kind == "reset_done":
        return StreamingHttpResponse(_broken_off(request, b""))
    half = StreamingHttpResponse(_broken_off(request, body[: len(body) // 2]), status=answered.status_code)
    half["Content-Type"] = answered["Content-Type"]
    half["Content-Length"] = str(len(body))
    return half


def _broken_off(request: HttpRequest, start: bytes) -> Iterator[bytes]:
    """Send `start`, then drop the connection: with a TCP reset when nothing was sent."""
    if start:
        yield start
    else:
        connection: socket.socket = request.META["gunicorn.socket"]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    # To gunicorn this looks like a client that went away: it closes without a word.
    raise ConnectionResetError(errno.ECONNRESET, "a test asked for a broken connection")


def switches_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Show or change the switches."""
    if request.method == "PUT":
        try:
            set_switches(json_object(request))
        except ValueError as error:
            raise invalid("switches", str(error)) from error
    return JsonResponse(asdict(switches()))


def credits_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Show or set the credits of the key in use."""
    if request.method == "PUT":
        amount = json_object(request).get("credits")
        if amount is not None and (not isinstance(amount, int) or amount < 0):
            raise invalid("credits", "Must be a number from 0, or null")
        partner.credits = amount
        partner.save(update_fields=["credits"])
    return JsonResponse({"credits": partner.credits})


def faults_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Ask for a fault, or clear them all."""
    return _rules(request, Rule.Kind.FAULT, "kind", FAULTS)


def outcomes_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Ask for the outcome of the analyses started next, or clear them all."""
    return _rules(request, Rule.Kind.OUTCOME, "outcome", OUTCOMES)


def _rules(request: HttpRequest, kind: Rule.Kind, key: str, allowed: set[str]) -> HttpResponse:
    if request.method == "DELETE":
        Rule.objects.filter(kind=kind).delete()
        return HttpResponse(status=204)
    values = json_object(request)
    times = values.pop("times", 1)
    if values.get(key) not in allowed:
        raise invalid(key, "Must be one of " + ", ".join(sorted(allowed)))
    Rule.objects.create(kind=kind, values=values, remaining=times)
    return JsonResponse(values, status=201)


def webhook_test_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Send the test event, as the vendor's dashboard does with a button."""
    if not partner.webhook_is_ready:
        raise Problem(400, "Webhook is not configured or is disabled", "webhook_not_configured")
    outcome, took_ms = send_test(partner)
    return JsonResponse({"outcome": outcome, "took_ms": took_ms})


def books_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Give the server's own books, for comparing with a client's."""
    return JsonResponse(
        {
            "credits": partner.credits,
            "analyses": [
                _analysis_entry(row) for row in Analysis.objects.filter(partner=partner).order_by("created_at")
            ],
            "events": [_event_entry(row) for row in Event.objects.filter(partner=partner).order_by("pk")],
        }
    )


def _analysis_entry(row: Analysis) -> dict[str, Any]:
    return {
        "video_id": row.pk,
        "status": row.status,
        "film_bytes": row.film_bytes,
        "film_sha256": row.film_sha256,
        "subject_id": row.subject_id,
        "credits": row.credits,
        "attempts": row.attempt,
        "crashes": row.crashes,
        "created_at": row.created_at.isoformat(),
        "started_at": row.started_at and row.started_at.isoformat(),
        "ended_at": row.ended_at and row.ended_at.isoformat(),
        "reason": {"code": row.reason_code, "text": row.reason_text} if row.reason_code else None,
    }


def _event_entry(row: Event) -> dict[str, Any]:
    return {
        "video_id": row.analysis_id,
        "body": row.body,
        "state": row.state,
        "tries": row.tries,
        "outcome": row.outcome,
        "created_at": iso(row.created_at),
        "ended_at": row.ended_at and iso(row.ended_at),
    }


def reset_view(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Clear switches, faults and outcomes; credits uncounted; no webhook."""
    Rule.objects.all().delete()
    SwitchBoard.objects.all().delete()
    Partner.objects.filter(pk=partner.pk).update(
        credits=None, webhook_url="", webhook_enabled=False, webhook_updated_at=None
    )
    return HttpResponse(status=204)
