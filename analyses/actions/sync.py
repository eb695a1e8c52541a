"""Compare our books with a service's: what only one side knows is told to an admin, who settles it.

What differs is kept row by row (Drift), so an interrupted comparison has lost nothing and the next one goes on. The
contract lists runners and analyses whole (§4.2, §4.6): two reads, then work only for what differs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import wall
from accounts.models import User
from analyses.actions.order import DEFAULT_HEIGHT_M, DEFAULT_WEIGHT_KG
from analyses.models import Analysis, Drift, ProviderAccount, RemoteSubject
from analyses.remote import provider_of
from clips.actions import take_file
from clips.models import Clip
from clips.probe import NotAFilm
from providers.base import Provider, RemoteAnalysis, State
from providers.base import RemoteSubject as ListedSubject
from subjects.models import Subject

Kind = Drift.Kind


class NotImported(Exception):
    """The analysis cannot be taken over; the sentence says why. Nothing was changed."""


def sync_account(*, account: ProviderAccount) -> int:
    """Write down every difference that is new and settle what is no longer one; return how many are open.

    Raises ProviderError.
    """
    with provider_of(account) as provider:
        runners, films = provider.subjects(), provider.analyses()
    _note(account, Kind.RUNNER_GONE, _gone_runners(account, runners))
    _note(account, Kind.ANALYSIS_GONE, _gone_films(account, films))
    # With the key of the house nobody can say whose an unknown row is, and it must not be shown to the wrong one.
    if account.sealed_key:
        _note(account, Kind.RUNNER_UNKNOWN, _unknown_runners(account, runners))
        _note(account, Kind.ANALYSIS_UNKNOWN, _unknown_films(account, films))
    ProviderAccount.objects.filter(pk=account.pk).update(synced_at=timezone.now())
    return Drift.objects.filter(account=account, settled="").count()


def adopt_runner(*, drift: Drift, subject: Subject | None, name: str = "") -> Subject:
    """From here on the service's runner is `subject`, or a new one called `name`."""
    with transaction.atomic():
        if subject is None:
            about = drift.about
            subject = Subject.objects.create(
                organization=drift.organization,
                name=name,
                height_m=_within(about.get("height_m"), 0.5, 2.5),
                weight_kg=_within(about.get("weight_kg"), 20, 300),
            )
        RemoteSubject.objects.update_or_create(
            organization=drift.organization,
            account=drift.account,
            subject=subject,
            defaults={"remote_id": drift.remote_id, "height_m": None, "weight_kg": None},
        )
        _settle(drift, Drift.Settled.ADOPTED, subject=subject)
    return subject


def import_analysis(*, drift: Drift, subject: Subject, by: User) -> Analysis:
    """Take over an analysis that was started elsewhere: its film as the service drew on it, then its answers.

    The worker that looks after running analyses fetches the answers; it costs nothing. Raises NotImported,
    ProviderError.
    """
    with provider_of(drift.account) as provider:
        clip = _film_of(provider, drift, subject, by)
    with transaction.atomic():
        analysis = Analysis.objects.create(
            organization=drift.organization,
            clip=clip,
            subject=subject,
            account=drift.account,
            view=drift.about.get("view") or Analysis.View.SIDE,
            height_m=subject.height_m or DEFAULT_HEIGHT_M,
            weight_kg=subject.weight_kg or DEFAULT_WEIGHT_KG,
            status=Analysis.Status.RUNNING,
            remote_id=drift.remote_id,
            started_at=timezone.now(),
            ordered_by=by,
        )
        if made_at := drift.about.get("created_at"):
            Analysis.objects.filter(pk=analysis.pk).update(ordered_at=datetime.fromisoformat(made_at))
        analysis.moves.create(organization=drift.organization, old="", new=analysis.status, note="imported")
        _settle(drift, Drift.Settled.ADOPTED, subject=subject)
    return analysis


def leave_drift(*, drift: Drift) -> None:
    """An admin has seen the difference and leaves it; it is not offered again."""
    _settle(drift, Drift.Settled.IGNORED)


