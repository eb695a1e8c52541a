"""Compare our books with a service's: what only one side knows is told to an admin, who settles it.

What differs is kept row by row (Drift), so an interrupted comparison has lost nothing and the next one goes on. The
contract lists runners and analyses whole: two reads, then work only for what differs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import wall
from accounts.models import User
from analyses.actions.order import DEFAULT_HEIGHT_M, DEFAULT_WEIGHT_KG
from analyses.models import Analysis, Drift, ProviderAccount, RemoteSubject
from analyses.remote import provider_of
from clips.actions import delete_clip, take_file
from clips.models import Clip
from clips.probe import NotAFilm
from providers.base import Provider, RemoteAnalysis, State
from providers.base import RemoteSubject as ListedSubject
from subjects.models import HEIGHT_M, WEIGHT_KG, Subject

Kind = Drift.Kind


class NotImported(Exception):
    """The analysis cannot be taken over; the sentence says why. Nothing was changed."""


class AlreadySettled(Exception):
    """Somebody else has decided about this difference. Nothing was changed."""


def sync_account(*, account: ProviderAccount) -> int:
    """Write down every difference that is new and settle what is no longer one; return how many are open.

    Raises ProviderError.
    """
    # Read before the lists: what is made there while they come is not missing in them.
    our_runners, our_films = _runners_there(account), _films_there(account)
    with provider_of(account) as provider:
        runners, films = provider.subjects(), provider.analyses()
    _note_changes(account, runners)
    _note(account, Kind.RUNNER_GONE, _missing(our_runners, runners))
    _note(account, Kind.ANALYSIS_GONE, _missing(our_films, films))
    # With the key of the house nobody can say whose an unknown row is, and it must not be shown to the wrong one.
    if account.sealed_key:
        _note(account, Kind.RUNNER_UNKNOWN, _unknown_runners(account, runners))
        _note(account, Kind.ANALYSIS_UNKNOWN, _unknown_films(account, films))
    ProviderAccount.objects.filter(pk=account.pk).update(synced_at=timezone.now())
    return Drift.objects.filter(account=account, settled="").count()


def adopt_runner(*, drift: Drift, subject: Subject | None, name: str = "") -> Subject:
    """From here on the service's runner is `subject`, or a new one called `name`. Raises AlreadySettled."""
    with transaction.atomic():
        _settle(drift, Drift.Settled.ADOPTED)
        if subject is None:
            about = drift.about
            subject = Subject.objects.create(
                organization=drift.organization,
                name=name,
                height_m=_within(about.get("height_m"), *HEIGHT_M),
                weight_kg=_within(about.get("weight_kg"), *WEIGHT_KG),
            )
        RemoteSubject.objects.update_or_create(
            organization=drift.organization,
            account=drift.account,
            subject=subject,
            defaults={"remote_id": drift.remote_id, "height_m": None, "weight_kg": None},
        )
        Drift.objects.filter(pk=drift.pk).update(subject=subject)
    return subject


def import_analysis(*, drift: Drift, subject: Subject, by: User) -> Analysis:
    """Take over an analysis that was started elsewhere: its film as the service drew on it, then its answers.

    The worker that looks after running analyses fetches the answers; it costs nothing. Raises NotImported,
    AlreadySettled, ProviderError.
    """
    with provider_of(drift.account) as provider:
        clip = _film_of(provider, drift, subject, by)
    try:
        return _taken_over(drift, subject, clip, by)
    except (AlreadySettled, IntegrityError) as error:
        delete_clip(clip=clip)
        # The latter when it is ours by now, as a start whose answer was lost (one_analysis_per_remote_id).
        raise AlreadySettled from error


@transaction.atomic
def _taken_over(drift: Drift, subject: Subject, clip: Clip, by: User) -> Analysis:
    _settle(drift, Drift.Settled.ADOPTED)
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
    Drift.objects.filter(pk=drift.pk).update(subject=subject)
    return analysis


