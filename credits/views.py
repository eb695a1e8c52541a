"""The balance and every entry that made it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from credits import ledger as book
from credits.forms import ChangeBalance
from credits.models import Entry

PAGE = 50


@require_safe
@member_required(admin=True)
def ledger(request: MemberRequest) -> HttpResponse:
    return _ledger_page(request, ChangeBalance())


@require_POST
@member_required(admin=True)
def give(request: MemberRequest) -> HttpResponse:
    form = ChangeBalance(request.POST)
    if not form.is_valid():
        return _ledger_page(request, form, status=422)
    book.give(organization=request.member.organization, by=request.user, **form.cleaned_data)
    amount = form.cleaned_data["amount"]
    messages.success(request, ngettext("Gave %(n)s credit.", "Gave %(n)s credits.", amount) % {"n": amount})
    return redirect("credits:ledger")


@require_POST
@member_required(admin=True)
def take(request: MemberRequest) -> HttpResponse:
    form = ChangeBalance(request.POST)
    if not form.is_valid():
        return _ledger_page(request, form, status=422)
    try:
        book.take(organization=request.member.organization, by=request.user, **form.cleaned_data)
    except book.NotEnoughCredits as error:
        said = _("The balance is %(balance)s. Take back that many at most.") % {"balance": error.balance}
        form.add_error("amount", said)
        return _ledger_page(request, form, status=422)
    amount = form.cleaned_data["amount"]
    messages.success(request, ngettext("Took %(n)s credit back.", "Took %(n)s credits back.", amount) % {"n": amount})
    return redirect("credits:ledger")


def _ledger_page(request: MemberRequest, form: ChangeBalance, status: int = 200) -> HttpResponse:
    entries = access.rows(request, Entry).select_related("by")
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    balance = book.balance(request.member.organization)
    # Entries are added while somebody reads: the balance of the first line follows from the newer ones.
    newer = entries[: page.start_index() - 1] if page.number > 1 else entries.none()
    after = balance - (newer.aggregate(total=Sum("amount"))["total"] or 0)
    shown = {"form": form, "page": page, "lines": _lines(page, after), "balance": balance}
    return render(request, "credits/ledger.html", shown, status=status)


def _lines(page: Page[Entry], after: int) -> list[tuple[Entry, int]]:
    """Return the page's entries, newest first, each with the balance after it; `after` is that of the first."""
    lines = []
    for entry in page:
        lines.append((entry, after))
        after -= entry.amount
    return lines
