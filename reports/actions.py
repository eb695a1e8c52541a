"""What leaves the house, and the record of it: every deed here writes one line into the organisation's audit."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions import record, record_settings
from accounts.models import AuditEntry, Organization, User
from accounts.sealed import digest_of_token
from analyses.models import Analysis
from clips import storage
from reports import pdf
from reports.logo import Logo
from reports.models import LINK_LIFETIME, Look, Report, ShareLink
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
    _record(link, AuditEntry.Action.UNSHARED, by)
    return True


@transaction.atomic
def end_links(*, subject: Subject, by: User | None) -> int:
    """End every open link about a runner, as when they take their consent back; return how many."""
    links = (
        ShareLink.objects.open(timezone.now())
        .filter(subject=subject)
        .select_related("organization", "subject", "analysis")
        .order_by("pk")
        .select_for_update(of=("self",))  # all of them before the first is on record (Organization.held)
    )
    return sum(revoke(link=link, by=by) for link in links)


def find_link(*, token: str) -> ShareLink | None:
    """Return the open link with this secret, with what it shows; None for any other.

    A link stays shut while the runner's consent to links is missing or has run out; with a new one it opens again.
    """
    links = ShareLink.objects.open(timezone.now()).select_related(
        *("organization", "subject__organization", "analysis__clip", "analysis__account", "analysis__result"),
        *("before__clip", "before__account", "before__result"),
    )
    link = links.filter(token_hash=digest_of_token(token)).first()
    return None if link is None or why_not(link.subject, Consent.Purpose.SHARING) else link


def note_opening(*, link: ShareLink, at: datetime) -> None:
    """Count that the link was opened; by whom is not asked."""
    ShareLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, opened_at=at)


def make_report(
    *, analysis: Analysis, other_view: Analysis | None, kind: str, paper: str, language: str, words: pdf.Words, by: User
) -> Report:
    """Write the PDF, store it and remember it. Raises NothingToShare, NotTheSameRunner."""
    _check_pair(analysis, other_view)
    made = pdf.make(
        analyses=[analysis] if other_view is None else [analysis, other_view],
        kind=Report.Kind(kind),
        paper=Report.Paper(paper),
        language=language,
        words=words,
    )
    report = Report(
        organization=analysis.organization,
        subject=analysis.subject,
        analysis=analysis,
        other_view=other_view,
        kind=kind,
        paper=paper,
        language=language,
        key=f"reports/{secrets.token_hex(16)}/report.pdf",
        size_bytes=made.size_bytes,
        page_count=made.page_count,
        made_by=by,
    )
    storage.put(report.key, made.file)
    try:
        _remember(report, by)
    except DatabaseError:
        # The runner was erased while it was written: nobody would ever find the file again.
        storage.delete(report.key)
        raise
    return report


@transaction.atomic
def _remember(report: Report, by: User) -> None:
    report.save()
    about = f"{report.kind} · {timezone.localdate(report.analysis.ordered_at)}"
    action, runner = AuditEntry.Action.REPORTED, report.subject.code
    record(organization=report.organization, by=by, action=action, about=about, runner=runner)


def delete_report(*, report: Report) -> None:
    """Remove a report and its file. Raises storage.TROUBLE, keeping the row: nobody would find the file without it."""
    with transaction.atomic():
        report.delete()
        storage.delete(report.key)


def set_logo(*, organization: Organization, logo: Logo | None, by: User) -> None:
    """Put this logo, or none, on reports and pages made from now on; the file of the one before is removed."""
    key = f"logos/{secrets.token_hex(16)}/logo.png" if logo else ""
    if logo:
        storage.put(key, io.BytesIO(logo.content))
    with transaction.atomic():
        look = _own_look(organization)
        before, look.logo_key = look.logo_key, key
        look.logo_width_px, look.logo_height_px = (logo.width_px, logo.height_px) if logo else (0, 0)
        look.save(update_fields=["logo_key", "logo_width_px", "logo_height_px"])
        record_settings(organization, "logo" if logo else "no logo", by)
    storage.delete(before)


@transaction.atomic
def set_accent(*, organization: Organization, accent: str, by: User) -> None:
    """Use this colour on reports and shared pages; empty is the portal's own."""
    look = _own_look(organization)
    look.accent = accent
    look.save(update_fields=["accent"])
    record_settings(organization, f"colour {accent or 'of the portal'}", by)


def _own_look(organization: Organization) -> Look:
    Look.objects.get_or_create(organization=organization)
    return Look.objects.select_for_update().get(organization=organization)


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
    about = f"{link.analysis.view} · {timezone.localdate(link.analysis.ordered_at)}"
    record(organization=link.organization, by=by, action=action, about=about, runner=link.subject.code)