def leave_drift(*, drift: Drift) -> None:
    """An admin has seen the difference and leaves it; it is not offered again. Raises AlreadySettled."""
    _settle(drift, Drift.Settled.IGNORED)


def forget_remote_runner(*, drift: Drift) -> None:
    """The service no longer knows the runner: the next film makes them there anew. Raises AlreadySettled."""
    with transaction.atomic():
        _settle(drift, Drift.Settled.ADOPTED)
        RemoteSubject.objects.filter(account=drift.account, remote_id=drift.remote_id).update(remote_id="")


def _note_changes(account: ProviderAccount, listed: Iterable[ListedSubject]) -> None:
    """A runner whose figures somebody changed there is told ours anew, with the next film (analyses/remote.py)."""
    there = {one.remote_id: one for one in listed}
    told = RemoteSubject.objects.filter(account=account).exclude(height_m=None, weight_kg=None)
    changed = [
        row.pk
        for row in told
        if (one := there.get(row.remote_id)) is not None
        and (_differ(row.height_m, one.height_m, 0.005) or _differ(row.weight_kg, one.weight_kg, 0.05))
    ]
    RemoteSubject.objects.filter(pk__in=changed).update(height_m=None, weight_kg=None)


def _differ(ours: float | None, theirs: float | None, rounded_by: float) -> bool:
    """Where we said nothing, the service may say what it likes."""
    return ours is not None and (theirs is None or abs(ours - theirs) > rounded_by)


def _unknown_runners(account: ProviderAccount, listed: Iterable[ListedSubject]) -> dict[str, dict[str, Any]]:
    ours = _known_to_any(account, RemoteSubject)
    return {
        one.remote_id: {"label": one.label or "", "height_m": one.height_m, "weight_kg": one.weight_kg}
        for one in listed
        if one.remote_id not in ours
    }


def _runners_there(account: ProviderAccount) -> dict[str, dict[str, Any]]:
    known = RemoteSubject.objects.filter(account=account).exclude(remote_id="")
    return {remote_id: {"name": name} for remote_id, name in known.values_list("remote_id", "subject__name")}


def _films_there(account: ProviderAccount) -> dict[str, dict[str, Any]]:
    """Only those still to be fetched: a finished one has its answers here, whatever the service still keeps."""
    known = Analysis.objects.filter(account=account).unfinished().exclude(remote_id="")
    return {remote_id: {"name": name} for remote_id, name in known.values_list("remote_id", "subject__name")}


def _missing(
    ours: dict[str, dict[str, Any]], listed: Iterable[ListedSubject | RemoteAnalysis]
) -> dict[str, dict[str, Any]]:
    there = {one.remote_id for one in listed}
    return {remote_id: about for remote_id, about in ours.items() if remote_id not in there}


def _unknown_films(account: ProviderAccount, listed: Iterable[RemoteAnalysis]) -> dict[str, dict[str, Any]]:
    ours = _known_to_any(account, Analysis)
    # What may be a start of ours whose answer has not come yet is no difference.
    no_answer = Analysis.objects.filter(account=account, status__in=(Analysis.Status.SENDING, Analysis.Status.UNSURE))
    awaited = RemoteSubject.objects.filter(account=account, subject__in=no_answer.order_by().values("subject"))
    runners = set(awaited.values_list("remote_id", flat=True))
    return {
        one.remote_id: {
            "view": one.view,
            "state": one.state.value,
            "runner": one.subject_id or "",
            "created_at": one.created_at.isoformat() if one.created_at else "",
        }
        for one in listed
        if one.remote_id not in ours and one.subject_id not in runners
    }


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
            raise NotImported(_("The service’s film cannot be read: %(why)s") % {"why": error}) from error


def _settle(drift: Drift, how: Drift.Settled) -> None:
    # What it was in the filter is the lock: of two who press a button at once, one settles it.
    if not Drift.objects.filter(pk=drift.pk, settled="").update(settled=how, settled_at=timezone.now()):
        raise AlreadySettled


def _within(value: object, low: float, high: float) -> float | None:
    return float(value) if isinstance(value, int | float) and low <= value <= high else None
