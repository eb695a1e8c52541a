"""What needs somebody: which analyses stand in the inbox, and under which heading."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization
from analyses.models import Analysis, AnalysisQuerySet, ProviderAccount
from analyses.remote import account_of, chosen_of
from credits.ledger import balance
from credits.levels import rules_of

# Nobody reviews what is under way, so "not reviewed" is all that is open; a partial index holds just these rows.
OPEN = Q(reviewed_at=None)
# Of the open ones:
NEW = Q(status=Analysis.Status.SUCCEEDED)
TROUBLE = Q(status=Analysis.Status.FAILED) | Q(needs_person=True)
UNDER_WAY = Q(status__in=Analysis.Status.unfinished())
WAITING = NEW | TROUBLE

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
    return Analysis.objects.filter(OPEN, WAITING, organization=organization).count()


def few_credits(organization: Organization, accounts: Iterable[ProviderAccount]) -> int | None:
    """Return the credits left where a service charges and they soon run out; None where nobody need think of it.

    `accounts` are all of the organisation's.
    """
    if (chosen_of(accounts) or account_of(organization)).price == 0:
        return None
    left = balance(organization)
    return left if left <= rules_of(organization).low_at else None


def chosen_filter(word: str) -> str:
    """Return the filter of that name, the open ones for anything else."""
    return word if word in FILTERS else "open"


def filtered(rows: AnalysisQuerySet, word: str) -> AnalysisQuerySet:
    return rows.filter(FILTERS[word][1]).select_related("subject", "clip", "account")


def counts(rows: AnalysisQuerySet) -> dict[str, int]:
    """Count the filters that speak of what is left to do, and under "waiting" what the shell tells, in one query."""
    left = {"new": NEW, "failed": TROUBLE, "running": UNDER_WAY, "waiting": WAITING}
    told = {word: Count("pk", filter=which) for word, which in left.items()}
    return rows.filter(OPEN).aggregate(open=Count("pk"), **told)
