"""What of a runner left the house, when and to whom: read from what was done, never from what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import AuditEntry
from accounts.writing import COLON, listed
from analyses.models import Analysis, Move, ProviderAccount
from privacy.deeds import in_words
from reports.models import Report, ShareLink
from subjects.models import Subject


@dataclass(frozen=True)
class Disclosure:
    """One thing that went out; `at` is None where only the fact is known."""

    what: str
    to: str
    at: datetime | None
    note: str = ""


def disclosures_of(subject: Subject) -> list[Disclosure]:
    """Return all that left, newest first."""
    left = [*_films(subject), *_people(subject), *_links(subject), *_files(subject), *_calls(subject)]
    return sorted(left, key=lambda one: (one.at is not None, one.at.timestamp() if one.at else 0), reverse=True)


def _films(subject: Subject) -> list[Disclosure]:
    """Films whose last bytes were about to go to somebody else's service, or that were measured there."""
    outside = Analysis.objects.filter(subject=subject).exclude(account__kind=ProviderAccount.Kind.ENGINE)
    sent = Move.objects.filter(analysis__in=outside, new=Analysis.Status.SENDING)
    return [
        Disclosure(
            what=_("Film, %(view)s, with height and weight") % {"view": move.analysis.get_view_display()},
            to=str(move.analysis.account),
            at=move.at,
            note=_("Asked there under %(id)s") % {"id": move.analysis.remote_id} if move.analysis.remote_id else "",
        )
        for move in sent.select_related("analysis__account")
    ]


def _people(subject: Subject) -> list[Disclosure]:
    rows = subject.remote.exclude(account__kind=ProviderAccount.Kind.ENGINE).exclude(remote_id="")
    return [
        Disclosure(
            what=_("A number in place of the name; height and weight"),
            to=str(row.account),
            at=None,
            note=_("Known there as %(id)s") % {"id": row.remote_id},
        )
        for row in rows.select_related("account")
    ]


def _links(subject: Subject) -> list[Disclosure]:
    return [
        Disclosure(
            what=_("Link: %(contents)s") % {"contents": listed(link.content_labels)},
            to=_("Whoever holds the link"),
            at=link.made_at,
            note=f"{_('Opened')}{COLON}{render_to_string('reports/_opened.html', {'link': link})}",
        )
        for link in ShareLink.objects.filter(subject=subject)
    ]


def _files(subject: Subject) -> list[Disclosure]:
    """Files that a member of the house took out: exports, and reports as PDF."""
    entries = AuditEntry.objects.filter(organization=subject.organization_id).of_runner(subject.code)
    taken = entries.filter(action=AuditEntry.Action.EXPORTED).select_related("by")
    left = [Disclosure(what=_("Export"), to=str(entry.by or "–"), at=entry.at, note=in_words(entry)) for entry in taken]
    made = Report.objects.filter(subject=subject).select_related("made_by")
    return left + [Disclosure(what=_("Report as PDF"), to=str(one.made_by or "–"), at=one.made_at) for one in made]


def _calls(subject: Subject) -> list[Disclosure]:
    """Calls that told the organisation's own systems that something happened, without a name or a number."""
    told = Analysis.objects.filter(subject=subject, calls_out__status="done")
    rows = told.values_list("calls_out__tried_at", "calls_out__endpoint__url")
    return [
        Disclosure(what=_("A call that a film was measured"), to=urlsplit(url).hostname or url, at=at)
        for at, url in rows
    ]
