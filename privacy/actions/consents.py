"""Record what a runner agreed to, ask them by link, and act on it when they take it back."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from accounts.sealed import digest_of_token
from analyses.actions.stop import stop_analyses
from analyses.models import ProviderAccount, RemoteSubject
from analyses.remote import provider_of
from clips import storage
from clips.actions import ClipInUse, delete_clip
from clips.models import Clip
from privacy.models import ConsentRequest
from privacy.scans import Scan
from privacy.wording import Words, words_of
from providers.base import NotFound, ProviderError
from reports.actions import end_links
from subjects import consents
from subjects.models import Consent, Subject

log = structlog.get_logger(__name__)

OPEN_FOR = timedelta(days=30)
TOKEN_BYTES = 32
ENDED = gettext_lazy("The consent was taken back. Nothing more is done with this film.")
STAYS = gettext_lazy("The runner stays in the house from now on.")


class NotTheirs(Exception):
    """The runner is too young to agree alone; the message is for the person who typed it."""


@dataclass(frozen=True)
class Use:
    """One thing a runner can agree to: a purpose and, for an outside service, which one."""

    purpose: str
    recipient: str = ""

    @property
    def word(self) -> str:
        return f"{self.purpose}:{self.recipient}" if self.recipient else self.purpose

    @property
    def service(self) -> str:
        return str(ProviderAccount.Kind(self.recipient).label) if self.recipient else ""

    @property
    def label(self) -> str:
        label = Consent.Purpose(self.purpose).label
        return _("Measuring by %(service)s") % {"service": self.service} if self.recipient else str(label)

    def words(self, organization: Organization, *, on: date | None = None) -> Words:
        """Return what is agreed to, in the language in use: today's words, or those that counted on a day."""
        return words_of(organization, self.purpose, self.service, on=on)


def uses() -> list[Use]:
    """Return everything a runner can agree to, each outside service by itself."""
    outside = [kind.value for kind in ProviderAccount.Kind if kind != ProviderAccount.Kind.ENGINE]
    return [
        Use(Consent.Purpose.MEASURING),
        *(Use(Consent.Purpose.OUTSIDE, kind) for kind in outside),
        Use(Consent.Purpose.SHARING),
        Use(Consent.Purpose.TEACHING),
        Use(Consent.Purpose.RESEARCH),
    ]


def use_of(word: str) -> Use | None:
    return next((use for use in uses() if use.word == word), None)


@transaction.atomic
def record_consent(
    *,
    subject: Subject,
    use: Use,
    giver: str,
    giver_name: str = "",
    given_on: date | None = None,
    expires_on: date | None = None,
    way: str,
    scan: Scan | None = None,
    words: Words | None = None,
    by: User | None,
) -> Consent:
    """Keep that the runner, or a guardian for them, agreed to this. Raises NotTheirs for a runner too young.

    `words`: those that were read; on paper, those that counted on the day it was signed.
    """
    today = timezone.localdate()
    if giver == Consent.Giver.RUNNER and consents.needs_guardian(subject, today):
        raise NotTheirs(consents.too_young(subject))
    given_on = given_on or today
    words = words or use.words(subject.organization, on=given_on)
    scan_key = f"consents/{secrets.token_hex(16)}/scan" if scan else ""
    consent = Consent.objects.create(
        organization=subject.organization,
        subject=subject,
        purpose=use.purpose,
        recipient=use.recipient,
        giver=giver,
        giver_name=giver_name,
        way=way,
        given_on=given_on,
        expires_on=expires_on or consents.valid_until(given_on),
        text=words.text,
        text_version=words.version,
        scan_key=scan_key,
        scan_type=scan.content_type if scan else "",
        recorded_by=by,
    )
    if scan:
        storage.put(scan_key, io.BytesIO(scan.content))
    _record(subject, AuditEntry.Action.CONSENT_GIVEN, use.word, by)
    return consent


