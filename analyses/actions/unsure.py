"""A start whose answer was lost: look for it at the provider, else let a person decide. Never sent twice."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import wall
from accounts.models import User
from analyses import breaker
from analyses.actions.order import return_credit
from analyses.actions.send import begin_running
from analyses.models import Analysis, AnalysisQuerySet, RemoteSubject
from analyses.remote import provider_of
from providers.base import ProviderError, RemoteAnalysis

LEASE_S = 60
LOOK_AGAIN_AFTER_S = 10
ASK_A_PERSON_AFTER_S = 90
SILENT_FOR_LONG_S = 3600  # ours: then a person decides, or waits until the service answers and it is looked for
CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)


def candidates(analysis: Analysis) -> list[RemoteAnalysis]:
    """Return what the provider has that this start may have become: same runner and view, since, and not ours yet.

    Raises ProviderError when the provider cannot be asked.
    """
    remote = RemoteSubject.objects.filter(account=analysis.account, subject=analysis.subject).first()
    since = min(analysis.body_sent_at or analysis.ordered_at, timezone.now()) - CLOCKS_MAY_DIFFER_BY
    with provider_of(analysis.account) as provider:
        there = provider.analyses()
    with wall.everything("organisations that share a key share the provider's list"):
        taken = set(
            Analysis.objects.filter(
                account__kind=analysis.account.kind, remote_id__in=[one.remote_id for one in there]
            ).values_list("remote_id", flat=True)
        )
    return [
        one
        for one in there
        if one.remote_id not in taken
        and remote is not None
        and one.subject_id == remote.remote_id
        and one.view in (None, analysis.view)
        and (one.created_at is None or one.created_at >= since)
    ]


def look_up_start(*, analysis: Analysis) -> None:
    """Attach the analysis to the one start that fits; after a minute and a half without one, ask a person.

    While the service does not answer nobody knows whether there is one: a person is asked after an hour.
    """
    if analysis.status != Analysis.Status.UNSURE or not analysis.lease(LEASE_S):
        return
    # Sent in the future: the clock was set back, by as much at least.
    age_s = abs((timezone.now() - (analysis.body_sent_at or analysis.ordered_at)).total_seconds())
    try:
        found = candidates(analysis)
    except ProviderError as error:
        if age_s < SILENT_FOR_LONG_S:
            analysis.release(due_in_s=LOOK_AGAIN_AFTER_S, reason_code=error.code)
        else:
            text = _("The film was sent, no answer came back, and the service cannot be asked. Please decide below.")
            analysis.release(due_in_s=0, needs_person=True, reason_code=breaker.UNSURE_SILENT, reason=text)
        return
    if len(found) == 1 and not _rivals(analysis).exists():
        begin_running(analysis, found[0].remote_id)
    elif age_s < ASK_A_PERSON_AFTER_S:
        analysis.release(due_in_s=LOOK_AGAIN_AFTER_S)
    else:
        text = _("The film was sent, but no answer came back and we could not find it there. Please decide below.")
        analysis.release(due_in_s=0, needs_person=True, reason_code="unsure", reason=text)


def _rivals(analysis: Analysis) -> AnalysisQuerySet:
    """Return the others that what was found may belong to: those without an answer, and those that wait for one."""
    no_answer = Q(status=Analysis.Status.UNSURE) | Q(status=Analysis.Status.SENDING, body_sent_at__isnull=False)
    alike = Analysis.objects.filter(account=analysis.account, subject=analysis.subject, view=analysis.view)
    return alike.filter(no_answer).exclude(pk=analysis.pk)


def attach_start(*, analysis: Analysis, remote_id: str) -> bool:
    """A person says which one it is; False when it is none of the candidates or somebody was first."""
    if remote_id not in {one.remote_id for one in candidates(analysis)}:
        return False
    return analysis.status == Analysis.Status.UNSURE and begin_running(analysis, remote_id)


@transaction.atomic
def send_anew(*, analysis: Analysis, start: str, by: User) -> bool:
    """A person is sure that nothing became of `start` and sends the film again; False when it is about another."""
    if not _is_about(analysis, start):
        return False
    fields = {"due_at": timezone.now(), "body_sent_at": None, "needs_person": False, "reason": "", "reason_code": ""}
    return analysis.move_to(Analysis.Status.QUEUED, note=f"sent again by person {by.pk}", **fields)


@transaction.atomic
def give_up_start(*, analysis: Analysis, start: str, by: User) -> bool:
    """A person ends it: nothing became of `start`, so the credit returns and the film stays; False as above."""
    if not _is_about(analysis, start) or not analysis.move_to(
        Analysis.Status.FAILED,
        note=f"given up by person {by.pk}",
        needs_person=False,
        reason_code="given_up",
        reason=_("The order was ended."),
        finished_at=timezone.now(),
    ):
        return False
    return_credit(analysis, "given_up")
    return True


def _is_about(analysis: Analysis, start: str) -> bool:
    """Tell whether this start is the one without an answer, and lock the row.

    An older page shows one before it, of which a person may be sure; of this one they know nothing yet.
    """
    row = Analysis.objects.select_for_update().filter(pk=analysis.pk, status=Analysis.Status.UNSURE).first()
    return row is not None and row.start_mark == start
