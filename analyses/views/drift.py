"""What differs between our books and a service's, and what an admin decides about it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.writing import in_turn
from analyses import actions, jobs
from analyses.forms import SettleForm
from analyses.models import Drift, RemoteSubject
from analyses.remote import account_of, sentence_of
from providers.base import ProviderError

PAGE = 20


@require_safe
@member_required(admin=True)
def differences(request: MemberRequest) -> HttpResponse:
    """List what is open, each with what can be done about it."""
    account = account_of(request.member.organization)
    listed = access.rows(request, Drift).filter(account=account, settled="").select_related("subject")
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    # Whose an unknown analysis is, where we know the service's runner.
    there = [drift.about.get("runner") or "-" for drift in page]
    known = access.rows(request, RemoteSubject).filter(account=account, remote_id__in=there)
    names = dict(known.values_list("remote_id", "subject__name"))
    forms = [
        (drift, SettleForm(request=request, drift=drift, initial={"name": names.get(drift.about.get("runner"), "")}))
        for drift in page
    ]
    return render(request, "analyses/differences.html", {"account": account, "page": page, "forms": forms})


@require_POST
@member_required(admin=True)
def compare_books(request: MemberRequest) -> HttpResponse:
    """Compare now: two reads at the service, nothing is spent."""
    try:
        count = actions.sync_account(account=account_of(request.member.organization))
    except ProviderError as error:
        messages.error(request, sentence_of(error))
    else:
        told = ngettext("Compared: %(count)d difference.", "Compared: %(count)d differences.", count)
        messages.success(request, told % {"count": count})
    return redirect("analyses:differences")


@require_POST
@member_required(admin=True)
def settle(request: MemberRequest, code: UUID) -> HttpResponse:
    """Do what was chosen about one difference."""
    drift = access.row(request, Drift, code, write=True)
    form = SettleForm(request.POST, request=request, drift=drift)
    try:
        if drift.settled:
            raise actions.AlreadySettled
        if form.is_valid():
            _settle(request, drift, form)
        else:
            messages.error(request, in_turn(error for errors in form.errors.values() for error in errors))
    except actions.AlreadySettled:
        messages.error(request, _("This difference was settled already."))
    return redirect("analyses:differences")


def _settle(request: MemberRequest, drift: Drift, form: SettleForm) -> None:
    if form.cleaned_data["do"] == "leave" or drift.kind == Drift.Kind.ANALYSIS_GONE:
        actions.leave_drift(drift=drift)
        messages.success(request, _("It is left as it is and not shown again."))
    elif drift.kind == Drift.Kind.RUNNER_GONE:
        actions.forget_remote_runner(drift=drift)
        messages.success(request, _("The next film makes the runner at the service anew."))
    elif drift.kind == Drift.Kind.RUNNER_UNKNOWN:
        runner = actions.adopt_runner(drift=drift, subject=form.cleaned_data["runner"], name=form.cleaned_data["name"])
        messages.success(request, _("%(name)s is the service’s runner from now on.") % {"name": runner.name})
    else:
        _import(request, drift, form)


def _import(request: MemberRequest, drift: Drift, form: SettleForm) -> None:
    try:
        analysis = actions.import_analysis(drift=drift, subject=form.cleaned_data["runner"], by=request.user)
    except ProviderError as error:
        messages.error(request, sentence_of(error))
        return
    except actions.NotImported as error:
        messages.error(request, str(error))
        return
    jobs.hint(analysis)
    messages.success(request, _("The analysis is taken over; its result is here in a moment. No credit was used."))