def end_consent(*, consent: Consent, by: User | None) -> bool:
    """Take a consent back: what it allowed stops, links end, and the services are told; False if it had ended."""
    with transaction.atomic():
        now = timezone.now()
        if not Consent.objects.filter(pk=consent.pk, ended_at=None).update(ended_at=now, ended_by=by):
            return False
        consent.ended_at = now
        # With it or not at all: a consent that has ended while what it allowed goes on would be looked at by nobody.
        _stop(consent.subject, consent.purpose, consent.recipient, by)
        _record(consent.subject, AuditEntry.Action.CONSENT_ENDED, Use(consent.purpose, consent.recipient).word, by)
    _remove_films(consent.subject)
    return True


def refuse(*, subject: Subject, use: Use, words: Words, giver: str, giver_name: str) -> None:
    """Keep that a runner said no to what they were asked: from then on it is not done, whatever the rules ask for."""
    now = timezone.now()
    with transaction.atomic():
        Consent.objects.create(
            organization=subject.organization,
            subject=subject,
            purpose=use.purpose,
            recipient=use.recipient,
            giver=giver,
            giver_name=giver_name,
            way=Consent.Way.LINK,
            text=words.text,
            text_version=words.version,
            recorded_at=now,
            ended_at=now,
        )
        _stop(subject, use.purpose, use.recipient, None)
        _record(subject, AuditEntry.Action.CONSENT_ENDED, use.word, None)
    _remove_films(subject)


def _stop(subject: Subject, purpose: str, recipient: str, by: User | None) -> None:
    if purpose == Consent.Purpose.SHARING:
        end_links(subject=subject, by=by)
    elif purpose == Consent.Purpose.OUTSIDE:
        stop_analyses(subject=subject, code="consent_ended", reason=ENDED, kind=recipient)
    elif purpose == Consent.Purpose.MEASURING:
        stop_analyses(subject=subject, code="consent_ended", reason=ENDED)


def clean_films() -> int:
    """Remove what a process that was killed just after a consent ended had left; return of how many runners.

    For the clock.
    """
    ended = {"ended_at__isnull": False, "purpose": Consent.Purpose.MEASURING}
    left = Clip.objects.filter(analyses=None, subject__in=Consent.objects.filter(**ended).values("subject"))
    runners = Subject.objects.filter(pk__in=left.values("subject"))
    return sum(_remove_films(subject) for subject in runners)


def _remove_films(subject: Subject) -> bool:
    """Remove the films nobody was measured in, made before the consent to be filmed ended; False where there is none.

    After the commit: files cannot be taken back.
    """
    last = consents.newest(subject, Consent.Purpose.MEASURING)
    if last is None or last.ended_at is None:
        return False
    films = list(Clip.objects.filter(subject=subject, analyses=None, created_at__lte=last.ended_at))
    for clip in films:
        try:
            delete_clip(clip=clip)
        except ClipInUse:
            log.info("film_stays_with_its_analysis", clip=str(clip.code))  # ordered meanwhile
        except storage.TROUBLE as error:
            # The clock comes back to it.
            log.warning("film_not_removed", clip=str(clip.code), error=type(error).__name__)
    return bool(films)


def clean_services(*, subject: Subject) -> int:
    """Have outside services forget a runner who took their consent back; return how many were told.

    Who does not answer is asked again at the clock's next turn.
    """
    return sum(_forget_there(remote) for remote in _left_outside(subject=subject))


def runners_left_outside() -> set[int]:
    """Return the numbers of runners whom outside services still know though they took their consent back."""
    return {remote.subject_id for remote in _left_outside()}


def _left_outside(**whose: Subject) -> Iterator[RemoteSubject]:
    outside = RemoteSubject.objects.exclude(account__kind=ProviderAccount.Kind.ENGINE)
    known = outside.filter(**whose).exclude(remote_id="")
    ended = known.filter(subject__consents__ended_at__isnull=False, subject__consents__purpose=Consent.Purpose.OUTSIDE)
    for remote in ended.select_related("account", "subject", "organization").distinct():
        last = consents.newest(remote.subject, Consent.Purpose.OUTSIDE, remote.account.kind)
        if last is not None and last.ended_at is not None:
            yield remote


