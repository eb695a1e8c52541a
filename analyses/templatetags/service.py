"""What a page says about the service that measures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import RequestContext

from analyses.models import ProviderAccount
from analyses.waiting import trouble_of, why_it_waits

register = template.Library()
register.filter(why_it_waits)


@register.inclusion_tag("analyses/_service_notice.html", takes_context=True)
def service_notice(context: RequestContext, accounts: Iterable[ProviderAccount] | None = None) -> dict[str, Any]:
    """Say why nothing is sent just now, with the admin's button where it helps; nothing when all goes well.

    `accounts` are all of the organisation's, where a page has read them anyway.
    """
    member = context["member"]
    if accounts is None:
        accounts = ProviderAccount.objects.filter(organization=member.organization)
    found = [(account, trouble_of(account)) for account in accounts]
    return {
        "troubles": [(account, text) for account, text in found if text],
        "member": member,
        "csrf_token": context.get("csrf_token"),
    }
