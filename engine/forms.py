"""Reading what a partner sends: the start form, subjects, the webhook. A mistyped field is an error, never ignored."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict

from engine import settings
from engine.http import Problem, field_error, json_object
from engine.order import LANGUAGES, Order, View
from engine.uploads import ReceivedFilm

PACE = re.compile(r"[0-9]{2}:[0-9]{2}", re.ASCII)
MAX_HEIGHT_M = 3.0  # ours: more can only be centimetres
# Scheme, host name or IPv4, port, path and query in the characters of RFC 3986; no user, no fragment.
ADDRESS = re.compile(
    r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?([/?][A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?"
)


@dataclass(frozen=True)
class StartForm:
    """One well-formed `POST /analysis/start`; whether it may start is not known yet."""

    video: ReceivedFilm
    order: Order
    subject_id: str | None
    notify_via_webhook: bool


def read_start(request: HttpRequest) -> StartForm:
    """Return the start form; 422 with every error at once."""
    fields, files = _multipart(request)
    reader = _Fields(fields)
    view = reader.one("analysis_type", _choice(get_args(View)), None)
    treadmill = reader.one("treadmill", _boolean, False)
    pace_s = reader.one("pace", _pace, None)
    height_m = reader.one("height", _number(MAX_HEIGHT_M), Order.height_m)
    weight_kg = reader.one("weight", _number(math.inf), Order.weight_kg)
    language = reader.one("language", _choice(LANGUAGES), "en")
    full_body = reader.one("full_body", _boolean, True)
    subject_id = reader.one("subject_id", str, None)
    notify = reader.one("notify_via_webhook", _boolean, False)
    if "analysis_type" not in fields:
        reader.error("analysis_type", "Field required")
    if treadmill and "pace" not in fields:
        reader.error("pace", "pace is required when treadmill is true")
    video = files.get("video")
    if not isinstance(video, ReceivedFilm):
        reader.error("video", "A file is required")
    reader.refuse_unknown(files)
    order = Order(
        view=view,
        treadmill=treadmill,
        pace_s_per_km=pace_s,
        height_m=height_m,
        weight_kg=weight_kg,
        language=language,
        full_body=full_body,
    )
    assert isinstance(video, ReceivedFilm)  # refuse_unknown() has raised otherwise
    return StartForm(video, order, subject_id, notify)


def read_subject(request: HttpRequest) -> dict[str, Any]:
    """Return the columns of a subject that the body names; on an update the others stay."""
    known: dict[str, tuple[str, Callable[[Any], bool], str]] = {
        "email": ("email", _is_text, "a string"),
        "name": ("name", _is_text, "a string"),
        "height": ("height_m", _is_number, "a number"),
        "weight": ("weight_kg", _is_number, "a number"),
    }
    body = json_object(request)
    errors = [field_error(key, "Unknown field") for key in body if key not in known]
    for key, (_, fits, kind) in known.items():
        if key in body and not fits(body[key]):
            errors.append(field_error(key, f"Must be {kind}"))
    if errors:
        raise Problem(422, errors)
    return {known[key][0]: value for key, value in body.items()}


def read_webhook(request: HttpRequest) -> tuple[str, bool]:
    """Return address and switch of `PUT /webhook`; HTTPS only, unless the development switch is on."""
    body = json_object(request)
    errors = [field_error(key, "Unknown field") for key in body if key not in {"url", "enabled"}]
    url, enabled = body.get("url"), body.get("enabled")
    if not isinstance(url, str) or not _is_webhook_address(url):
        errors.append(field_error("url", "url must be an HTTPS address"))
    if not isinstance(enabled, bool):
        errors.append(field_error("enabled", "enabled must be true or false"))
    if errors:
        raise Problem(422, errors)
    return str(url), bool(enabled)


class _Fields:
    """The text fields of a form, read one by one; errors are collected."""

    def __init__(self, fields: QueryDict) -> None:
        self.fields = fields
        self.known: set[str] = {"video"}
        self.errors: list[dict[str, Any]] = []

    def one(self, name: str, read: Callable[[str], Any], default: Any) -> Any:
        """Return the field read by `read`, or `default` when it was not sent or cannot be read."""
        self.known.add(name)
        if name not in self.fields:
            return default
        try:
            return read(str(self.fields[name]))
        except ValueError as error:
            self.error(name, str(error))
            return default

    def error(self, name: str, message: str) -> None:
        """Keep one error for the 422."""
        self.errors.append(field_error(name, message))

    def refuse_unknown(self, files: MultiValueDict[str, Any]) -> None:
        """Raise the 422 if anything was wrong, unknown fields included: a mistyped name is none of ours."""
        self.errors += [field_error(name, "Unknown field") for name in self.fields if name not in self.known]
        self.errors += [field_error(name, "This field is no file") for name in files if name != "video"]
        if "video" in self.fields:
            self.errors.append(field_error("video", "video must be a file"))
        if self.errors:
            raise Problem(422, self.errors)


def _multipart(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    if request.content_type != "multipart/form-data":
        raise Problem(422, [field_error("", "The body must be multipart/form-data")])
    try:
        return request.POST, request.FILES
    except RequestDataTooBig as error:
        raise Problem(413, "Form fields exceed 1 MB") from error
    except (MultiPartParserError, SuspiciousOperation, BadRequest, UnicodeError) as error:
        raise Problem(422, [field_error("", "The form cannot be read")]) from error


def _choice(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError("Must be one of " + ", ".join(allowed))
        return text

    return read


def _boolean(text: str) -> bool:
    # "True" is what Python's own clients send for True.
    if text.lower() not in {"true", "false"}:
        raise ValueError("Must be true or false")
    return text.lower() == "true"


def _number(highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        # float() also reads "1_000", " 1 " and "nan", which no JSON number is.
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII) or not math.isfinite(float(text)):
            raise ValueError("Must be a number")
        if not 0 < float(text) <= highest:
            raise ValueError("Must be above 0" + (f" and at most {highest:g} (metres)" if highest < math.inf else ""))
        return float(text)

    return read


def _pace(text: str) -> float:
    """Seconds per kilometre from MM:SS; the contract's pattern lets 05:75 through."""
    if not PACE.fullmatch(text):
        raise ValueError("Must be MM:SS")
    seconds = int(text[:2]) * 60 + int(text[3:])
    if not seconds:
        raise ValueError("Must be more than 00:00")
    return float(seconds)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _is_webhook_address(url: str) -> bool:
    return bool(ADDRESS.fullmatch(url)) and (url.startswith("https://") or settings.ALLOW_HTTP_WEBHOOKS)
