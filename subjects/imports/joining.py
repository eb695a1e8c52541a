"""Which groups a list's column names: those one sees, and those an import would make."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from subjects.imports.cells import Unreadable
from subjects.models import Group, Subject

SEVERAL = re.compile(r"\s*[;|,]\s*")
MAX_NAME = 80


def plainly(name: str) -> str:
    """Return a group's name as two spellings of it are one: whatever the case, however many spaces."""
    return " ".join(name.split()).casefold()


class Groups:
    """The groups `seen` by whoever imports; with `may_make` a name that is none of them is a new group."""

    def __init__(self, seen: Iterable[Group], *, may_make: bool) -> None:
        self.known = {plainly(group.name): group for group in seen}
        self.may_make = may_make
        self.named: dict[str, str] = {}  # of the new ones, each as it was written first

    def read(self, cell: str) -> list[str]:
        """Return the plain names in a cell, one or several. Raises Unreadable."""
        names = [cell] if plainly(cell) in self.known else [one for one in SEVERAL.split(cell) if one.strip()]
        return list(dict.fromkeys(map(self._read, names)))

    def _read(self, name: str) -> str:
        plain = plainly(name)
        if plain in self.known:
            return plain
        if not self.may_make:
            text = _("“%(group)s” is not one of your groups. Choose another one, or ask an admin to add you to it.")
            raise Unreadable(text % {"group": name[:MAX_NAME]})
        if len(name) > MAX_NAME:
            raise Unreadable(_("A group’s name has 80 characters at most."))
        self.named.setdefault(plain, " ".join(name.split()))
        return plain

    def label(self, plain: str) -> str:
        return self.known[plain].name if plain in self.known else self.named[plain]

    def is_new(self, plain: str) -> bool:
        return plain not in self.known

    def members(self) -> set[tuple[int, int]]:
        """Return who is in one of the known groups: keys of runner and group."""
        pks = [group.pk for group in self.known.values()]
        there = Subject.groups.through._default_manager.filter(group__in=pks)
        return set(there.values_list("subject", "group"))