def _forget_there(remote: RemoteSubject) -> bool:
    try:
        with provider_of(remote.account) as provider:
            provider.delete_subject(remote.remote_id)
    except NotFound:
        log.info("already_gone_there", provider=remote.account.kind)
    except ProviderError as error:
        log.warning("service_not_told", provider=remote.account.kind, code=error.code)
        return False
    # The runner that was told of: an order of this moment, after a new consent, may have made another there.
    RemoteSubject.objects.filter(pk=remote.pk, remote_id=remote.remote_id).delete()
    return True


# ── asking by link ──────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def ask_for_consent(*, subject: Subject, chosen: list[Use], language: str, by: User) -> tuple[ConsentRequest, str]:
    """Make a link for the runner's phone; its secret is returned this once and kept only as a digest."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    request = ConsentRequest.objects.create(
        organization=subject.organization,
        subject=subject,
        purposes=[use.word for use in chosen],
        language=language,
        token_hash=digest_of_token(token),
        made_by=by,
        made_at=now,
        expires_at=now + OPEN_FOR,
    )
    _record(subject, AuditEntry.Action.CONSENT_ASKED, ", ".join(request.purposes), by)
    return request, token


def find_request(*, token: str) -> ConsentRequest | None:
    found = ConsentRequest.objects.filter(token_hash=digest_of_token(token), expires_at__gt=timezone.now())
    return found.select_related("organization", "subject__organization").first()


def answer(
    *, request: ConsentRequest, answers: Mapping[str, bool], words: Mapping[str, Words], giver: str, giver_name: str
) -> None:
    """Keep a runner's answers to these words. Raises NotTheirs, keeping nothing.

    A yes that stands for the same words stays as it is, one for other words is added; a no ends what stands.
    """
    subject, today = request.subject, timezone.localdate()
    if giver == Consent.Giver.RUNNER and consents.needs_guardian(subject, today):
        raise NotTheirs(consents.too_young(subject))
    for word, agreed in answers.items():
        use = use_of(word)
        if use is None or word not in request.purposes:
            continue
        read, last = words[word], consents.newest(subject, use.purpose, use.recipient)
        standing = last if last is not None and last.stands_on(today) else None
        if agreed:
            if standing is None or standing.text_version != read.version:
                record_consent(
                    subject=subject,
                    use=use,
                    words=read,
                    giver=giver,
                    giver_name=giver_name,
                    way=Consent.Way.LINK,
                    by=None,
                )
        elif standing is not None:
            end_consent(consent=standing, by=None)
        elif last is None or last.ended_at is None:
            refuse(subject=subject, use=use, words=read, giver=giver, giver_name=giver_name)
    ConsentRequest.objects.filter(pk=request.pk).update(answered_at=timezone.now())


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def set_rules(*, organization: Organization, consent_for: str, consent_age: int, by: User) -> None:
    """Say for what this organisation needs a consent, and from which age runners give it themselves."""
    organization.consent_for, organization.consent_age = consent_for, consent_age
    organization.save(update_fields=["consent_for", "consent_age"])
    about = f"{consent_for} · {consent_age}"
    record(organization=organization, by=by, action=AuditEntry.Action.PRIVACY_CHANGED, about=about)


def set_local_only(*, subject: Subject, local_only: bool, by: User) -> None:
    """Keep a runner in the house, or let their films out again; what has not left yet stays."""
    with transaction.atomic():
        Subject.objects.filter(pk=subject.pk).update(local_only=local_only, updated_at=timezone.now())
        if local_only:
            stop_analyses(subject=subject, code="not_allowed_out", reason=STAYS, arrived=False)
        _record(subject, AuditEntry.Action.LOCAL_ONLY, "on" if local_only else "off", by)


def _record(subject: Subject, action: AuditEntry.Action, about: str, by: User | None) -> None:
    record(organization=subject.organization, by=by, action=action, about=about, runner=subject.code)
