"""Results as files for other programs. Whoever may read a result may take it out, and that is on record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.tables import as_csv
from analyses.models import Analysis, Measurement
from reports import actions, exports
from reports.views.finding import finished_or_404
from subjects.models import Subject

AT_ONCE = 500  # rows of a history read at a time


@require_GET
@member_required
def export(request: MemberRequest, code: UUID, form: str) -> HttpResponseBase:
    """Give one analysis in one of FORMS."""
    make = FORMS.get(form)
    if make is None:
        raise Http404
    analysis = finished_or_404(request, code)
    day = timezone.localdate(analysis.ordered_at)
    try:
        response = make(analysis, f"{_stem(analysis.subject)}-{day}")
    except exports.NoLandmarks:
        messages.error(request, _("The service gave no key points, so there is nothing to export here."))
        return redirect("analyses:detail", analysis.code)
    except FileNotFoundError as error:
        raise Http404 from error
    except exports.NoScale:
        said = _("The service gives no scale, so points cannot be written in millimetres. The JSON has them in pixels.")
        messages.error(request, said)
        return redirect("analyses:detail", analysis.code)
    actions.note_export(subject=analysis.subject, what=f"{form} · {day}", by=request.user)
    return response


@require_GET
@member_required
def history(request: MemberRequest, code: UUID) -> HttpResponseBase:
    """Give every number of a runner, from the first film on."""
    runner = access.row(request, Subject, code)
    rows = access.rows(request, Measurement).filter(analysis__subject=runner, analysis__status="succeeded")
    ordered = rows.select_related("analysis__account").order_by("analysis__ordered_at", "analysis_id", "pk")
    actions.note_export(subject=runner, what="history", by=request.user)
    return as_csv(exports.history(ordered.iterator(chunk_size=AT_ONCE)), f"{_stem(runner)}.csv")


def _numbers(analysis: Analysis, stem: str) -> HttpResponseBase:
    return as_csv(exports.numbers(analysis), f"{stem}-numbers.csv")


def _steps(analysis: Analysis, stem: str) -> HttpResponseBase:
    return as_csv(exports.steps(analysis), f"{stem}-steps.csv")


def _json(analysis: Analysis, stem: str) -> HttpResponseBase:
    whole = StreamingHttpResponse(exports.everything(analysis), content_type="application/json; charset=utf-8")
    return _attached(whole, f"{stem}.json")


def _trc(analysis: Analysis, stem: str) -> HttpResponseBase:
    lines = exports.trc(exports.track_of(analysis), f"{stem}.trc")
    return _attached(StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8"), f"{stem}.trc")


def _c3d(analysis: Analysis, stem: str) -> HttpResponseBase:
    # The open file outlives its name, so nothing is left behind however the answer ends.
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="c3d-") as folder:
        file = exports.c3d(analysis, Path(folder) / "points.c3d")
    return FileResponse(file, as_attachment=True, filename=f"{stem}.c3d", content_type="application/octet-stream")


FORMS: dict[str, Callable[[Analysis, str], HttpResponseBase]] = {
    "numbers": _numbers,
    "steps": _steps,
    "json": _json,
    "trc": _trc,
    "c3d": _c3d,
}


def _stem(runner: Subject) -> str:
    return slugify(runner.name, allow_unicode=True) or "runner"


def _attached(response: StreamingHttpResponse, filename: str) -> StreamingHttpResponse:
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return response
