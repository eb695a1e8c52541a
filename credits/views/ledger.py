"""The balance, every entry that made it, and changing it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.actions import record
from accounts.models import AuditEntry
from accounts.tables import as_csv
from credits import actions, exports, levels, usage
from credits import ledger as book
from credits.forms import BalanceForm
from credits.lookup import Lookup
from credits.models import Ask, AskQuerySet, Entry, EntryQuerySet, GroupUse, Rules
from credits.months import Month
from credits.refusals import NotEnoughCredits

PAGE = 50
USED_MOST = 5  # who used the most this month, beside the ledger


@require_safe
@member_required(admin=True)
def ledger(request: MemberRequest) -> HttpResponse:
    return _ledger_page(request, BalanceForm())


@require_safe
@member_required(admin=True)
def ledger_csv(request: MemberRequest) -> StreamingHttpResponse:
    """Answer the entries the address asks for, oldest first, with the balance after each."""
    lookup = Lookup.read(request.GET.dict())
    entries = entries_of(request)
    shown = Q(Exists(lookup.of(entries).filter(pk=OuterRef("pk"))))
    chosen = entries.with_balance(shown).order_by("at", "pk")
    chosen = chosen.select_related("by", "returns__by").prefetch_related("group_uses", "returns__group_uses")
    name = f"credits-{lookup.month}.csv" if lookup.month else "credits.csv"
    note_export(request, f"the ledger as CSV {lookup.urlencode()}".strip())
    return as_csv(exports.ledger_lines(chosen.iterator(chunk_size=500)), name)


@require_POST
@member_required(admin=True)
def give(request: MemberRequest) -> HttpResponse:
    form = BalanceForm(request.POST)
    if not form.is_valid():
        return _ledger_page(request, form, status=422)
    made = actions.give_or_ask(organization=request.member.organization, by=request.user, **form.cleaned_data)
    amount = form.cleaned_data["amount"]
    if isinstance(made, Ask):
        text = _("Asked for %(n)s credits. They count when another admin agrees.")
        messages.info(request, text % {"n": amount})
    else:
        messages.success(request, ngettext("Gave %(n)s credit.", "Gave %(n)s credits.", amount) % {"n": amount})
    return redirect("credits:ledger")


@require_POST
@member_required(admin=True)
def take(request: MemberRequest) -> HttpResponse:
    form = BalanceForm(request.POST)
    if not form.is_valid():
        return _ledger_page(request, form, status=422)
    try:
        book.take(organization=request.member.organization, by=request.user, **form.cleaned_data)
    except NotEnoughCredits as error:
        said = _("The balance is %(balance)s. Take back that many at most.") % {"balance": error.balance}
        form.add_error("amount", said)
        return _ledger_page(request, form, status=422)
    amount = form.cleaned_data["amount"]
    messages.success(request, ngettext("Took %(n)s credit back.", "Took %(n)s credits back.", amount) % {"n": amount})
    return redirect("credits:ledger")


@require_POST
@member_required(admin=True)
def answer(request: MemberRequest, code: UUID) -> HttpResponse:
    """Agree to what another admin asks, refuse it, or withdraw what one asked oneself."""
    ask = access.row(request, Ask, code, write=True)
    deed = request.POST.get("answer", "")
    try:
        if deed == "withdraw":
            actions.withdraw_ask(ask=ask, by=request.user)
            messages.success(request, _("The request is withdrawn."))
        elif deed in ("agree", "refuse"):
            actions.answer_ask(ask=ask, agreed=deed == "agree", by=request.user)
            said = _("Agreed. It holds from now on.") if deed == "agree" else _("Refused. Nothing has changed.")
            messages.success(request, said)
    except actions.AskRefused as refused:
        messages.error(request, str(refused))
    return redirect("credits:ledger")


def entries_of(request: MemberRequest) -> EntryQuerySet:
    return cast(EntryQuerySet, access.rows(request, Entry))


def note_export(request: MemberRequest, about: str) -> None:
    """Put on record that a table left the house."""
    by, action = request.user, AuditEntry.Action.EXPORTED
    record(organization=request.member.organization, by=by, action=action, about=about)


def _ledger_page(request: MemberRequest, form: BalanceForm, status: int = 200) -> HttpResponse:
    organization = request.member.organization
    entries = entries_of(request)
    lookup = Lookup.read(request.GET.dict())
    chosen = lookup.of(entries).select_related("by", "returns__by")
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    balance = book.balance(organization)
    month = Month.now()
    used = usage.by_person(entries.used().during(month))
    shown = {
        "form": form,
        "page": page,
        "lines": _lines(entries, page),
        "balance": balance,
        "rules": Rules.of(organization),
        "lasts_until": levels.lasts_until(organization, balance),
        "month": month,
        "used": used[:USED_MOST],
        "used_more": len(used) > USED_MOST,
        "used_sum": sum(line.credits for line in used),
        "asks": cast(AskQuerySet, access.rows(request, Ask)).open().select_related("by"),
        "lookup": lookup,
        **_choices(request, entries),
    }
    return render(request, "credits/ledger.html", shown, status=status)


def _lines(entries: EntryQuerySet, page: Page[Entry]) -> list[tuple[Entry, int]]:
    """Return the page's entries, each with the balance of the whole ledger after it."""
    numbers = [entry.pk for entry in page]
    summed = entries.with_balance(Q(pk__in=numbers)) if numbers else entries.none()
    after: dict[int, int] = {entry.pk: entry.after for entry in summed}  # type: ignore[attr-defined]
    return [(entry, after[entry.pk]) for entry in page]


def _choices(request: MemberRequest, entries: EntryQuerySet) -> dict[str, Any]:
    """What the ledger can be narrowed to: what stands in it."""
    people = entries.filter(by__isnull=False).order_by("by__name").values_list("by", "by__name").distinct()
    first = entries.order_by("at").values_list("at", flat=True).first()
    now = Month.now()
    begun = Month.of(first) if first else now
    count = (now.year - begun.year) * 12 + now.number - begun.number
    return {
        "kinds": Entry.Kind.choices,
        "people": people,
        "views": usage.VIEWS.items(),
        "services": usage.SERVICES.items(),
        "groups": access.rows(request, GroupUse).order_by("name").values_list("name", flat=True).distinct(),
        "months": [now.later(-back) for back in range(count + 1)],
    }
