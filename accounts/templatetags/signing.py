"""What the sign-in page offers."""

from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def sign_in_service() -> str:
    """Return the name of the service for single sign-on, empty where there is none."""
    return settings.OIDC_NAME if settings.OIDC_URL else ""
