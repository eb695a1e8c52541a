"""What the inbox says about webhooks."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from api.models import Endpoint

register = template.Library()


@register.inclusion_tag("api/_notice.html", takes_context=True)
def webhook_notice(context: RequestContext) -> dict[str, Any]:
    """Tell admins which address is called no more because it failed; nothing while all goes well."""
    member = context["member"]
    if not member.is_admin:
        return {"endpoints": []}
    given_up = Endpoint.objects.filter(organization=member.organization)
    return {"endpoints": given_up.filter(disabled_why__in=[Endpoint.Why.SILENT, Endpoint.Why.GONE])}
