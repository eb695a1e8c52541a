"""Ochy's thirteen operations over HTTP: paths, what may be repeated, and which error each answer becomes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import PurePath
from typing import Any, BinaryIO, Self, TypeVar
from urllib.parse import quote

import httpx
import stamina

from providers.base import (
    Config,
    Document,
    KeyMissing,
    Media,
    NotFound,
    ProviderRefused,
    ProviderUnavailable,
    RemoteAnalysis,
    RemoteSubject,
    Started,
    StartNotSent,
    StartOrder,
    StartUnsure,
    Status,
    SubjectData,
    Webhook,
)
from providers.http import BrokenOff, Line, Reply, Upload, checked_url
from providers.media import opened
from providers.ochy import limits, wire
from providers.ochy.answers import UNSURE, About, refusal, start_refusal, unexpected
from providers.pacing import shared_pacer
from providers.words import gettext_noop

# The last two are published in prose alone, without their paths: these are our reading of it.
PATHS = {
    "start": "/analysis/start",
    "analyses": "/analysis",
    "results": "/analysis/{id}/results",
    "calculated": "/analysis/{id}/results/calculated_data",
    "raw": "/analysis/{id}/results/raw_data",
    "subjects": "/subjects",
    "subject": "/subjects/{id}",
    "webhook": "/webhook",
    "delete_subject": "/subjects/{id}/delete",
    "subject_analyses": "/subjects/{id}/analyses",
}
MAX_BYTES = 16_000_000
MAX_RAW_BYTES = 128_000_000  # 600 frames of 33 points are some 3 MB; ten times that is still a result
READ_ATTEMPTS = 3
LONGEST_PAUSE_S = 10.0  # asked for longer, the caller comes back later instead of blocking a worker

T = TypeVar("T")


class OchyClient:
    """The provider `ochy`, and our own engine under the same contract."""

    def __init__(self, config: Config, transport: httpx.BaseTransport | None = None) -> None:
        """`transport` replaces the network in tests."""
        key = config.key.strip()
        if not key:
            raise KeyMissing(gettext_noop("The measuring service has no key yet; enter one in the settings."))
        self._url = checked_url(config.url, https_only=config.kind == "ochy")
        self._https_only = config.kind == "ochy"
        self._pacer = config.pacer or shared_pacer(self._url)
        self._transport = transport
        self._line = Line(self._url, key, self._pacer, transport, config.meter)

    def __repr__(self) -> str:
        return f"<OchyClient {self._url}>"

    def start(self, film: BinaryIO, *, filename: str, content_type: str, order: StartOrder) -> Started:
        """Upload `film`, streamed. Raise StartNotSent only if no byte left, StartUnsure if no whole answer came."""
        limits.check_order(order)
        # The service looks at the extension alone, and a file's own name often is a person's.
        upload = Upload("video", "film" + PurePath(filename).suffix.lower(), content_type, film)
        try:
            reply = self._line.send(
                "start", "POST", PATHS["start"], form=wire.start_form(order), upload=upload, max_bytes=MAX_BYTES
            )
        except BrokenOff:
            raise StartUnsure(UNSURE) from None
        except ProviderUnavailable as error:
            raise StartNotSent(
                error.sentence, values=error.values, code=error.code, retry_after_s=error.retry_after_s
            ) from None
        if not 200 <= reply.status < 300:
            raise start_refusal(reply, with_subject=order.subject_id is not None)
        with contextlib.suppress(wire.Unreadable):
            remote_id = wire.parse_started(wire.parse_document(reply.body).data)
            if remote_id is not None:
                return Started(remote_id)
        raise StartUnsure(UNSURE, http_status=reply.status)

    def status(self, remote_id: str) -> Status:
        """Ask how an analysis is doing. 202 and 400 can be answers like any other: the body's `status` decides."""
        reply = self._read("results", "analysis", remote_id)
        if 200 <= reply.status < 300 or reply.status == 400:
            with contextlib.suppress(wire.Unreadable):
                status = wire.parse_status(remote_id, wire.parse_document(reply.body))
                if status is not None:
                    return status
        if 200 <= reply.status < 300:
            raise unexpected(reply)
        raise refusal(reply, "analysis")

    def calculated(self, remote_id: str) -> Document:
        return self._document(self._read("calculated", "numbers", remote_id), "numbers")

    def raw(self, remote_id: str) -> Document:
        return self._document(self._read("raw", "numbers", remote_id, max_bytes=MAX_RAW_BYTES), "numbers")

    def analyses(self) -> list[RemoteAnalysis]:
        return wire.parse_analyses(self._document(self._read("analyses", "account"), "account").data)

    def create_subject(self, data: SubjectData) -> str:
        """Create a runner, once. A lost answer may leave one nobody knows: it costs nothing and shows in subjects()."""
        limits.check_subject(data)
        reply = self._write("POST", "subjects", json=wire.subject_body(data))
        return self._needed(reply, "account", wire.parse_subject_id)

    def subject(self, subject_id: str) -> RemoteSubject:
        return self._needed(self._read("subject", "subject", subject_id), "subject", wire.parse_subject)

    def subjects(self) -> list[RemoteSubject]:
        return wire.parse_subjects(self._document(self._read("subjects", "account"), "account").data)

    def update_subject(self, subject_id: str, data: SubjectData) -> None:
        limits.check_subject(data)
        self._done(self._write("PUT", "subject", subject_id, json=wire.subject_body(data)), "subject")

    def delete_subject(self, subject_id: str) -> None:
        self._done(self._write("POST", "delete_subject", subject_id), "subject")

    def subject_analyses(self, subject_id: str) -> list[str]:
        reply = self._read("subject_analyses", "subject", subject_id)
        return wire.parse_subject_analyses(self._document(reply, "subject").data)

    def webhook(self) -> Webhook | None:
        return wire.parse_webhook(self._document(self._read("webhook", "webhook"), "webhook").data)

    def set_webhook(self, url: str, enabled: bool) -> Webhook:
        """Register where to call. Ochy takes https alone; our engine may be switched to take more."""
        if self._https_only and not url.startswith("https://"):
            raise ProviderRefused(
                gettext_noop(
                    "The measuring service calls only addresses that begin with https://; give the portal one."
                ),
                code="webhook_refused",
            )
        reply = self._write("PUT", "webhook", json={"url": url, "enabled": enabled})
        return wire.parse_webhook(self._document(reply, "webhook").data) or Webhook(url, enabled)

    def download(self, link: str) -> AbstractContextManager[Media]:
        return opened(link, home=self._url, pacer=self._pacer, transport=self._transport)

    def close(self) -> None:
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, name: str, about: About, remote_id: str | None = None, *, max_bytes: int = MAX_BYTES) -> Reply:
        """Send a GET, again after a pause while the service has trouble; return the reply, whatever it says."""
        path = _path(name, remote_id)
        for attempt in stamina.retry_context(
            on=_pause, attempts=READ_ATTEMPTS, wait_initial=0.5, wait_max=5.0, wait_jitter=0.5, timeout=None
        ):
            with attempt:
                reply = self._line.send("read", "GET", path, max_bytes=max_bytes)
                if reply.status == 429 or reply.status >= 500:
                    raise refusal(reply, about)
        return reply

    def _write(self, method: str, name: str, remote_id: str | None = None, *, json: Any = None) -> Reply:
        return self._line.send("write", method, _path(name, remote_id), json=json, max_bytes=MAX_BYTES)

    def _done(self, reply: Reply, about: About) -> None:
        if not 200 <= reply.status < 300:
            raise refusal(reply, about)

    def _document(self, reply: Reply, about: About) -> Document:
        self._done(reply, about)
        with contextlib.suppress(wire.Unreadable):
            return wire.parse_document(reply.body)
        raise unexpected(reply)

    def _needed(self, reply: Reply, about: About, parse: Callable[[Any], T | None]) -> T:
        """Return what `parse` finds in the reply; raise UnexpectedAnswer when it finds nothing."""
        found = parse(self._document(reply, about).data)
        if found is None:
            raise unexpected(reply)
        return found


def _path(name: str, remote_id: str | None) -> str:
    """Fill in an id, which is opaque and may hold anything: it must not lead to another path."""
    if remote_id is None:
        return PATHS[name]
    if remote_id.strip(".") == "" or len(remote_id) > 64:
        raise NotFound(gettext_noop("The measuring service cannot know this id; it was not given by the service."))
    return PATHS[name].format(id=quote(remote_id, safe=""))


def _pause(error: Exception) -> bool | float:
    """Say whether to read again, and after how many seconds when the service named them."""
    if not isinstance(error, ProviderUnavailable):
        return False
    if not error.retry_after_s:  # it named none, or no pause at all
        return True
    return error.retry_after_s if error.retry_after_s <= LONGEST_PAUSE_S else False
