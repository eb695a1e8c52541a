"""Erase a runner everywhere, prove it, and forget them again after an older backup was restored."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import wall
from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from accounts.record import pseudonym
from accounts.sealed import seal, unseal
from analyses.leaving import is_house
from analyses.models import Analysis, ProviderAccount, RemoteSubject
from analyses.remote import provider_of
from clips import storage
from clips.models import Clip
from credits import ledger
from privacy.belongings import Belongings, Marks, belongings_of, chunks, marks_of, words
from privacy.models import Tombstone
from privacy.traces import forget_jobs, search
from providers.base import NotFound, ProviderError
from subjects import imports
from subjects.models import Subject

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=30)  # a search through a large database takes minutes
AGAIN_AFTER = timedelta(hours=1)
FOLDER = "tombstones/"
TRIES = 3


def erase_subject(*, subject: Subject, by: User | None) -> Tombstone:
    """Remove every row of a runner at once; afterwards nobody finds them, and a tombstone says what is still to do.

    Files, services and the proof follow in `finish_erasure`. Whatever is being measured for them comes to nothing; what
    had not been sent gives its credit back.
    """
    tombstone, jobs = _erase_rows(subject, by)
    tombstone.report["jobs"] = forget_jobs(jobs)
    tombstone.save(update_fields=["report"])
    return tombstone


def _erase_rows(subject: Subject, by: User | None) -> tuple[Tombstone, dict[str, set[Any]]]:
    for _ in range(TRIES - 1):
        # A worker may write a row of theirs between the search and the commit: it is found by the next search.
        with contextlib.suppress(IntegrityError):
            return _erase_rows_once(subject, by)
    return _erase_rows_once(subject, by)


def _erase_rows_once(subject: Subject, by: User | None) -> tuple[Tombstone, dict[str, set[Any]]]:
    """Return the tombstone, and the numbers with which jobs about the runner were called. Raises IntegrityError."""
    found = belongings_of(subject)
    marks = marks_of(found)
    with transaction.atomic():
        tombstone = _tombstone(found, marks, by)
        never_sent = []
        for analysis in _held(found):
            new = f"erased:{pseudonym(analysis.code)}"
            ledger.rename_reference(organization=subject.organization, old=analysis.reference, new=new)
            if analysis.cannot_have_arrived:
                never_sent.append(new)
        numbers = _strike_out(subject, marks)
        imports.forget_waiting(organization=subject.organization)
        _delete(found)
        for reference in never_sent:
            ledger.give_back(organization=subject.organization, reference=reference, reason="erased")
        for path in settings.AFTER_ERASING:
            import_string(path)(subject)
        record(
            organization=subject.organization,
            by=by,
            action=AuditEntry.Action.ERASED,
            about=f"{sum(tombstone.report['rows'].values())} rows",
            runner=subject.code,
            strikes=numbers,
        )
    numbers_of_jobs = {"analysis_id": Analysis, "clip_id": Clip, "subject_id": Subject}
    return tombstone, {name: found.pks.get(model, set()) for name, model in numbers_of_jobs.items()}


def _held(found: Belongings) -> Iterator[Analysis]:
    """Yield the analyses, their rows locked: what was not sent is not sent any more."""
    for some in chunks(found.pks.get(Analysis, set())):
        yield from Analysis._base_manager.filter(pk__in=some).order_by("pk").select_for_update()


def _tombstone(found: Belongings, marks: Marks, by: User | None) -> Tombstone:
    remote, to_ask = _at_services(found)
    report = {
        "rows": {str(model._meta.verbose_name): len(found.pks[model]) for model in found.models},
        "kept_films": found.kept_films,
    }
    fields: dict[str, Any] = {
        "hashes": marks.hashes,
        "erased_by": by,
        "erased_at": timezone.now(),
        "remote": remote,
        "to_ask": to_ask,
        "sealed_marks": seal(marks.as_text()),
        "report": report,
        "finished_at": None,
        "lease_until": None,
        "due_at": timezone.now(),
    }
    return Tombstone.objects.update_or_create(
        organization=found.subject.organization, subject_key=pseudonym(found.subject.code), defaults=fields
    )[0]


def _at_services(found: Belongings) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return whom to tell, and what only a letter erases: no service offers to delete an analysis."""
    remote, to_ask = [], []
    for row in found.rows(RemoteSubject):
        if row.remote_id:
            remote.append({"account": row.account_id, "subject": row.remote_id})
    accounts = {one.pk: one for one in ProviderAccount.objects.filter(organization=found.subject.organization)}
    people = {one["account"]: one["subject"] for one in remote}
    by_account: dict[int, list[str]] = {}
    for analysis in found.rows(Analysis):
        if is_house(accounts[analysis.account_id]):
            continue
        if analysis.remote_id:
            by_account.setdefault(analysis.account_id, []).append(analysis.remote_id)
        elif analysis.account_id in people and _may_be_there(analysis):
            by_account.setdefault(analysis.account_id, [])  # the service finds it by the runner
    for account_id, analyses in by_account.items():
        service = accounts[account_id].get_kind_display()
        to_ask.append({"service": service, "subject": people.get(account_id, ""), "analyses": analyses})
    return remote, to_ask


