"""Compare an organisation's ledger with what it was spent on: every night by the clock, or by manage.py check_credits.

Every figure on the pages is summed from the ledger; this says whether the ledger itself agrees with the analyses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from accounts import wall
from accounts.models import Organization
from analyses.models import Analysis
from credits import ledger
from credits.models import Ask, Check, Decision, Entry

log = structlog.get_logger(__name__)

NIGHT_HOUR = 3
AT_LATEST = timedelta(hours=26)  # a portal that is off at night is checked by day
NOT_TWICE_WITHIN = timedelta(hours=12)
KEPT = timedelta(days=400)
KEPT_SENTENCES = 1000
# What failed is removed as well, when numbers have been kept long enough.
MAY_HAVE_FAILED = (Analysis.Status.FAILED, Analysis.Status.REMOVED)


class _Spent(NamedTuple):
    pk: int
    amount: int
    view: str
    service: str


def begin_check() -> Check | None:
    """Return the check that is due, made when it is time; None when it is not."""
    now = timezone.now()
    open_check = Check.objects.filter(finished_at=None).first()
    if open_check:
        return open_check
    last = Check.objects.exclude(finished_at=None).first()
    # A clock may have been set back since.
    since = now - last.finished_at if last and last.finished_at and last.finished_at <= now else AT_LATEST
    at_night = timezone.localtime(now).hour == NIGHT_HOUR
    if since >= AT_LATEST or (at_night and since >= NOT_TWICE_WITHIN):
        return Check.objects.create()
    return None


def carry_out(check: Check) -> Check:
    """Compare everybody's ledger and keep what was found; each difference is a line of the log too."""
    found: list[str] = []
    entries = 0
    for organization in Organization.objects.order_by("pk"):
        with wall.only(organization.pk):
            there = differences(organization)
            entries += Entry.objects.filter(organization=organization).count()
        found += [f"organisation {organization.pk}: {sentence}" for sentence in there]
    for sentence in found:
        log.error("credits_differ", difference=sentence)
    check.entries, check.differences, check.finished_at = entries, found[:KEPT_SENTENCES], timezone.now()
    check.save()
    Check.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()
    return check


@transaction.atomic
def differences(organization: Organization) -> list[str]:
    """Return a sentence for each place where the ledger and what it paid for do not agree."""
    # While this is read no entry is added: an order between two queries would look like a difference.
    Organization.held(organization.pk)
    entries = Entry.objects.filter(organization=organization)
    paying = entries.filter(kind=Entry.Kind.SPEND).order_by()
    columns = paying.values_list("paid_for", "pk", "amount", "view", "service")
    spent = {paid_for: _Spent(*rest) for paid_for, *rest in columns.iterator() if paid_for}  # type: ignore[arg-type]
    back = entries.filter(kind=Entry.Kind.GIVE_BACK).order_by().values_list("returns", flat=True)
    returned = {pk for pk in back.iterator() if pk}
    return [
        *_sums(organization),
        *_analyses(organization, spent, returned),
        *_given_back(entries.filter(kind=Entry.Kind.GIVE_BACK).select_related("returns").iterator()),
        *_decided(organization),
    ]


def _sums(organization: Organization) -> Iterator[str]:
    entries = Entry.objects.filter(organization=organization)
    balance = ledger.balance(organization)
    if balance < 0:
        yield f"the balance is {balance}"
    kinds = {kind: entries.filter(kind=kind).total() for kind in Entry.Kind.values}
    used = -entries.used().total()
    if used != -kinds["spend"] - kinds["give_back"]:
        yield f"{-kinds['spend']} spent less {kinds['give_back']} given back is not {used} used"


def _analyses(organization: Organization, spent: dict[UUID, _Spent], returned: set[int]) -> Iterator[str]:
    rows = (
        Analysis.objects.filter(organization=organization)
        .order_by()
        .values_list("code", "price", "view", "account__kind", "status", "remote_id", "body_sent_at")
    )
    there = set()
    for code, price, view, service, status, remote_id, body_sent_at in rows.iterator():
        there.add(code)
        entry = spent.get(code)
        if entry is None:
            if price:
                yield f"analysis {code} costs {price} and nothing was spent for it"
            continue
        if entry.amount != -price:
            yield f"entry {entry.pk} spends {-entry.amount} on analysis {code}, which costs {price}"
        if (entry.view, entry.service) != (view, service):
            yield f"entry {entry.pk} says {entry.view}, {entry.service}; analysis {code} is {view}, {service}"
        if entry.pk in returned and status not in MAY_HAVE_FAILED:
            yield f"entry {entry.pk} came back, and analysis {code} has not failed"
        never_sent = status == Analysis.Status.FAILED and not remote_id and body_sent_at is None
        if never_sent and entry.pk not in returned:
            yield f"analysis {code} was never sent, and entry {entry.pk} did not come back"
    yield from (
        f"entry {one.pk} paid for an analysis that is not there" for code, one in spent.items() if code not in there
    )


def _given_back(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.returns is None:
            yield f"entry {entry.pk} gives back what was not spent"
        elif (entry.returns.amount, entry.returns.reference) != (-entry.amount, entry.reference):
            yield f"entry {entry.pk} does not give back what entry {entry.returns_id} spent"


def _decided(organization: Organization) -> Iterator[str]:
    decisions = Decision.objects.filter(organization=organization)
    for pk in decisions.filter(gives_back=True, entry__returned=None).values_list("entry", flat=True):
        yield f"entry {pk} was to come back, and did not"
    for pk in decisions.filter(gives_back=False, entry__returned__isnull=False).values_list("entry", flat=True):
        yield f"entry {pk} was to stay spent, and came back"
    for ask in Ask.objects.filter(organization=organization, kind=Ask.Kind.GIFT, agreed=True).select_related("entry"):
        if ask.entry is None or ask.entry.amount != ask.amount:
            yield f"request {ask.pk} was agreed to, and its gift of {ask.amount} is not there"
