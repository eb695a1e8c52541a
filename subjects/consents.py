"""Who has agreed to what: the one answer that orders, sending and sharing ask for, and the words agreed to.

A consent that was ended counts as a no even where the organisation asks for none; one never given, or run out, only
where it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from accounts.questions import Asked, ask
from subjects.models import Consent, ConsentQuerySet, Subject

# Change it with any of the texts below: every consent keeps its own words and this.
TEXT_VERSION = "2026-11"
VALID_YEARS = 2  # ours: a runner is asked again before the films of another life are used
SOON = timedelta(days=30)  # ours: one or two visits on which to ask again

TEXTS = {
    Consent.Purpose.MEASURING: gettext_lazy(
        "You may film me running, measure the film with a computer on your own premises, and keep the film and the "
        "numbers for my coaching and my file."
    ),
    Consent.Purpose.OUTSIDE: gettext_lazy(
        "You may send films of me, with my height and weight but without my name, to %(service)s to be measured there."
    ),
    Consent.Purpose.SHARING: gettext_lazy(
        "You may show my results and films by a secret link to me and to whoever I pass the link on to."
    ),
    Consent.Purpose.TEACHING: gettext_lazy("You may show my films and numbers when you teach others."),
    Consent.Purpose.RESEARCH: gettext_lazy("You may use my films and numbers for research, without my name."),
}
MISSING = {
    Consent.Purpose.MEASURING: gettext_lazy(
        "%(name)s has not agreed to be measured here. Ask for consent under Privacy."
    ),
    Consent.Purpose.OUTSIDE: gettext_lazy(
        "%(name)s has not agreed that films go to %(service)s. Ask for consent under Privacy, or measure here."
    ),
    Consent.Purpose.SHARING: gettext_lazy(
        "%(name)s has not agreed to links that show results. Ask for consent under Privacy."
    ),
    Consent.Purpose.TEACHING: gettext_lazy("%(name)s has not agreed to be shown in teaching."),
    Consent.Purpose.RESEARCH: gettext_lazy("%(name)s has not agreed to be part of research."),
}


def text_of(purpose: str, service: str = "") -> str:
    """Return what is agreed to, in the language in use."""
    return str(TEXTS[Consent.Purpose(purpose)]) % {"service": service}


def is_required(organization: Organization, purpose: str) -> bool:
    """Whether this organisation does nothing for this purpose without a consent."""
    if purpose in (Consent.Purpose.TEACHING, Consent.Purpose.RESEARCH):
        return True
    wanted = organization.consent_for
    if purpose == Consent.Purpose.MEASURING:
        return wanted == Organization.ConsentFor.EVERYTHING
    return wanted != Organization.ConsentFor.NOTHING


def newest(subject: Subject, purpose: str, recipient: str = "") -> Consent | None:
    """Return what was said last about this purpose; of a runner who is not kept yet, nothing."""
    if subject.pk is None:
        return None
    return Consent.objects.filter(subject=subject, purpose=purpose, recipient=recipient).newest_first().first()


def running_out(organization: Organization) -> ConsentQuerySet:
    """Return the consents that something waits for here and that soon run out, the soonest first: time to ask again."""
    return _ending(*_soon(organization)).order_by("expires_on", "pk")


def runners_running_out(organization: Organization) -> int:
    """Count the runners on the list of whom such a consent runs out."""
    told = ask(_runners_ending, *_soon(organization))
    return int(told[0][0]) if told else 0


def runner_with_ending(organization: Organization, code: UUID) -> Asked:
    """Ask for the runner of a code, with `consent_runs_out`: that is seldom so, and else nobody asks which."""
    return Asked(_with_ending, code, *_soon(organization))


def _with_ending(code: UUID, *soon: Any) -> QuerySet[Subject]:
    ending = _ending(*soon).filter(subject=OuterRef("pk"))
    return Subject.objects.filter(code=code).annotate(consent_runs_out=Exists(ending))


def _soon(organization: Organization) -> tuple[int, date, date, *tuple[str, ...]]:
    today = timezone.localdate()
    needed = [str(purpose) for purpose in Consent.Purpose if is_required(organization, purpose)]
    return organization.pk, today, today + SOON, *needed


def _ending(organization: int, first: date, last: date, *needed: str) -> ConsentQuerySet:
    return Consent.objects.filter(organization=organization, purpose__in=needed).ending(first, last)


def _runners_ending(*soon: Any) -> QuerySet[Any, Any]:
    listed = _ending(*soon).filter(subject__archived_at=None).order_by().values("organization")
    return listed.annotate(runners=Count("subject", distinct=True)).values_list("runners")


def why_not(subject: Subject, purpose: str, *, recipient: str = "", service: str = "") -> str:
    """Return the sentence that says why this may not be done for the runner; empty where it may."""
    if _may(subject, purpose, newest(subject, purpose, recipient)):
        return ""
    return str(MISSING[Consent.Purpose(purpose)]) % {"name": subject.name, "service": service}


def those_not_agreed(subjects: Iterable[Subject], purpose: str) -> set[int]:
    """Return the keys of the runners for whom this may not be done, as `why_not` says for each; one query for all."""
    runners = {one.pk: one for one in subjects}
    said = Consent.objects.filter(subject__in=runners, purpose=purpose).order_by("given_on", "pk")
    last = {consent.subject_id: consent for consent in said}
    return {pk for pk, runner in runners.items() if not _may(runner, purpose, last.get(pk))}


def _may(subject: Subject, purpose: str, last: Consent | None) -> bool:
    if last is not None and last.stands_on(timezone.localdate()):
        return True
    return (last is None or last.ended_at is None) and not is_required(subject.organization, purpose)


def needs_guardian(subject: Subject, today: date) -> bool | None:
    """Whether a guardian has to agree for this runner; None when the year of birth is not known.

    In the year a runner comes of age the birthday is not known, so a guardian is asked for until the year is over.
    """
    if subject.birth_year is None:
        return None
    return today.year - subject.birth_year <= subject.organization.consent_age


def too_young(subject: Subject) -> str:
    """Return the sentence for a runner who may not agree alone."""
    return _("%(name)s may not be %(age)s yet. A parent or guardian has to agree.") % {
        "name": subject.name,
        "age": subject.organization.consent_age,
    }


def valid_until(given_on: date) -> date:
    """Return the day until which a consent of this day is good."""
    try:
        return given_on.replace(year=given_on.year + VALID_YEARS)
    except ValueError:  # 29 February
        return given_on.replace(year=given_on.year + VALID_YEARS, day=28)
