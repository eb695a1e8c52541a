"""Who used how many credits for what, summed from the ledger: what came back was not used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credits.models import EntryQuerySet, GroupUse
from credits.months import Month

MONTHS = 12
# The words of higher rooms for what the ledger keeps as a word.
VIEWS: dict[str, str | Promise] = {"side_view": gettext_lazy("Side view"), "back_view": gettext_lazy("Back view")}
SERVICES: dict[str, str | Promise] = {"engine": gettext_lazy("Built-in engine"), "ochy": gettext_lazy("Ochy")}


@dataclass(frozen=True)
class Line:
    """What one person, view, group or service used; `key` is its word in addresses."""

    key: str
    name: str
    orders: int
    credits: int
    email: str = ""
    share_pc: str = "0"  # of the largest line; written for a drawing, with a point


@dataclass(frozen=True)
class Column:
    """What was used in one month, with its place in the drawing of the last twelve."""

    month: Month
    credits: int
    x: int
    y: str
    height: str


def by_person(used: EntryQuerySet) -> list[Line]:
    found = used.values_list("by", "by__name", "by__email").annotate(n=Count("pk"), sum=Sum("amount"))
    nobody = _("Without a person")
    lines = (
        Line(str(pk or ""), name or email or nobody, n, -total, email or "") for pk, name, email, n, total in found
    )
    return _lines(lines)


def by_view(used: EntryQuerySet) -> list[Line]:
    return _by_word(used, "view", VIEWS)


def by_service(used: EntryQuerySet) -> list[Line]:
    return _by_word(used, "service", SERVICES)


def by_group(used: EntryQuerySet) -> list[Line]:
    """A runner of two groups counts in both, so the lines may add up to more than was used."""
    uses = GroupUse.objects.filter(entry__in=used.values("pk"))
    found = uses.values_list("name").annotate(n=Count("pk"), sum=Sum("entry__amount"))
    lines = [Line(name, name, n, -total) for name, n, total in found]
    alone = used.filter(group_uses=None).aggregate(n=Count("pk"), sum=Sum("amount"))
    if alone["n"]:
        lines.append(Line("", _("In no group"), alone["n"], -alone["sum"]))
    return _lines(iter(lines))


BY: Mapping[str, tuple[str | Promise, Callable[[EntryQuerySet], list[Line]]]] = {
    "person": (gettext_lazy("By person"), by_person),
    "view": (gettext_lazy("By view"), by_view),
    "group": (gettext_lazy("By group"), by_group),
    "service": (gettext_lazy("By service"), by_service),
}

COLUMN_PX, PLOT_PX = 30, 90


def by_month(entries: EntryQuerySet, last: Month) -> list[Column]:
    """Return the twelve months up to `last`, each with what was used in it."""
    first = last.later(1 - MONTHS)
    used = entries.used().filter(at__gte=first.begins, at__lt=last.ends)
    months = used.annotate(month=TruncMonth("at")).values_list("month").annotate(sum=Sum("amount"))
    found = {Month.of(at): -total for at, total in months}
    most = max(found.values(), default=0)
    return [_column(first.later(number), found, most, number) for number in range(MONTHS)]


def _column(month: Month, found: Mapping[Month, int], most: int, number: int) -> Column:
    credits = found.get(month, 0)
    height = PLOT_PX * credits / most if most else 0.0
    return Column(month, credits, number * COLUMN_PX, f"{PLOT_PX - height:.1f}", f"{height:.1f}")


def _by_word(used: EntryQuerySet, field: str, names: Mapping[str, str | Promise]) -> list[Line]:
    found = used.values_list(field).annotate(n=Count("pk"), sum=Sum("amount"))
    return _lines(Line(word, str(names.get(word, word)) or _("Not known"), n, -total) for word, n, total in found)


def _lines(found: Iterator[Line]) -> list[Line]:
    """Put the largest first and say how large each is beside it."""
    lines = sorted(found, key=lambda line: (-line.credits, line.name.casefold()))
    most = lines[0].credits if lines else 1
    return [replace(line, share_pc=f"{100 * line.credits / most:.1f}") for line in lines]