def _may_be_there(analysis: Analysis) -> bool:
    """Tell whether the film was sent, and no answer came that says under which number, or that it was refused."""
    no_answer = analysis.status in (Analysis.Status.SENDING, Analysis.Status.UNSURE)
    return no_answer and analysis.body_sent_at is not None


def _strike_out(subject: Subject, marks: Marks) -> list[int]:
    """Take the words about the runner out of the record; return the numbers of the entries."""
    entries = AuditEntry.objects.filter(organization=subject.organization).exclude(about="")
    theirs = set(entries.of_runner(subject.code).values_list("number", flat=True))
    for number, about in entries.values_list("number", "about").iterator(chunk_size=2000):
        if marks.are_in(about) or marks.name_is_in(about):
            theirs.add(number)
    struck: list[int] = []
    for some in chunks(theirs):
        struck += AuditEntry.objects.filter(organization=subject.organization, number__in=some).strike_out()
    return struck


def _delete(found: Belongings) -> None:
    for model, name, pks in found.loosened:
        for some in chunks(pks):
            model._base_manager.filter(pk__in=some).update(**{name: None})
    for model, pks in found.pks.items():
        for some in chunks(pks):
            # References are checked at the commit, so the order of the tables does not matter.
            rows: models.QuerySet[Any] = model._base_manager.filter(pk__in=some)
            rows._raw_delete(rows.db)


def finish_erasure(*, tombstone: Tombstone) -> None:
    """Remove the files, tell the services, and search everywhere for what might be left; done when all three are.

    May run twice. What a worker stored late is found by a second turn, or by `forget_again`.
    """
    if not tombstone.lease(timezone.now() + LEASE):
        return
    tombstone.refresh_from_db()
    keep_tombstone(tombstone)
    count, size_bytes = sweep(set(tombstone.hashes))
    report = tombstone.report
    report["files"] = report.get("files", 0) + count
    report["bytes"] = report.get("bytes", 0) + size_bytes
    told = _tell_services(tombstone)
    report["told"] = report.get("told", 0) + told
    looked = search(Marks.from_text(unseal(tombstone.sealed_marks)))
    report["searched"] = {
        "tables": looked.tables,
        "rows": looked.rows,
        "files": looked.files,
        "redis_keys": looked.redis_keys,
        "found": sum(looked.tokens.values()),
        "found_in": dict(looked.tokens),
        "named": dict(looked.names),
    }
    done = not tombstone.remote and looked.redis_keys is not None and not looked.tokens
    tombstone.lease_until = None
    if done:
        tombstone.finished_at, tombstone.sealed_marks = timezone.now(), ""
    else:
        tombstone.due_at = timezone.now() + AGAIN_AFTER
        log.warning("erasing_goes_on", tombstone=str(tombstone.code), found=sum(looked.tokens.values()))
    tombstone.save()


def _tell_services(tombstone: Tombstone) -> int:
    """Delete the runner at the services that still know them; who does not answer is asked again later."""
    waiting = []
    for item in tombstone.remote:
        account = ProviderAccount.objects.get(pk=item["account"])
        try:
            with provider_of(account, asked_by_person=True) as provider:
                provider.delete_subject(item["subject"])
        except NotFound:
            log.info("already_gone_there", tombstone=str(tombstone.code), provider=account.kind)
        except ProviderError as error:
            log.warning("service_not_told", tombstone=str(tombstone.code), provider=account.kind, code=error.code)
            waiting.append(item)
    told = len(tombstone.remote) - len(waiting)
    tombstone.remote = waiting
    return told


