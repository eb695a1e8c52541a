"""What the sign-in page offers."""

from __future__ import annotations

from ipaddress import ip_address

from django import template
from django.conf import settings
from django.http.request import split_domain_port
from django.template import Context

register = template.Library()


@register.simple_tag
def sign_in_service() -> str:
    """Return the name of the service for single sign-on, empty where there is none."""
    return settings.OIDC_NAME if settings.OIDC_URL else ""


@register.simple_tag(takes_context=True)
def passkeys_work(context: Context) -> bool:
    """Whether a browser lets this page ask for a passkey: it belongs to a name, never to an address in figures."""
    domain, _port = split_domain_port(context["request"].get_host())
    try:
        ip_address(domain.strip("[]"))
    except ValueError:
        return True
    return False
