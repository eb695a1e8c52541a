"""Fetch what a signed link points to: without our key, from nowhere unexpected, and not without end."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from providers.base import LinkRefused, Pacer, ProviderError, ProviderUnavailable
from providers.http import TIMEOUT, BrokenOff, bounded, network, retry_after_s, unavailable
from providers.words import gettext_noop

MAX_MEDIA_BYTES = 200_000_000  # an annotated ten-second film has some 20 MB
MAX_MEDIA_S = 600.0  # includes what the reader does with it, such as passing it on to a bucket
DEAD = gettext_noop("The link to this file is no longer valid; ask for the result again.")


class OpenMedia:
    """The bytes of one media link; iterate once."""

    def __init__(self, response: httpx.Response, pieces: Iterator[bytes]) -> None:
        self.content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        length = response.headers.get("content-length", "")
        self.size_bytes = int(length) if length.isascii() and length.isdigit() else None
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in pieces. Raise ProviderUnavailable when they break off, LinkRefused when they do not end."""
        while True:
            try:
                piece = next(self._pieces, None)
                broken: ProviderUnavailable | None = None
            except httpx.TransportError as error:
                broken = unavailable(error)
            if broken:
                raise broken  # outside of the `except`: the httpx error knows the signed link
            if piece is None:
                return
            yield piece


@contextmanager
def opened(link: str, *, home: str, pacer: Pacer, transport: httpx.BaseTransport | None = None) -> Iterator[OpenMedia]:
    """Open `link`, which must be https or lie on `home`'s own address. Raise LinkRefused or ProviderUnavailable."""
    url = _allowed(link, home)
    with (
        httpx.Client(transport=transport or network(keep_alive=False), timeout=TIMEOUT, trust_env=False) as client,
        pacer.acquire("media"),
    ):
        # Films do not shrink; refusing compression keeps a small answer from becoming a huge one.
        request = client.build_request("GET", url, headers={"accept-encoding": "identity"})
        response = _response(client, request)
        failure = _failure(response)
        if failure:
            response.close()
            raise failure
        whole = bounded(response, MAX_MEDIA_BYTES, too_large=_too_large, within_s=MAX_MEDIA_S, decoded=False)
        with whole as pieces:
            yield OpenMedia(response, pieces)


def _response(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    try:
        return client.send(request, stream=True)
    except (httpx.TransportError, OSError) as error:
        failure = unavailable(error)
    raise failure


def _failure(response: httpx.Response) -> ProviderError | None:
    if response.status_code == 200:
        return None
    if response.status_code == 429 or response.status_code >= 500:
        pause_s = retry_after_s(response.headers.get("retry-after"))
        return BrokenOff(
            gettext_noop("The file cannot be fetched just now; try again in a few minutes."), retry_after_s=pause_s
        )
    return LinkRefused(DEAD, http_status=response.status_code)


def _too_large() -> LinkRefused:
    return LinkRefused(
        gettext_noop("The file is larger than %(size)s MB and was not kept; tell whoever runs the measuring service."),
        values={"size": MAX_MEDIA_BYTES // 1_000_000},
        code="media_too_large",
    )


def _allowed(link: str, home: str) -> httpx.URL:
    """Return the address of a link that may be followed: a provider must not send us to machines of our own."""
    try:
        url, ours = httpx.URL(link), httpx.URL(home)
    except (httpx.InvalidURL, TypeError, ValueError):
        url, ours = httpx.URL(""), httpx.URL("")
    at_home = bool(url.host) and (url.scheme, url.host, url.port) == (ours.scheme, ours.host, ours.port)
    if at_home or (url.scheme == "https" and _public(url.host)):
        return url
    raise LinkRefused(gettext_noop("The link to this file leads somewhere we do not go; tell whoever runs the portal."))


def _public(host: str) -> bool:
    """Say whether a host is worth asking: no address of a local network, no bare machine name."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.strip(".") and not host.lower().endswith((".local", ".internal", ".localhost"))
