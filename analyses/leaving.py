"""What may leave the house: asked where a service is opened for a runner, and when an order is made.

A runner who stays in the house is a wall: whatever an order, a worker or an old row says, nothing of theirs goes to
another service than the built-in engine. A service that was not opened for a runner can be asked, and sent nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.utils.translation import gettext as _

from accounts import wall
from accounts.models import Organization
from analyses.models import ProviderAccount, ServiceChoice
from providers.base import Provider, ProviderRefused
from subjects.consents import why_not
from subjects.models import Consent, Subject

SENDING = ("start", "create_subject", "update_subject")


class NotAllowedOut(ProviderRefused):
    """The runner stays in the house, or has not agreed; nothing was sent."""

    code = "not_allowed_out"


def is_house(account: ProviderAccount) -> bool:
    """The engine runs where the operator's settings say; every other service is somebody else's."""
    return account.kind == ProviderAccount.Kind.ENGINE


def account_for(subject: Subject, usual: ProviderAccount) -> ProviderAccount:
    """Return who measures this runner: the engine for one who stays in the house, whatever was chosen; else the
    service chosen for the runner, else for a group of theirs, else the organisation's `usual` one.
    """
    if subject.local_only:
        return usual if is_house(usual) else account_of_kind(subject.organization, ProviderAccount.Kind.ENGINE)
    # A coach who sees only some of the runner's groups orders from the same service as everybody.
    with wall.only(subject.organization_id):
        choices = ServiceChoice.objects.select_related("account")
        if own := choices.filter(subject=subject).first():
            return own.account
        groups = subject.groups.values_list("pk", flat=True) if subject.pk else []
        return account_for_groups(groups, usual)


def account_for_groups(groups: Iterable[int], usual: ProviderAccount) -> ProviderAccount:
    """Return who measures the runners of these groups; of two that differ the engine: nothing leaves by mistake."""
    with wall.only(usual.organization_id):
        choices = ServiceChoice.objects.filter(group__in=list(groups)).select_related("account").order_by("pk")
        accounts = [one.account for one in choices]
    return next(filter(is_house, accounts), accounts[0] if accounts else usual)


def account_of_kind(organization: Organization, kind: str) -> ProviderAccount:
    """Return an organisation's account at this service; a new one measures nothing until it is chosen."""
    account, _new = ProviderAccount.objects.get_or_create(
        organization=organization, kind=kind, defaults={"chosen_at": None}
    )
    return account


def why_not_sent(account: ProviderAccount, subject: Subject) -> str:
    """Return the sentence that says why nothing of this runner may go to this service; empty where it may."""
    if is_house(account):
        return why_not(subject, Consent.Purpose.MEASURING)
    if subject.local_only:
        return _(
            "Films of %(name)s stay in the house: only the built-in engine may measure them. "
            "This can be changed under Privacy."
        ) % {"name": subject.name}
    return why_not(
        subject, Consent.Purpose.OUTSIDE, recipient=account.kind, service=account.get_kind_display()
    ) or why_not(subject, Consent.Purpose.MEASURING)


def refuse_to_send(account: ProviderAccount, subject: Subject) -> None:
    """Raise NotAllowedOut unless this runner's film may go to this service now, whatever was so when it was ordered."""
    today = Subject.objects.select_related("organization").filter(pk=subject.pk).first()
    if today is None:
        raise NotAllowedOut(_("This runner is no longer here. Nothing was sent."))
    if sentence := why_not_sent(account, today):
        raise NotAllowedOut(sentence)


class Listening:
    """A service that answers questions; what would send something of a runner there is not within reach."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        if name in SENDING:
            raise NotAllowedOut(_("The service was not opened for a runner. Nothing was sent."))
        return getattr(self._provider, name)


def listening(provider: Provider) -> Provider:
    return cast(Provider, Listening(provider))
