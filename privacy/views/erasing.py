"""Erase a runner, and the proof that it was done."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses.models import Analysis
from clips.models import Clip
from privacy import actions, jobs
from privacy.belongings import Belongings, belongings_of
from privacy.models import Tombstone
from reports.models import Report, ShareLink
from subjects.models import Consent, Note, Subject


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def erase(request: MemberRequest, code: UUID) -> HttpResponse:
    """Say what would go; a POST erases it for good."""
    subject = access.row(request, Subject, code)
    if request.method == "POST":
        tombstone = actions.erase_subject(subject=subject, by=request.user)
        jobs.hint(tombstone)
        return redirect("privacy:erased", tombstone.code)
    found = belongings_of(subject)
    shown = {"runner": subject, "counts": _counts(found), "kept_films": found.kept_films}
    return render(request, "privacy/erase.html", shown)


@require_safe
@member_required(admin=True)
def erased(request: MemberRequest, code: UUID) -> HttpResponse:
    """Show what was removed, where, and what a search found afterwards."""
    tombstone = access.row(request, Tombstone, code)
    fragment = bool(request.headers.get("HX-Request"))
    template = "privacy/_erased.html" if fragment else "privacy/erased.html"
    return render(request, template, {"tombstone": tombstone, "report": tombstone.report})


@require_POST
@member_required(admin=True)
def asked(request: MemberRequest, code: UUID) -> HttpResponse:
    """A person has written to the services that no interface makes forget."""
    tombstone = access.row(request, Tombstone, code)
    actions.note_letter(tombstone=tombstone, by=request.user)
    return redirect("privacy:erased", tombstone.code)


def _counts(found: Belongings) -> list[tuple[str, int]]:
    """How many there are of each kind that a coach knows, so that a person can check what will go."""
    kinds = (
        (Clip, _("Films")),
        (Analysis, _("Analyses")),
        (Note, _("Notes")),
        (Report, _("Reports")),
        (ShareLink, _("Shared links")),
        (Consent, _("Consents")),
    )
    return [(label, len(found.pks.get(model, ()))) for model, label in kinds]
