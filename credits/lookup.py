"""What of the ledger is asked for: the words of an address, and the entries that fit them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict

from accounts.access import number_of
from credits.models import Entry, EntryQuerySet, GroupUse
from credits.months import Month
from credits.usage import SERVICES, VIEWS


@dataclass(frozen=True)
class Lookup:
    """A choice of entries; an empty word chooses all. A word nobody knows counts as none."""

    kind: str = ""
    person: str = ""  # the number of somebody's account; what came back belongs to who had spent it
    view: str = ""
    service: str = ""
    group: str = ""  # a group's name, which the ledger keeps when the group is gone
    month: Month | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Lookup:
        person = given.get("person", "")
        return cls(
            kind=_known(given.get("kind", ""), Entry.Kind.values),
            person=person if number_of(person) is not None else "",
            view=_known(given.get("view", ""), VIEWS),
            service=_known(given.get("service", ""), SERVICES),
            group=given.get("group", "").replace("\x00", "")[:80],  # a character no database takes
            month=Month.read(given.get("month", "")),
        )

    @property
    def words(self) -> dict[str, str]:
        """What stands in the address, without the empty ones."""
        return {name: str(value) for name, value in vars(self).items() if value}

    def urlencode(self) -> str:
        query = QueryDict(mutable=True)
        query.update(self.words)
        return query.urlencode()

    def of(self, entries: EntryQuerySet) -> EntryQuerySet:
        """Return those of these entries that fit."""
        words = {name: value for name, value in vars(self).items() if value and name in ("kind", "view", "service")}
        found = entries.filter(**words)
        if self.person:
            found = found.filter(Q(by=self.person, returns=None) | Q(returns__by=self.person))
        if self.group:
            theirs = GroupUse.objects.filter(entry__in=entries, name=self.group).values("entry")
            found = found.filter(Q(pk__in=theirs) | Q(returns__in=theirs))
        if self.month:
            found = found.during(self.month)
        return found


def _known(word: str, words: Any) -> str:
    return word if word in words else ""
