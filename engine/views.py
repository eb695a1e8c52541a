"""The operations of the contract: one function each, named as the operationId in openapi.yaml."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone

from engine import actions, settings
from engine.erasing import erase_subject
from engine.forms import read_start, read_subject, read_webhook
from engine.http import Problem
from engine.media import link
from engine.models import Analysis, Partner, Subject
from engine.room import has_room
from engine.switches import switches
from engine.webhooks import iso

log = logging.getLogger(__name__)

Status = Analysis.Status


def start_analysis(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Take a film in and queue it; costs one credit."""
    if not has_room():  # before it is read: of a film that was refused so, the sender knows that nothing was started
        log.error("No film is taken in: the disk of %s is full.", settings.ENGINE_VAR)
        raise Problem(429, "No room for a film just now; send it again later")
    analysis = actions.start_analysis(partner, read_start(request))
    return JsonResponse(
        {"message": f"Analysis started for ID: {analysis.pk}", "video_id": analysis.pk},
        status=202,
    )


def list_analyses(request: HttpRequest, partner: Partner) -> HttpResponse:
    """List all analyses of the partner, newest first."""
    rows = Analysis.objects.filter(partner=partner).order_by("-created_at")
    return JsonResponse({"analyses": [_list_item(row) for row in rows]})


def get_analysis_results(request: HttpRequest, partner: Partner, analysis_id: str) -> HttpResponse:
    """Tell the state, and on success the results; the HTTP status follows the state."""
    analysis = _analysis(partner, analysis_id)
    body: dict[str, Any] = {"video_id": analysis.pk, "status": analysis.status}
    if analysis.status == Status.FAILED:
        # Ours: the contract gives no reason. A client that does not know the key is not disturbed by it.
        body["reason"] = {"code": analysis.reason_code, "text": analysis.reason_text}
        return JsonResponse(body, status=400)
    body["percentage"] = analysis.percentage
    if analysis.status == Status.SUCCESS:
        body["thumbnail"] = link(request, analysis, analysis.thumbnail)
        body["output_video"] = link(request, analysis, analysis.output_video)
        body["biomechanical_analysis"] = _styles_as_switched(json.loads(_document(analysis, "results").read_text()))
    return JsonResponse(body, status=202 if analysis.status == Status.ANALYZING else 200)


def get_calculated_data(request: HttpRequest, partner: Partner, analysis_id: str) -> HttpResponse:
    """Give the numbers of a measured film."""
    numbers = json.loads(_document(_analysis(partner, analysis_id), "calculated").read_text())
    return JsonResponse(_styles_as_switched(numbers))


def get_raw_data(request: HttpRequest, partner: Partner, analysis_id: str) -> HttpResponseBase:
    """Give the landmarks of every picture; megabytes, so straight from the disk."""
    document = _document(_analysis(partner, analysis_id), "raw")
    return FileResponse(document.open("rb"), content_type="application/json")


def list_subjects(request: HttpRequest, partner: Partner) -> HttpResponse:
    """List the subjects that are not deleted, newest first."""
    rows = Subject.objects.filter(partner=partner, deleted_at=None).order_by("-created_at")
    return JsonResponse({"subjects": [_subject_body(row) for row in rows]})


def create_subject(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Create a subject; the answer's key is `subject_id`, everywhere else it is `id`."""
    subject = Subject.objects.create(partner=partner, **read_subject(request))
    return JsonResponse({"subject_id": subject.pk, "created_at": iso(subject.created_at)}, status=201)


def get_subject(request: HttpRequest, partner: Partner, subject_id: str) -> HttpResponse:
    """Read one subject."""
    return JsonResponse(_subject_body(_subject(partner, subject_id)))


def update_subject(request: HttpRequest, partner: Partner, subject_id: str) -> HttpResponse:
    """Change the named fields of a subject; the others stay, despite PUT."""
    subject = _subject(partner, subject_id)
    changes = read_subject(request)
    if changes:
        Subject.objects.filter(pk=subject.pk).update(**changes)
    return JsonResponse({"message": "Subject updated"})


def delete_subject(request: HttpRequest, partner: Partner, subject_id: str) -> HttpResponse:
    """Erase a subject: the bare record stays, hidden; its analyses and their films go."""
    erase_subject(_subject(partner, subject_id))
    return JsonResponse({"message": "Subject deleted"})


def list_subject_analyses(request: HttpRequest, partner: Partner, subject_id: str) -> HttpResponse:
    """List the ids of the analyses linked to a subject, newest first."""
    subject = _subject(partner, subject_id)
    ids = Analysis.objects.filter(subject=subject).order_by("-created_at").values_list("pk", flat=True)
    return JsonResponse({"subject_id": subject.pk, "analyses": list(ids)})


def get_webhook(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Read the webhook configuration; an empty object when none was ever stored."""
    return JsonResponse(_webhook_body(partner))


def configure_webhook(request: HttpRequest, partner: Partner) -> HttpResponse:
    """Store where events go, and whether."""
    partner.webhook_url, partner.webhook_enabled = read_webhook(request)
    partner.webhook_updated_at = timezone.now()
    partner.save(update_fields=["webhook_url", "webhook_enabled", "webhook_updated_at"])
    return JsonResponse(_webhook_body(partner))


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the server answers and reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def openapi(request: HttpRequest) -> HttpResponse:
    """Give the description of this server."""
    return HttpResponse(Path(__file__).with_name("openapi.yaml").read_bytes(), content_type="application/yaml")


def _analysis(partner: Partner, analysis_id: str) -> Analysis:
    analysis = Analysis.objects.filter(partner=partner, pk=analysis_id).first()
    if analysis is None:
        raise Problem(404, "Analysis not found")
    return analysis


def _subject(partner: Partner, subject_id: str) -> Subject:
    subject = Subject.objects.filter(partner=partner, pk=subject_id, deleted_at=None).first()
    if subject is None:
        raise Problem(404, "Subject not found")
    return subject


def _document(analysis: Analysis, level: str) -> Path:
    """One level of the answer; 400 while there is none."""
    if analysis.status != Status.SUCCESS:
        raise Problem(400, "Analysis is not completed")
    return analysis.answer_folder / f"{level}.json"


def _styles_as_switched(body: dict[str, Any]) -> dict[str, Any]:
    """The container of `running_styles` is not documented; tests ask for a single object."""
    styles = body.get("running_styles")
    if styles and switches().running_styles_as_object:
        return {**body, "running_styles": styles[0]}
    return body


def _list_item(row: Analysis) -> dict[str, Any]:
    item: dict[str, Any] = {
        "video_id": row.pk,
        "status": row.status,
        "analysis_type": row.order["view"],
        "created_at": iso(row.created_at),
    }
    if row.subject_id:
        item["subject_id"] = row.subject_id
    return item


def _subject_body(row: Subject) -> dict[str, Any]:
    return {
        "id": row.pk,
        "email": row.email,
        "name": row.name,
        "height": row.height_m,
        "weight": row.weight_kg,
        "created_at": iso(row.created_at),
    }


def _webhook_body(partner: Partner) -> dict[str, Any]:
    if partner.webhook_updated_at is None:
        return {}
    return {
        "url": partner.webhook_url,
        "enabled": partner.webhook_enabled,
        "updated_at": iso(partner.webhook_updated_at),
    }
