"""Choose who measures for an organisation, and see whether it answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from analyses.actions.pause import KEY_REFUSED, resume
from analyses.leaving import account_of_kind
from analyses.models import ProviderAccount, ServiceChoice
from analyses.remote import provider_of, sentence_of
from providers.base import ProviderError
from subjects.models import Group, Subject


@transaction.atomic
def choose_service(
    *, organization: Organization, kind: str, key: str, by: User, only_key: bool = False
) -> ProviderAccount:
    """Measure with this service from now on; an empty `key` keeps the one there is. What runs goes on where it is.

    With `only_key` who measures stays as it is: the service is there for groups and runners it is chosen for.
    """
    account = account_of_kind(organization, kind)
    if not only_key:
        account.chosen_at = timezone.now()
    if key:
        account.key = key
        account.webhook_registered_at = None
        record(organization=organization, by=by, action=AuditEntry.Action.KEY_CHANGED, about=account.kind)
    account.last_error, account.last_error_at = "", None
    # Only what was chosen here: workers write the rest, as the address they are called at, at any time.
    chosen = ["chosen_at", "sealed_key", "webhook_registered_at", "last_error", "last_error_at"]
    account.save(update_fields=chosen)
    # Who enters a key or chooses anew has seen to what stopped it.
    resume(account)
    if not only_key:
        record(organization=organization, by=by, action=AuditEntry.Action.PROVIDER_CHANGED, about=account.kind)
    return account


@transaction.atomic
def choose_service_for(*, whom: Subject | Group, kind: str, by: User) -> None:
    """Have this service measure one runner, or a group's runners, from now on; an empty `kind` takes that back."""
    of_whom = {"subject": whom} if isinstance(whom, Subject) else {"group": whom}
    ServiceChoice.objects.filter(**of_whom).delete()
    if kind:
        account = account_of_kind(whom.organization, kind)
        ServiceChoice.objects.create(organization=whom.organization, account=account, **of_whom)
    service = kind or "as usual"
    record(
        organization=whom.organization,
        by=by,
        action=AuditEntry.Action.PROVIDER_CHANGED,
        # The record does not name a runner: their pseudonym does.
        about=service if isinstance(whom, Subject) else f"{service} · {whom.name}",
        runner=whom.code if isinstance(whom, Subject) else None,
    )


@dataclass(frozen=True)
class TestResult:
    """What came of asking the service."""

    works: bool
    sentence: str


def test_service(*, account: ProviderAccount) -> TestResult:
    """Ask the service with our key, without spending anything."""
    try:
        with provider_of(account, asked_by_person=True) as provider:
            there = len(provider.analyses())
    except ProviderError as error:
        return TestResult(works=False, sentence=sentence_of(error))
    if account.paused_code in {refusal.code for refusal in KEY_REFUSED}:
        resume(account)
    sentence = gettext("%(provider)s answers and accepts our key; it lists %(count)d analyses.")
    return TestResult(works=True, sentence=sentence % {"provider": account, "count": there})
