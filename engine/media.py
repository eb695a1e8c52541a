"""Thumbnail and annotated film: links that carry their own end, and serving them piece by piece.

A link is signed, not looked up, so that a dead one costs nothing. New on every call.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from django.core.signing import Signer
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from engine.http import Problem
from engine.models import Analysis
from engine.switches import switches

SALT = "engine.media"
TYPES = {".jpg": "image/jpeg", ".mp4": "video/mp4"}
CHUNK_BYTES = 64 * 1024


def link(request: HttpRequest, analysis: Analysis, name: str) -> str:
    """Return the absolute address of one media file, good for the lifetime of a link from now."""
    ends = math.ceil(time.time() + switches().link_lifetime_s)
    path = reverse("media", kwargs={"analysis_id": analysis.pk, "name": name})
    query = urlencode({"expires": ends, "signature": _signature(path, ends)})
    return request.build_absolute_uri(f"{path}?{query}")


def media(request: HttpRequest, analysis_id: str, name: str) -> HttpResponseBase:
    """Serve one media file to whoever holds its link; 403 when the link is dead or was changed."""
    try:
        if request.method not in ("GET", "HEAD"):
            raise Problem(405, "Method Not Allowed")
        _check_link(request)
        analysis = Analysis.objects.filter(pk=analysis_id, status=Analysis.Status.SUCCESS).first()
        if analysis is None or name not in (analysis.thumbnail, analysis.output_video):
            raise Problem(404, "Not Found")
        return _ranged(request, analysis.answer_folder / name)
    except Problem as problem:
        answer = problem.response()
        if problem.status == 405:
            answer["Allow"] = "GET, HEAD"
        return answer


def _signature(path: str, ends: int) -> str:
    return Signer(salt=SALT).signature(f"{path}?{ends}")


def _check_link(request: HttpRequest) -> None:
    ends = request.GET.get("expires", "")
    if not re.fullmatch(r"[0-9]{1,12}", ends):
        raise Problem(403, "Link is not valid")
    given = request.GET.get("signature", "")
    if not constant_time_compare(_signature(request.path, int(ends)), given):
        raise Problem(403, "Link is not valid")
    if time.time() >= int(ends):
        raise Problem(403, "Link has expired")


def _ranged(request: HttpRequest, path: Path) -> HttpResponseBase:
    """Serve a file, or the one range of it that is asked for: players seek that way."""
    content_type = TYPES[path.suffix]
    size = path.stat().st_size
    wanted = re.fullmatch(r"bytes=([0-9]{0,15})-([0-9]{0,15})", request.headers.get("Range", ""))
    if not wanted or wanted[0] == "bytes=-":
        whole = FileResponse(path.open("rb"), content_type=content_type)
        whole["Accept-Ranges"] = "bytes"
        return whole
    first, last = wanted[1], wanted[2]
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = StreamingHttpResponse(_pieces(path, start, end - start + 1), status=206, content_type=content_type)
    part["Content-Length"] = str(end - start + 1)
    part["Content-Range"] = f"bytes {start}-{end}/{size}"
    part["Accept-Ranges"] = "bytes"
    return part


def _pieces(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(CHUNK_BYTES, length))):
            length -= len(piece)
            yield piece
