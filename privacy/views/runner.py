"""One runner's privacy: what they agreed to, what left the house, and everything about them in one file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.record import pseudonym
from privacy import actions
from privacy.actions import Use
from privacy.disclosures import disclosures_of
from privacy.export import export_of
from privacy.forms import AskForm
from privacy.wording import is_outdated
from reports.actions import note_export
from subjects import consents
from subjects.models import Consent, Subject

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One use, and how things stand with it."""

    use: Use
    last: Consent | None
    stands: bool
    required: bool  # something the portal does waits for it
    only_when_agreed: bool  # nothing waits: people simply leave it
    outdated: bool  # it stands for words that were changed since
    ending: bool  # it soon runs out, and something waits for it


@require_safe
@member_required
def runner(request: MemberRequest, code: UUID) -> HttpResponse:
    subject = access.row(request, Subject, code)
    lines = lines_of(subject)
    language = subject.organization.language or request.LANGUAGE_CODE
    shown = {
        "runner": subject,
        "lines": lines,
        "page": Paginator(disclosures_of(subject), PAGE).get_page(request.GET.get("page")),
        "ask": AskForm(initial={"purposes": asked_first(lines), "language": language}),
        "key": pseudonym(subject.code),
        "guardian": consents.needs_guardian(subject, timezone.localdate()),
    }
    return render(request, "privacy/runner.html", shown)


def lines_of(subject: Subject) -> list[Line]:
    """Return every use with what was said last about it."""
    newest: dict[tuple[str, str], Consent] = {}
    for consent in subject.consents.select_related("recorded_by", "ended_by").order_by("given_on", "pk"):
        newest[consent.purpose, consent.recipient] = consent
    today, lines = timezone.localdate(), []
    ending = set(consents.running_out(subject.organization).filter(subject=subject))
    for use in actions.uses():
        last = newest.get((use.purpose, use.recipient))
        voluntary = use.purpose in (Consent.Purpose.TEACHING, Consent.Purpose.RESEARCH)
        required = not voluntary and consents.is_required(subject.organization, use.purpose)
        stands = last is not None and last.stands_on(today)
        outdated = last is not None and stands and is_outdated(last)
        lines.append(Line(use, last, stands, required, voluntary, outdated, last in ending))
    return lines


def asked_first(lines: list[Line]) -> list[str]:
    """Return what is needed and missing or soon will be, else measuring and sharing: the two a coach comes for."""
    missing = [line.use.word for line in lines if line.ending or (line.required and not line.stands)]
    return missing or [Consent.Purpose.MEASURING.value, Consent.Purpose.SHARING.value]


@require_POST
@member_required(write=True)
def local_only(request: MemberRequest, code: UUID) -> HttpResponse:
    """Keep the runner in the house, or let their films out again."""
    subject = access.row(request, Subject, code, write=True)
    stays = request.POST.get("stays") == "1"
    actions.set_local_only(subject=subject, local_only=stays, by=request.user)
    if stays:
        said = _("Films of %(name)s stay in the house from now on.")
    else:
        said = _("Films of %(name)s may go to the service that measures for you.")
    messages.success(request, said % {"name": subject})
    return redirect("privacy:runner", subject.code)


@require_POST
@member_required(admin=True)
def export(request: MemberRequest, code: UUID) -> StreamingHttpResponse:
    """Give everything about a runner as one ZIP, made as it is sent."""
    subject = access.row(request, Subject, code)
    note_export(subject=subject, what="everything as one file", by=request.user)
    response = StreamingHttpResponse(export_of(subject), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="runner-{subject.code}.zip"'
    response["Cache-Control"] = "no-store"
    return response