def sweep(hashes: set[str]) -> tuple[int, int]:
    """Delete every stored file in whose key one of these codes stands; return how many, and their bytes."""
    count = size_bytes = 0
    for key in list(storage.every_key()):
        if any(pseudonym(word) in hashes for word in words(key)):
            size_bytes += storage.size_bytes(key)
            storage.delete(key)
            count += 1
    return count, size_bytes


def note_letter(*, tombstone: Tombstone, by: User) -> None:
    """A person has asked the services by letter; the ids there are no longer needed here."""
    services = ", ".join(item["service"] for item in tombstone.to_ask)
    if not services:
        return
    with transaction.atomic():
        tombstone.to_ask, tombstone.asked_at = [], timezone.now()
        tombstone.save(update_fields=["to_ask", "asked_at"])
        about = f"Asked by letter: {services}"
        record(organization=tombstone.organization, by=by, action=AuditEntry.Action.ERASED, about=about)


# ── after a restore ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Forgotten:
    """What a restored backup had brought back."""

    tombstones: int
    runners: int
    films: int
    files: int


def keep_tombstone(tombstone: Tombstone) -> None:
    """Write the tombstone beside the films too: a database restored from before the erasing does not know it."""
    told = {
        "organization": str(tombstone.organization.code),
        "runner": tombstone.subject_key,
        "hashes": tombstone.hashes,
        "erased_at": tombstone.erased_at.isoformat(),
    }
    storage.put(f"{FOLDER}{tombstone.subject_key}.json", BytesIO(json.dumps(told).encode()))


def forget_again(*, lists: Iterable[str] = ()) -> Forgotten:
    """Erase once more whoever was erased before and is back, as after a restore; run it before anybody signs in.

    It knows the erased from the database, from the files beside the films, and from `lists`: texts that
    `manage.py forget_again --list` printed elsewhere.
    """
    with wall.everything("a restored backup holds every organisation's erased runners"):
        for text in (*_kept_texts(), *lists):
            _take_up(json.loads(text))
        counted: Counter[str] = Counter()
        hashes: set[str] = set()
        runners = {pseudonym(code): pk for pk, code in Subject.objects.values_list("pk", "code").iterator()}
        for tombstone in Tombstone.objects.select_related("organization"):
            counted["tombstones"] += 1
            hashes |= set(tombstone.hashes)
            _forget_rows(tombstone, runners, counted)
        count, _ = sweep(hashes) if hashes else (0, 0)
        return Forgotten(counted["tombstones"], counted["runners"], counted["films"], count + counted["files"])


def kept_lists() -> list[str]:
    """Return each tombstone as one line of text, for another place."""
    return sorted(_kept_texts())


def _kept_texts() -> list[str]:
    texts = []
    for key in list(storage.every_key(FOLDER)):
        with storage.open_file(key) as file:
            texts.append(file.read().decode())
    return texts


def _take_up(told: dict[str, Any]) -> None:
    organization = Organization.objects.filter(code=told["organization"]).first()
    if organization is not None:
        Tombstone.objects.get_or_create(
            organization=organization,
            subject_key=told["runner"],
            defaults={
                "hashes": told["hashes"],
                "erased_at": told["erased_at"],
                "finished_at": timezone.now(),
                "report": {"rows": {}},
            },
        )


def _forget_rows(tombstone: Tombstone, runners: dict[str, int], counted: Counter[str]) -> None:
    if pk := runners.get(tombstone.subject_key):
        again = erase_subject(subject=Subject.objects.select_related("organization").get(pk=pk), by=None)
        finish_erasure(tombstone=again)
        again.refresh_from_db()
        counted["runners"] += 1
        counted["files"] += again.report.get("files", 0)
    hashes = set(tombstone.hashes)
    for clip in Clip.objects.filter(organization=tombstone.organization_id, analyses=None, subject=None):
        if pseudonym(clip.code) in hashes:
            clip.delete()
            counted["films"] += 1
