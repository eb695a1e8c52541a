"""What needs somebody: which analyses stand in the inbox, and under which heading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization
from accounts.questions import ask
from analyses.models import Analysis, AnalysisQuerySet, ProviderAccount
from analyses.remote import account_of, chosen_of
from credits.ledger import balance
from credits.models import Rules
from subjects.models import Site, Subject

# Nobody reviews what is under way, so "not reviewed" is all that is open; a partial index holds just these rows.
OPEN = Q(reviewed_at=None)
# Of the open ones:
NEW = Q(status=Analysis.Status.SUCCEEDED)
TROUBLE = Q(status=Analysis.Status.FAILED) | Q(needs_person=True)
UNDER_WAY = Q(status__in=Analysis.Status.unfinished())
WAITING = NEW | TROUBLE
COUNTED = {"open": OPEN, "new": NEW, "failed": TROUBLE, "running": UNDER_WAY, "waiting": WAITING}

# In the order of the page; what is not reviewed stays "open".
FILTERS: dict[str, tuple[str | Promise, Q]] = {
    "open": (pgettext_lazy("to be looked at", "Open"), OPEN),
    "new": (_("New results"), OPEN & NEW),
    "failed": (_("Failed"), OPEN & TROUBLE),
    "running": (_("Under way"), OPEN & UNDER_WAY),
    "reviewed": (_("Reviewed"), Q(reviewed_at__isnull=False)),
}


def needs_somebody(organization: Organization) -> int:
    """Count the results nobody has looked at, the failures, and what a person must decide: the number in the shell."""
    return counts(organization)["waiting"]


def few_credits(organization: Organization, accounts: Iterable[ProviderAccount]) -> int | None:
    """Return the credits left where a service charges and they soon run out; None where nobody need think of it.

    `accounts` are all of the organisation's.
    """
    if (chosen_of(accounts) or account_of(organization)).price == 0:
        return None
    left = balance(organization)
    return left if left <= Rules.of(organization).low_at else None


def chosen_filter(word: str) -> str:
    """Return the filter of that name, the open ones for anything else."""
    return word if word in FILTERS else "open"


def filtered(word: str, *sites: int) -> AnalysisQuerySet:
    """The analyses under a heading; of one place alone where it is named."""
    rows = Analysis.objects.filter(FILTERS[word][1])
    for site in sites:
        rows = rows.filter(subject__in=Subject.objects.at_site(site))
    return rows.listed()


def counts(organization: Organization, at: Site | None = None) -> dict[str, int]:
    """Count the filters that speak of what is left to do, and under "waiting" what the shell tells, in one query.

    Of one place alone where it is named.
    """
    keys = [organization.pk] if at is None else [organization.pk, at.pk]
    told = ask(_counts, *keys) or [(0,) * len(COUNTED)]
    return dict(zip(COUNTED, told[0], strict=True))


def _counts(organization: int, *sites: int) -> QuerySet[Any, Any]:
    rows = Analysis.objects.filter(OPEN, organization=organization)
    for site in sites:
        rows = rows.filter(subject__in=Subject.objects.at_site(site))
    told = {word: Count("pk", filter=which) for word, which in COUNTED.items()}
    return rows.order_by().values("organization").annotate(**told).values_list(*COUNTED)