def forget_remote_runner(*, drift: Drift) -> None:
    """The service no longer knows the runner: the next film makes them there anew."""
    with transaction.atomic():
        RemoteSubject.objects.filter(account=drift.account, remote_id=drift.remote_id).update(remote_id="")
        _settle(drift, Drift.Settled.ADOPTED)


def _unknown_runners(account: ProviderAccount, listed: Iterable[ListedSubject]) -> dict[str, dict[str, Any]]:
    ours = _known_to_any(account, RemoteSubject)
    return {
        one.remote_id: {"label": one.label or "", "height_m": one.height_m, "weight_kg": one.weight_kg}
        for one in listed
        if one.remote_id not in ours
    }


def _gone_runners(account: ProviderAccount, listed: Iterable[ListedSubject]) -> dict[str, dict[str, Any]]:
    there = {one.remote_id for one in listed}
    known = RemoteSubject.objects.filter(account=account).exclude(remote_id="").select_related("subject")
    return {one.remote_id: {"name": one.subject.name} for one in known if one.remote_id not in there}


def _unknown_films(account: ProviderAccount, listed: Iterable[RemoteAnalysis]) -> dict[str, dict[str, Any]]:
    ours = _known_to_any(account, Analysis)
    return {
        one.remote_id: {
            "view": one.view,
            "state": one.state.value,
            "runner": one.subject_id or "",
            "created_at": one.created_at.isoformat() if one.created_at else "",
        }
        for one in listed
        if one.remote_id not in ours
    }


def _gone_films(account: ProviderAccount, listed: Iterable[RemoteAnalysis]) -> dict[str, dict[str, Any]]:
    """Only those still to be fetched: a finished one has its answers here, whatever the service still keeps."""
    there = {one.remote_id for one in listed}
    open_here = Analysis.objects.filter(account=account).unfinished().exclude(remote_id="").select_related("subject")
    return {one.remote_id: {"name": one.subject.name} for one in open_here if one.remote_id not in there}


def _known_to_any(account: ProviderAccount, rows: type[RemoteSubject | Analysis]) -> set[str]:
    """Every remote id an organisation of this house knows: another's rows are not unknown to the house."""
    with wall.everything("several organisations may have entered the same key"):
        return set(rows.objects.filter(account__kind=account.kind).values_list("remote_id", flat=True))


def _note(account: ProviderAccount, kind: Drift.Kind, found: dict[str, dict[str, Any]]) -> None:
    known = Drift.objects.filter(account=account, kind=kind)
    known.filter(settled="").exclude(remote_id__in=found).update(
        settled=Drift.Settled.VANISHED, settled_at=timezone.now()
    )
    # What vanished and is back is a difference again; what an admin left stays left.
    known.filter(settled=Drift.Settled.VANISHED, remote_id__in=found).update(settled="", settled_at=None)
    Drift.objects.bulk_create(
        [
            Drift(organization=account.organization, account=account, kind=kind, remote_id=remote_id, about=about)
            for remote_id, about in found.items()
        ],
        ignore_conflicts=True,
    )


def _film_of(provider: Provider, drift: Drift, subject: Subject, by: User) -> Clip:
    status = provider.status(drift.remote_id)
    if status.state is not State.SUCCEEDED or not status.film_url:
        raise NotImported(_("This analysis has no result at the service, so there is nothing to take over."))
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / "annotated.mp4"
        with provider.download(status.film_url) as media, path.open("wb") as file:
            for chunk in media:
                file.write(chunk)
        try:
            return take_file(organization=drift.organization, path=path, by=by, subject=subject)
        except NotAFilm as error:
            raise NotImported(_("The service's film cannot be read: %(why)s") % {"why": error}) from error


def _settle(drift: Drift, how: Drift.Settled, **also: Any) -> None:
    Drift.objects.filter(pk=drift.pk).update(settled=how, settled_at=timezone.now(), **also)


def _within(value: object, low: float, high: float) -> float | None:
    return float(value) if isinstance(value, int | float) and low <= value <= high else None
