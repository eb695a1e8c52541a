"""What workers run after a runner was erased: the row knows what is still to do, so a lost job costs a minute."""

from __future__ import annotations

import time

import structlog
from django.db import transaction
from django.utils import timezone

from accounts import wall
from accounts.models import Organization
from clips import storage
from privacy import actions, unowned
from privacy.models import Tombstone
from subjects.models import Subject
from workers.hints import send_hint

log = structlog.get_logger(__name__)

JOB_S = 1700  # shorter than the lease
REMOVING_S = 120  # then others have their turn; the clock goes on


def finish_erasure(*, tombstone_id: int) -> None:
    actions.finish_erasure(tombstone=Tombstone.objects.select_related("organization").get(pk=tombstone_id))


def hint(tombstone: Tombstone) -> None:
    """Tell the workers after the commit. Best effort: the clock finds what is lost."""
    transaction.on_commit(lambda: _enqueue(tombstone.pk), robust=True)


def hint_due() -> int:
    """Tell the workers about every erasing that is not finished; return how many. For the clock."""
    return sum(_enqueue(pk) for pk in list(Tombstone.objects.due(timezone.now()).values_list("pk", flat=True)))


def _enqueue(pk: int) -> bool:
    return send_hint(finish_erasure, queue="films", job_timeout_s=JOB_S, tombstone_id=pk)


def remove_old(*, organization_id: int) -> None:
    """Remove what this organisation no longer keeps, batch by batch."""
    organization = Organization.objects.get(pk=organization_id)
    until = time.monotonic() + REMOVING_S
    with wall.only(organization_id):
        try:
            while time.monotonic() < until and actions.remove_what_is_old(
                organization=organization, now=timezone.now()
            ):
                pass
        except storage.TROUBLE as error:
            log.warning("files_not_deleted", organization_id=organization_id, error=type(error).__name__)


def hint_old() -> int:
    """Tell the workers of every organisation in which something is no longer kept; return how many. For the clock."""
    due = [organization.pk for organization in actions.due_organizations(timezone.now())]
    return sum(_enqueue_removing(pk) for pk in due)


def _enqueue_removing(pk: int) -> bool:
    return send_hint(remove_old, queue="films", job_timeout_s=2 * REMOVING_S, organization_id=pk)


def clean_services(*, subject_id: int) -> None:
    """Tell outside services that a runner took their consent back."""
    subject = Subject.objects.filter(pk=subject_id).first()
    if subject is not None:  # erased while the job waited
        with wall.only(subject.organization_id):
            actions.clean_services(subject=subject)


def hint_cleaning(runner: Subject) -> None:
    """Tell the workers after the commit that a consent may have ended; the clock does what is lost here."""
    transaction.on_commit(lambda: _enqueue_cleaning(runner.pk), robust=True)


def hint_cleanings() -> int:
    """Tell the workers about every runner whom a service must forget; return how many. For the clock."""
    return sum(map(_enqueue_cleaning, actions.runners_left_outside()))


def _enqueue_cleaning(pk: int) -> bool:
    return send_hint(clean_services, queue="analyses", subject_id=pk)


def clean_films() -> int:
    """Remove films whose runner no longer agrees to be filmed; return of how many runners. For the clock."""
    return actions.clean_films()


def remove_unowned() -> int:
    """Remove files no row leads to; return how many. For the clock."""
    try:
        return unowned.remove_unowned(now=timezone.now())
    except storage.TROUBLE as error:
        log.warning("unowned_files_not_removed", error=type(error).__name__)
        return 0
