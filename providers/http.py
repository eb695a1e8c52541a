"""The one place that talks HTTP: the key goes in here, and nothing that leaves here knows it.

The contract wants the key in the query of every request, and httpx shows addresses in its log, its errors and its
request objects. So the key is added below all of that, in the transport, and our own errors are raised outside of
any `except`, where they carry no httpx error with them.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, BinaryIO
from urllib.parse import quote, quote_plus

import httpx

from providers.base import Kind, Meter, Pacer, ProviderMisconfigured, ProviderUnavailable, UnexpectedAnswer
from providers.words import gettext_noop

logger = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(connect=5, read=60, write=30, pool=5)
MAX_ANSWER_S = 50.0  # httpx bounds each read, not their sum: a byte a minute would otherwise hold a worker for ever
MAX_RETRY_AFTER_S = 86_400.0
MIN_KEY_TO_HIDE = 8  # characters; a shorter key is a test's, and may be part of any word

# Both write whole addresses or headers at INFO and DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class NotReached(ProviderUnavailable):
    """No byte of the request arrived."""

    code = "not_reached"


class BrokenOff(ProviderUnavailable):
    """The request may have arrived; a whole answer did not come back."""

    code = "broken_off"


@dataclass(frozen=True)
class Reply:
    """One whole answer."""

    status: int
    body: bytes
    retry_after_s: float | None = None


@dataclass(frozen=True)
class Upload:
    """One file of a form, streamed from where it lies."""

    field: str
    filename: str
    content_type: str
    file: BinaryIO


class _KeyAdded(httpx.BaseTransport):
    """Add the key to a copy of each request, so that the client's own request, log line and errors never hold it."""

    def __init__(self, inner: httpx.BaseTransport, key: str) -> None:
        self._inner = inner
        self._key = key

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(
            httpx.Request(
                request.method,
                request.url.copy_merge_params({"apiKey": self._key}),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    def close(self) -> None:
        self._inner.close()


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Load the certificates once: it takes longer than many a request."""
    return httpx.create_ssl_context()


def network(*, keep_alive: bool) -> httpx.BaseTransport:
    """Return a way out to the network."""
    limits = httpx.Limits() if keep_alive else httpx.Limits(max_keepalive_connections=0)
    return httpx.HTTPTransport(verify=_trust(), limits=limits)


class Line:
    """A connection to one service under one key."""

    def __init__(
        self,
        url: str,
        key: str,
        pacer: Pacer,
        transport: httpx.BaseTransport | None = None,
        meter: Meter | None = None,
    ) -> None:
        """`transport` replaces the network in tests."""
        self._meter = meter
        self._base = url.rstrip("/")
        self._spellings = {key.encode(), quote(key, safe="").encode(), quote_plus(key).encode()}
        self._pacer = pacer
        # trust_env would let a .netrc add credentials of somebody else's.
        self._client = httpx.Client(
            transport=_KeyAdded(transport or network(keep_alive=True), key), timeout=TIMEOUT, trust_env=False
        )
        # An idle connection can die just as it is used again, which looks like a film lost on its way.
        self._upload_client = httpx.Client(
            transport=_KeyAdded(transport or network(keep_alive=False), key), timeout=TIMEOUT, trust_env=False
        )

    def send(
        self,
        kind: Kind,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: dict[str, str] | None = None,
        upload: Upload | None = None,
        max_bytes: int,
    ) -> Reply:
        """Send one request, once. Raise NotReached or BrokenOff (UnexpectedAnswer beyond `max_bytes`)."""
        client = self._upload_client if upload else self._client
        files = {upload.field: (upload.filename, upload.file, upload.content_type)} if upload else None
        request = client.build_request(method, self._base + path, json=json, data=form, files=files)
        started = time.monotonic()
        with self._pacer.acquire(kind):
            try:
                reply: Reply | ProviderUnavailable = _exchange(client, request, max_bytes)
            except (httpx.TransportError, httpx.DecodingError, OSError) as error:
                reply = unavailable(error)
        elapsed_ms = round((time.monotonic() - started) * 1000)
        outcome = reply.code if isinstance(reply, ProviderUnavailable) else reply.status
        logger.info("%s %s: %s in %d ms", method, path, outcome, elapsed_ms)
        if self._meter:
            self._meter.note(kind, str(outcome), elapsed_ms / 1000)
        if isinstance(reply, ProviderUnavailable):
            raise reply  # outside of the `except`: no httpx error hangs on to it
        return self._without_key(reply)

    def _without_key(self, reply: Reply) -> Reply:
        """Take the key out of a body: some servers repeat the address they were asked for, and bodies are kept."""
        body = reply.body
        for spelling in self._spellings:
            body = body.replace(spelling, b"(key)") if len(spelling) >= MIN_KEY_TO_HIDE else body
        return replace(reply, body=body)

    def close(self) -> None:
        self._client.close()
        self._upload_client.close()


def _exchange(client: httpx.Client, request: httpx.Request, max_bytes: int) -> Reply:
    response = client.send(request, stream=True)
    with bounded(response, max_bytes, too_large=_answer_too_large, within_s=MAX_ANSWER_S) as pieces:
        # Packed once, a piece from the network unpacks to 64 MB at most; packed twice, to a thousand times that.
        if "," in response.headers.get("content-encoding", ""):
            raise _answer_too_large()
        body = b"".join(pieces)
    return Reply(response.status_code, body, retry_after_s(response.headers.get("retry-after")))


def _answer_too_large() -> UnexpectedAnswer:
    return UnexpectedAnswer(
        gettext_noop("The measuring service sent more than any result holds; check its address in the settings."),
        code="answer_too_large",
    )


@contextmanager
def bounded(
    response: httpx.Response,
    max_bytes: int,
    *,
    too_large: Callable[[], Exception],
    within_s: float,
    decoded: bool = True,
) -> Iterator[Iterator[bytes]]:
    """Give the body in pieces and close it at the end; raise `too_large()` or BrokenOff past a bound."""

    def pieces() -> Iterator[bytes]:
        size = 0
        deadline = time.monotonic() + within_s
        for piece in response.iter_bytes() if decoded else response.iter_raw():
            size += len(piece)
            if size > max_bytes:
                raise too_large()
            if time.monotonic() > deadline:
                raise BrokenOff(gettext_noop("The measuring service answers too slowly; try again in a few minutes."))
            yield piece

    try:
        yield pieces()
    finally:
        response.close()


def unavailable(error: Exception) -> ProviderUnavailable:
    """Say what a failed exchange means, from the kind of error alone: its text may hold an address."""
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return NotReached(gettext_noop("The measuring service cannot be reached; try again in a few minutes."))
    if isinstance(error, httpx.TimeoutException):
        return BrokenOff(gettext_noop("The measuring service does not answer; try again in a few minutes."))
    return BrokenOff(gettext_noop("The connection to the measuring service broke off; try again in a few minutes."))


def retry_after_s(header: str | None) -> float | None:
    """Read a Retry-After header, seconds or a date; None when absent or unreadable."""
    if not header:
        return None
    try:
        seconds = float(header) if header.isdigit() else parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def checked_url(url: str, *, https_only: bool) -> str:
    """Return the address of a service, or raise ProviderMisconfigured."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        parsed = httpx.URL("")
    plain_is_fine = not https_only or parsed.host in ("localhost", "127.0.0.1", "::1")
    usable = parsed.scheme == "https" or (parsed.scheme == "http" and plain_is_fine)
    if not usable or not parsed.host or parsed.query or parsed.userinfo or parsed.fragment:
        raise ProviderMisconfigured(
            gettext_noop("The address of the measuring service is not usable; enter one such as %(address)s."),
            values={"address": "https://partner-api.ochy-prod.com"},
            code="bad_url",
        )
    return str(parsed)
