"""Which failed analyses were paid for, and whether their credit comes back."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses import actions
from analyses.charged import undecided
from analyses.models import Analysis, AnalysisQuerySet
from credits.models import Decision

PAGE = 20


class DecideForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


@require_safe
@member_required(admin=True)
def charged(request: MemberRequest) -> HttpResponse:
    return _page(request)


@require_POST
@member_required(admin=True)
def decide_credit(request: MemberRequest, code: UUID) -> HttpResponse:
    analysis = access.row(request, Analysis, code, write=True)
    form = DecideForm(request.POST, auto_id=f"{code}_%s")
    if not form.is_valid():
        return _page(request, {analysis.pk: form}, status=422)
    back = request.POST.get("credit") == "back"
    try:
        actions.decide_credit(analysis=analysis, gives_back=back, reason=form.cleaned_data["reason"], by=request.user)
    except actions.CreditDecided as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The credit was given back.") if back else _("The credit stays spent."))
    return redirect("analyses:charged")


def _page(request: MemberRequest, bound: dict[int, DecideForm] | None = None, status: int = 200) -> HttpResponse:
    rows = cast(AnalysisQuerySet, access.rows(request, Analysis)).select_related("subject", "account", "ordered_by")
    page = Paginator(undecided(rows), PAGE).get_page(request.GET.get("page"))
    decided = access.rows(request, Decision).select_related("entry", "by").order_by("-at")[:PAGE]
    shown = {
        "page": page,
        "forms": [(one, (bound or {}).get(one.pk) or DecideForm(auto_id=f"{one.code}_%s")) for one in page],
        "decided": decided,
    }
    return render(request, "analyses/charged.html", shown, status=status)
