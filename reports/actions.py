"""What leaves the house, and the record of it: every deed here writes one line into the organisation's audit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from analyses.models import Analysis
from reports.models import LINK_LIFETIME, ShareLink
from subjects.consents import why_not
from subjects.models import Consent, Subject


class NothingToShare(Exception):
    """Only a finished analysis has something to show."""


class NothingChosen(Exception):
    """A link that shows nothing helps nobody."""


class NotTheSameRunner(Exception):
    """Two analyses in one link or one report are of one runner, or somebody sees another's."""


class NotAgreed(Exception):
    """The runner has not agreed to links, or took it back; the message says so to a coach."""


@transaction.atomic
def share(
    *, analysis: Analysis, before: Analysis | None, contents: Iterable[str], language: str, by: User
) -> ShareLink:
    """Make a link that shows the chosen `contents` for LINK_LIFETIME to whoever holds it.

    `before`: an earlier analysis of the same runner to be shown beside it. Raises NothingToShare, NothingChosen,
    NotTheSameRunner, NotAgreed.
    """
    _check_pair(analysis, before)
    if sentence := why_not(analysis.subject, Consent.Purpose.SHARING):
        raise NotAgreed(sentence)
    chosen = [content for content in ShareLink.Content.values if content in set(contents)]
    if not chosen:
        raise NothingChosen
    now = timezone.now()
    link = ShareLink(
        organization=analysis.organization,
        subject=analysis.subject,
        analysis=analysis,
        before=before,
        contents=chosen,
        language=language,
        made_by=by,
        made_at=now,
        expires_at=now + LINK_LIFETIME,
    )
    link.make_token()
    link.save()
    _record(link, AuditEntry.Action.SHARED, by)
    return link


@transaction.atomic
def revoke(*, link: ShareLink, by: User | None) -> bool:
    """End a link at once; False if it had ended already."""
    now = timezone.now()
    if not ShareLink.objects.open(now).filter(pk=link.pk).update(revoked_at=now):
        return False
    link.revoked_at = now
    _record(link, AuditEntry.Action.UNSHARED, by)
    return True


def end_links(*, subject: Subject, by: User | None) -> int:
    """End every open link about a runner, as when they take their consent back; return how many."""
    links = (
        ShareLink.objects.open(timezone.now())
        .filter(subject=subject)
        .select_related("organization", "subject", "analysis")
    )
    return sum(revoke(link=link, by=by) for link in links)


def find_link(*, token: str) -> ShareLink | None:
    """Return the open link with this secret, with what it shows; None for any other."""
    links = ShareLink.objects.open(timezone.now()).select_related(
        *("organization", "subject", "analysis__clip", "analysis__account", "analysis__result"),
        *("before__clip", "before__account", "before__result"),
    )
    return links.filter(token_hash=ShareLink.hash_of(token)).first()


def note_opening(*, link: ShareLink, at: datetime) -> None:
    """Count that the link was opened; by whom is not asked."""
    ShareLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, opened_at=at)


def note_export(*, subject: Subject, what: str, by: User) -> None:
    """Write down that data about a runner was taken out."""
    record(
        organization=subject.organization,
        by=by,
        action=AuditEntry.Action.EXPORTED,
        about=what,
        runner=subject.code,
    )


def _check_pair(analysis: Analysis, other: Analysis | None) -> None:
    pair = [analysis] if other is None else [analysis, other]
    if any(one.status != Analysis.Status.SUCCEEDED for one in pair):
        raise NothingToShare
    if len({(one.organization_id, one.subject_id) for one in pair}) > 1:
        raise NotTheSameRunner


def _record(link: ShareLink, action: AuditEntry.Action, by: User | None) -> None:
    about = f"{link.analysis.get_view_display()} · {link.analysis.ordered_at:%Y-%m-%d}"
    record(organization=link.organization, by=by, action=action, about=about, runner=link.subject.code)
