"""Whose film is it? A runner found by the name of a file, the way coaches name them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from subjects.names import plain, words

LEAST_LETTERS = 3  # a shorter word is found in too many names
MOST = 4
WHOLE, INITIAL, PART = 3, 2, 1  # how much of a name a file says
HUMPS = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")  # where "MaraLind" has its second word


class Person(NamedTuple):
    """What of a runner can stand in a file's name."""

    pk: int
    name: str
    email: str


@dataclass(frozen=True)
class Found:
    """`sure` is the one runner the whole name or address of whom stands there; `likely` are others, best first."""

    sure: int | None
    likely: list[int]


def by_file_name(file_name: str, people: Iterable[Person]) -> Found:
    """Find who is meant by a file's name, in either order of the names and with any spelling of accents."""
    stem = _stem(file_name)
    said = frozenset(words(HUMPS.sub(" ", stem)) + words(stem))
    scored = [(score, person.pk) for person in people if (score := _score(person, said))]
    whole = [pk for score, pk in scored if score == WHOLE]
    likely = [pk for _score, pk in sorted(scored, key=lambda one: (-one[0], one[1]))]
    return Found(whole[0] if len(whole) == 1 else None, likely[:MOST])


def _stem(file_name: str) -> str:
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, _dot, ending = name.rpartition(".")
    return stem if stem and len(ending) <= 4 else name


def _score(person: Person, said: frozenset[str]) -> int:
    """How much of a runner's name is among the words of a file."""
    name = words(person.name)
    local = _local(person.email)
    # An address such as mara@… says no more than the first name does.
    says_more = not set(local) < set(name)
    if _is_whole(name, said) or (says_more and _is_whole(local, said)):
        return WHOLE
    long = [word for word in name if len(word) >= LEAST_LETTERS and word in said]
    if not long or long[0].isdigit():
        return 0
    others = {word[0] for word in name if word not in long}
    return INITIAL if others & said else PART


def _is_whole(parts: list[str], said: frozenset[str]) -> bool:
    """Whether all parts are said, one by one or run together in any order."""
    if sum(map(len, parts)) < LEAST_LETTERS:
        return False
    if all(part in said for part in parts):
        return True
    return len(parts) in (2, 3) and any("".join(order) in said for order in permutations(parts))


def _local(email: str) -> list[str]:
    local = plain(email.partition("@")[0].partition("+")[0])
    return words(local) if len(local) > LEAST_LETTERS else []
