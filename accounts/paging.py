"""Lists a page at a time, that cost the same however long they have grown."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from accounts.questions import Asked

ENOUGH = 1_000
LAST = 1_000_000  # no list has so many pages: an address may name any number


class Pages(Paginator):  # type: ignore[type-arg]  # its stubs are generic, it is not
    """Pages of a query, counted so far as is needed to lead on and to say "more than 1000".

    What ends on its first page is read and not counted. `count` is set beforehand where it is known.
    """

    object_list: QuerySet[Any] | Asked  # type: ignore[assignment]  # of which no more than this is asked
    more_than = 0  # rows that there are more of; 0 where `count` is all there are

    def __init__(self, rows: QuerySet[Any] | Asked, per_page: int) -> None:
        super().__init__(cast(Any, rows), per_page)

    def get_page(self, number: Any) -> Page[Any]:
        wanted = _number(number)
        first = list(self.object_list[: self.per_page + 1]) if wanted == 1 else None
        if "count" not in self.__dict__:
            self.count = len(first) if first is not None and len(first) <= self.per_page else self._counted(wanted)
        return super().get_page(number) if first is None else Page(first[: self.per_page], 1, self)

    def _counted(self, wanted: int) -> int:
        """Count to the next thousand from the page that is wanted, and one row on: whether there are more."""
        thousands = -(-wanted * self.per_page // ENOUGH)
        rows, most = self.object_list, thousands * ENOUGH + 1
        found = rows.count(most) if isinstance(rows, Asked) else rows.order_by()[:most].count()
        if found > thousands * ENOUGH:
            self.more_than = thousands * ENOUGH
        return found


def _number(said: Any) -> int:
    """Return the number of the page that was asked for; the first for anything that is none."""
    try:
        return min(max(int(said), 1), LAST)
    except (TypeError, ValueError):
        return 1
