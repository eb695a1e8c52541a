"""Which addresses we call: https to the public internet, and the house's own only where the operator allows it.

A webhook lets whoever enters one make our servers ask an address. Without this guard it could be one that only our
servers reach: the database's neighbour, or a cloud's store of keys. So the name is looked up here, every address it
has must be allowed, and the call goes to the very address that was looked at: a name that changes meanwhile gains
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotCalled(Exception):
    """The address is not called; the sentence says why."""


@dataclass(frozen=True)
class Target:
    """Where a call goes: the address that was looked at, and the name it was looked up under."""

    address: Address
    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def is_in_house(self) -> bool:
        return not self.address.is_global


def target_of(url: str) -> Target:
    """Return where to call. Raises NotCalled; OSError where the name cannot be looked up just now."""
    try:
        parts = urlsplit(url)
        # As names stand in headers: a bücher.example is known there as xn--bcher-kva.example.
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:  # such as a port that is none, or a name no name server could know
        raise NotCalled(_not_an_address()) from None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.fragment:
        raise NotCalled(_not_an_address())
    port = port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [_plain(ipaddress.ip_address(str(one[4][0]).partition("%")[0])) for one in found]
    for address in addresses:
        _refuse(address, is_tls=parts.scheme == "https")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(address=addresses[0], host=host, port=port, path=path, is_tls=parts.scheme == "https")


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as IPv6 is judged as what it is."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _refuse(address: Address, *, is_tls: bool) -> None:
    if settings.DEBUG and address.is_loopback:
        return
    # Link-local is never the house: clouds keep the keys of their machines there.
    nobody = address.is_multicast or address.is_unspecified or address.is_link_local
    allowed = settings.WEBHOOKS_IN_HOUSE and address.is_private
    if nobody or not (address.is_global or allowed):
        raise NotCalled(
            _("This address lies in a private network. The operator can allow that; until then use a public one.")
        )
    if not (is_tls or allowed):
        raise NotCalled(_("Only an https address keeps what is sent private. Type one that begins with https."))


def _not_an_address() -> str:
    return _("Type a whole address, such as https://example.org/coachportal.")
