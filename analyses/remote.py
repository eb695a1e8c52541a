"""Reach the service behind an account, and remember how that went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Literal, cast

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Organization
from analyses import breaker
from analyses.leaving import listening, refuse_to_send
from analyses.models import ProviderAccount, RemoteSubject
from providers import connect
from providers.base import (
    Config,
    NotFound,
    Provider,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    SubjectData,
)
from providers.metering import SharedMeter
from providers.ochy.answers import UNKNOWN_RUNNER
from providers.pacing import SharedPacer
from subjects.models import Subject


def account_of(organization: Organization) -> ProviderAccount:
    """Return who measures here: what the admin chose, else Ochy where a key is set, else the engine."""
    accounts = ProviderAccount.objects.filter(organization=organization)
    if chosen := chosen_of(accounts):
        return chosen
    kind = ProviderAccount.Kind.OCHY if settings.OCHY_KEY else ProviderAccount.Kind.ENGINE
    account, new = accounts.get_or_create(organization=organization, kind=kind)
    if not new:
        accounts.filter(pk=account.pk).update(chosen_at=timezone.now())
    return account


def chosen_of(accounts: Iterable[ProviderAccount]) -> ProviderAccount | None:
    """Return the one that was chosen last, of an organisation's accounts; None where none was."""
    chosen = [(one.chosen_at, one) for one in accounts if one.chosen_at is not None]
    return max(chosen, key=itemgetter(0))[1] if chosen else None


@contextmanager
def provider_of(
    account: ProviderAccount, *, sends: Subject | None = None, asked_by_person: bool = False
) -> Iterator[Provider]:
    """Open the service of `account`; what keeps it from answering is written on the account for the admin.

    Only with `sends`, the runner it is opened for, can anything of a runner be sent. Raises NotAllowedOut (leaving.py).
    Raises ProviderUnavailable at once while the service is silent (breaker.py), unless a person asks.
    """
    if sends is not None:
        refuse_to_send(account, sends)
    leave = breaker.Leave(after_trouble=True) if asked_by_person else breaker.ask_leave(account)
    config = Config(
        kind=cast(Literal["ochy", "engine"], account.kind),
        url=account.url,
        key=account.key,
        # Organisations that share a key share its limits; the token tells keys apart without telling the key.
        pacer=SharedPacer(settings.REDIS_URL, account.token_of_key[:16], account.url),
        meter=SharedMeter(settings.REDIS_URL, account.kind),
    )
    try:
        with connect(config) as provider:
            if leave.trial:
                breaker.try_one_read(provider)
                breaker.note_answer(account, leave)
            yield provider if sends is not None else listening(provider)
    except ProviderError as error:
        breaker.note_error(account, error, leave)
        if isinstance(error, ProviderUnavailable | ProviderMisconfigured) and error.code != breaker.SILENT:
            ProviderAccount.objects.filter(pk=account.pk).update(
                last_error=sentence_of(error)[:300], last_error_at=timezone.now()
            )
        raise
    breaker.note_answer(account, leave)
    if account.last_error:
        ProviderAccount.objects.filter(pk=account.pk).update(last_error="", last_error_at=None)


def sentence_of(error: ProviderError) -> str:
    """Return what a person reads of it, in their language; providers know none but English."""
    sentence = gettext(error.sentence)
    return sentence % error.values if error.values else sentence


def ensure_subject(provider: Provider, account: ProviderAccount, subject: Subject) -> str:
    """Return the runner's id at the provider, making or updating them there; no name and no e-mail leaves the house.

    The runner's code is the label, so that one made just before a worker died is found again instead of made twice.
    """
    label = str(subject.code)
    data = SubjectData(label=label, height_m=subject.height_m, weight_kg=subject.weight_kg)
    remote, new = RemoteSubject.objects.get_or_create(
        organization=account.organization, account=account, subject=subject
    )
    if not remote.remote_id:
        known = None if new else next((there for there in provider.subjects() if there.label == label), None)
        remote.remote_id = known.remote_id if known else _made_there(provider, remote, data)
    elif (remote.height_m, remote.weight_kg) != (subject.height_m, subject.weight_kg):
        provider.update_subject(remote.remote_id, data)
    told = {"remote_id": remote.remote_id, "height_m": subject.height_m, "weight_kg": subject.weight_kg}
    RemoteSubject.objects.filter(pk=remote.pk).update(**told)  # of a runner who was erased meanwhile no row comes back
    return remote.remote_id


def _made_there(provider: Provider, remote: RemoteSubject, data: SubjectData) -> str:
    """Make the runner at the provider and return the id; that of another worker who was first.

    Two films of a new runner are sent at once: the runner must not become two there, one of whom nobody would erase.
    """
    made = provider.create_subject(data)
    row = RemoteSubject.objects.filter(pk=remote.pk)
    if row.filter(remote_id="").update(remote_id=made):
        return made
    provider.delete_subject(made)
    theirs = row.values_list("remote_id", flat=True).first()
    if not theirs:  # the runner was erased meanwhile
        raise NotFound(UNKNOWN_RUNNER)
    return theirs


def forget_subject(account: ProviderAccount, subject: Subject) -> None:
    """The provider no longer knows this runner: the next order makes them anew."""
    RemoteSubject.objects.filter(account=account, subject=subject).update(remote_id="")
