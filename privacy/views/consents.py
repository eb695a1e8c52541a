"""Consents on paper and by link, as the house keeps them."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from clips import storage
from privacy import actions, jobs
from privacy.forms import AskForm, PaperForm
from privacy.scans import ENDINGS
from subjects.models import Consent, Subject


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def add(request: MemberRequest, code: UUID) -> HttpResponse:
    """Write down what was signed on paper."""
    subject = access.row(request, Subject, code, write=True)
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            _record(request, subject, form)
        except actions.NotTheirs as refused:
            form.add_error("giver", str(refused))
        else:
            messages.success(request, _("The consent of %(name)s is kept.") % {"name": subject})
            return redirect("privacy:runner", subject.code)
    words = [(use.label, use.words(subject.organization).text) for use in actions.uses()]
    shown = {"form": form, "runner": subject, "words": words}
    return render(request, "privacy/consent.html", shown, status=422 if form.is_bound else 200)


def _record(request: MemberRequest, subject: Subject, form: PaperForm) -> None:
    given = form.cleaned_data
    for word in given["purposes"]:
        use = actions.use_of(word)
        if use is not None:
            actions.record_consent(
                subject=subject,
                use=use,
                giver=given["giver"],
                giver_name=given["giver_name"],
                given_on=given["given_on"],
                scan=given["scan"],
                way=Consent.Way.PAPER,
                by=request.user,
            )


@require_POST
@member_required(write=True)
def ask(request: MemberRequest, code: UUID) -> HttpResponse:
    """Make a link for the runner's phone and show it, this once: it is stored nowhere in the clear."""
    subject = access.row(request, Subject, code, write=True)
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose at least one thing to ask about."))
        return redirect("privacy:runner", subject.code)
    chosen = [use for use in actions.uses() if use.word in form.cleaned_data["purposes"]]
    made, token = actions.ask_for_consent(
        subject=subject, chosen=chosen, language=form.cleaned_data["language"], by=request.user
    )
    address = settings.PUBLIC_URL + reverse("privacy:answer", args=[token])
    shown = {"runner": subject, "address": address, "made": made, "chosen": chosen}
    return render(request, "privacy/asked.html", shown, status=201)


@require_POST
@member_required(write=True)
def end(request: MemberRequest, code: UUID) -> HttpResponse:
    """Take a consent back for the runner."""
    consent = access.row(request, Consent, code, write=True)
    if actions.end_consent(consent=consent, by=request.user):
        jobs.hint_cleaning(consent.subject)
        messages.success(request, _("The consent has ended, and what it allowed has stopped."))
    return redirect("privacy:runner", consent.subject.code)


@require_safe
@member_required
def scan(request: MemberRequest, code: UUID) -> HttpResponse:
    consent = access.row(request, Consent, code)
    if not consent.scan_key:
        raise Http404
    name = f"consent-{consent.given_on:%Y-%m-%d}.{ENDINGS[consent.scan_type]}"
    return redirect(storage.link(consent.scan_key, content_type=consent.scan_type, filename=name))
