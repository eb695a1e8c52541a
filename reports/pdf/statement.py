"""A month of an organisation's credits on paper: where the balance stood, what moved it, who used what."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.platypus import Table

from accounts.models import Organization
from accounts.numbers import NONE, number, signed
from accounts.writing import date_format
from credits import usage
from credits.models import Entry, EntryQuerySet
from credits.months import Month
from reports.models import Look
from reports.pdf.sheet import PADDING_PT, Sheet, Words, blank, foot_of

# More would take seconds to lay out, and nobody reads them on paper: they are in the table.
MOST_ENTRIES = 1000


@dataclass(frozen=True)
class Sums:
    """What moved the balance in a month, by kind, between what it was before and after."""

    before: int
    by_kind: dict[str, int]

    @property
    def after(self) -> int:
        return self.before + sum(self.by_kind.values())


def sums_of(entries: EntryQuerySet, month: Month) -> Sums:
    inside = entries.during(month)
    by_kind = {kind: inside.filter(kind=kind).total() for kind in Entry.Kind.values}
    return Sums(entries.filter(at__lt=month.begins).total(), by_kind)


def make_statement(
    *, organization: Organization, entries: EntryQuerySet, month: Month, language: str, compressed: bool = True
) -> BinaryIO:
    """Lay out the month; `entries` are all of the organisation's. Returns the finished PDF from its beginning."""
    file = io.BytesIO()
    with translation.override(language):
        name = _("Credits, %(month)s") % {"month": date_format(month.first_day, "YEAR_MONTH_FORMAT")}
        document = blank(
            file,
            pagesize=A4,
            title=f"{organization.name} · {name}",
            author=organization.name,
            lang=language,
            pageCompression=int(compressed),
        )
        sheet = Sheet(language, document.width - PADDING_PT, Words(name, ""), accent=Look.of(organization).accent)
        made = _("Made on %(when)s") % {"when": date_format(timezone.localtime(), "DATETIME_FORMAT")}
        foot = foot_of([f"{organization.name} · {name} · {made}"], sheet)
        document.build(_story(organization, entries, month, name, sheet), onFirstPage=foot, onLaterPages=foot)
    file.seek(0)
    return file


def _story(organization: Organization, entries: EntryQuerySet, month: Month, name: str, sheet: Sheet) -> list[Any]:
    sums = sums_of(entries, month)
    used = entries.used().during(month)
    story = [sheet.text(organization.name, "small"), sheet.text(name, "title"), _summary(sums, sheet)]
    for word in ("person", "service"):
        label, sum_up = usage.BY[word]
        if lines := sum_up(used):
            rows = [(line.name, number(line.credits)) for line in lines]
            story += [sheet.text(f"{_('Used')} · {label}", "head"), _two_columns(rows, sheet)]
    if used.exists():
        story.append(sheet.text(_("What was given back does not count as used."), "quiet"))
    return [*story, sheet.text(_("Ledger"), "head"), *_entries(entries, month, sheet)]


def _summary(sums: Sums, sheet: Sheet) -> Table:
    rows = [(_("Balance before"), number(sums.before))]
    rows += [(str(kind.label), signed(sums.by_kind[kind])) for kind in Entry.Kind if sums.by_kind[kind]]
    return _two_columns([*rows, (_("Balance after"), number(sums.after))], sheet, last_is_bold=True)


def _two_columns(rows: list[tuple[str, str]], sheet: Sheet, *, last_is_bold: bool = False) -> Table:
    laid = []
    for place, (label, value) in enumerate(rows, 1):
        style = "bold-cell" if last_is_bold and place == len(rows) else "cell"
        laid.append([sheet.text(label, style), sheet.number(value, style)])
    widths = [sheet.width_pt * 0.4, sheet.width_pt * 0.15]
    return Table(laid, colWidths=widths, hAlign="LEFT", style=[sheet.rule], spaceBefore=6, spaceAfter=4)


def _entries(entries: EntryQuerySet, month: Month, sheet: Sheet) -> list[Any]:
    count = entries.during(month).count()
    if not count:
        return [sheet.text(_("No entry in this month."))]
    if count > MOST_ENTRIES:
        return [sheet.text(_("The %(n)s entries are in the CSV of this month.") % {"n": number(count)})]
    within = Q(at__gte=month.begins, at__lt=month.ends)
    rows = entries.with_balance(within).select_related("by", "returns__by").order_by("at", "pk")
    heads = [sheet.text(head, "quiet") for head in (_("When"), _("What"), _("Who"))]
    heads += [sheet.number(head, "quiet") for head in (_("Credits"), _("Balance after"))]
    laid = [heads, *(_row(entry, sheet) for entry in rows)]
    shares = (0.2, 0.36, 0.19, 0.1, 0.15)
    widths = [sheet.width_pt * share for share in shares]
    return [Table(laid, colWidths=widths, repeatRows=1, hAlign="LEFT", style=[sheet.rule])]


def _row(entry: Any, sheet: Sheet) -> list[Any]:
    what = f"{entry.get_kind_display()} · {entry.reason}" if entry.reason else entry.get_kind_display()
    when = date_format(timezone.localtime(entry.at), "DATETIME_FORMAT")
    said = [sheet.text(cell, "cell") for cell in (when, what, entry.whose or NONE)]
    return [*said, sheet.number(signed(entry.amount)), sheet.number(number(entry.after))]
