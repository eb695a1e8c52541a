"""What an admin should decide about credits, for pages of any room."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from analyses.charged import undecided
from analyses.models import Analysis
from credits.models import Ask

register = template.Library()


@register.inclusion_tag("analyses/_credit_notices.html", takes_context=True)
def credit_notices(context: RequestContext) -> dict[str, Any]:
    """Show an admin the credits to be decided about, and in the inbox what another admin asks; others nothing."""
    member = context["member"]
    if not member.is_admin:
        return {}
    organization = member.organization
    shown = {"undecided": undecided(Analysis.objects.filter(organization=organization)).count()}
    if context["request"].resolver_match.view_name == "credits:ledger":  # which shows them itself, with buttons
        return shown
    asks = Ask.objects.open().filter(organization=organization).select_related("by")
    return {**shown, "asks": [ask for ask in asks if ask.by_id != member.user_id]}


@register.simple_tag
def credit_is_undecided(analysis: Analysis) -> bool:
    return undecided(Analysis.objects.filter(pk=analysis.pk)).exists()
