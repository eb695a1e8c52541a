"""Order an analysis, or take the order back."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import units, wall
from accounts.manner import manner_of
from accounts.models import User
from accounts.writing import in_turn
from analyses.languages import contract_language
from analyses.leaving import why_not_sent
from analyses.models import Analysis, ProviderAccount
from clips import rules
from clips.models import Clip
from credits import ledger
from subjects.models import Subject

log = structlog.get_logger(__name__)

# The service's own published defaults, used when the runner's are not known.
DEFAULT_HEIGHT_M = 1.70
DEFAULT_WEIGHT_KG = 70.0
PACE_S_PER_KM = (120, 1200)  # 02:00 to 20:00: ours, a wider pace is a slip


class OrderRefused(Exception):
    """The film cannot be sent as ordered; each sentence names its cure. Nothing was spent."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(in_turn(sentences))
        self.sentences = sentences


def order_analysis(
    *,
    clip: Clip,
    subject: Subject,
    account: ProviderAccount,
    view: str,
    treadmill: bool = False,
    pace_s_per_km: int | None = None,
    full_body: bool = True,
    ticked: bool = False,
    by: User | None,
) -> Analysis:
    """Book the price and put the film in the queue to be sent. The caller enqueues the job.

    `ticked`: a person has read the warnings that need a tick and wants it all the same.
    Raises OrderRefused for a film that may not be sent, NotEnoughCredits with nothing written.
    """
    analysis = Analysis(
        organization=clip.organization,
        clip=clip,
        subject=subject,
        account=account,
        view=view,
        treadmill=treadmill,
        pace_s_per_km=pace_s_per_km if treadmill else None,
        height_m=subject.height_m or DEFAULT_HEIGHT_M,
        weight_kg=subject.weight_kg or DEFAULT_WEIGHT_KG,
        language=contract_language(get_language() or "en"),
        full_body=full_body,
        price=account.price,
        ordered_by=by,
    )
    if sentences := _objections(analysis, ticked):
        raise OrderRefused(sentences)
    _book(analysis)
    log.info("ordered", analysis=str(analysis.code))
    return analysis


def _objections(analysis: Analysis, ticked: bool) -> list[str]:
    """Say what stands against the order; nothing where it can work."""
    if not_allowed := why_not_sent(analysis.account, analysis.subject):
        return [not_allowed]
    verdicts = rules.verdicts(
        analysis.clip.facts,
        view=analysis.view,
        treadmill=analysis.treadmill,
        strict_orientation=analysis.price > 0,
    )
    sentences = [one.text for one in verdicts if one.level == "no" or (one.needs_tick and not ticked)]
    pace, (low, high) = analysis.pace_s_per_km, PACE_S_PER_KM
    if analysis.treadmill and not (pace and low <= pace <= high):
        reads = manner_of(analysis.ordered_by, analysis.organization).units
        ends = {"low": units.pace(low, reads), "high": units.pace(high, reads)}
        sentences.append(_("Enter the treadmill’s pace between %(low)s and %(high)s.") % ends)
    return sentences


@transaction.atomic
def _book(analysis: Analysis) -> None:
    """Spend the price and write the order down: both or neither. Raises OrderRefused, NotEnoughCredits."""
    # The film's row is the lock: what is no longer kept is not removed while it is ordered.
    if Clip.objects.usable().select_for_update().filter(pk=analysis.clip_id).first() is None:
        raise OrderRefused([_("This film is no longer here. Choose another one.")])
    ledger.spend(
        organization=analysis.organization,
        amount=analysis.price,
        reference=analysis.reference,
        by=analysis.ordered_by,
        use=_use(analysis),
    )
    analysis.save()
    Subject.objects.filter(pk=analysis.subject_id).update(filmed_at=analysis.ordered_at)
    analysis.moves.create(organization=analysis.organization, old="", new=analysis.status)


def _use(analysis: Analysis) -> ledger.Use:
    """Say for the ledger what the credit is spent on."""
    # A coach may not see each of them, and yet each one's budget counts.
    with wall.only(analysis.organization_id):
        groups = list(analysis.subject.groups.values_list("pk", "name"))
    return ledger.Use(analysis=analysis.code, view=analysis.view, service=analysis.account.kind, groups=groups)


def cancel_order(*, analysis: Analysis, by: User) -> bool:
    """Take back an order whose film has not been sent; its credit returns. False when it was too late.

    True as well for one that has ended without being started: by a program that got no answer and asks again, or with
    a consent a moment ago.
    """
    with transaction.atomic():
        reason = _("You took the order back.")
        changes = {"reason_code": "cancelled", "reason": reason, "finished_at": timezone.now()}
        if analysis.status != Analysis.Status.QUEUED or not analysis.move_to(
            Analysis.Status.FAILED, note=f"by person {by.pk}", **changes
        ):
            ended = Analysis.objects.filter(pk=analysis.pk, status=Analysis.Status.FAILED, remote_id="")
            return ended.exists()
        return_credit(analysis, "cancelled")
    return True


def mark_reviewed(*, analysis: Analysis) -> None:
    """Take a finished analysis out of the inbox."""
    if analysis.is_finished and not analysis.reviewed_at:
        Analysis.objects.filter(pk=analysis.pk).update(reviewed_at=timezone.now())


def return_credit(analysis: Analysis, reason: str) -> None:
    """Give back what an analysis cost, because nothing was started."""
    ledger.give_back(organization=analysis.organization, reference=analysis.reference, reason=reason)
