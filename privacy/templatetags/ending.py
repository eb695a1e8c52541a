"""What the inbox says about consents that soon run out."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from subjects import consents

register = template.Library()


@register.inclusion_tag("privacy/_ending.html", takes_context=True)
def consent_notice(context: RequestContext) -> dict[str, Any]:
    """Tell who may ask again of how many runners a consent soon runs out; others nothing."""
    member = context["member"]
    if not member.can_write:
        return {}
    return {"runners": consents.runners_running_out(member.organization), "days": consents.SOON.days}
