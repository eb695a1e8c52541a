"""Everything that belongs to a runner, found by following the database's own references: what is built later is found
on the day it is born.

A row belongs to a runner when it points at the runner, or at a row that belongs to them. A film belongs to them when
it was sent in for them, or only they were measured in it; a film that another runner was measured in stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from accounts.record import pseudonym
from analyses.models import Analysis, Drift, RemoteSubject, WebhookCall
from clips.models import Clip
from subjects.models import Subject

Model = type[models.Model]
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])")
LONG_WORDS = re.compile(r"[0-9A-Za-z_-]{8,64}")
SHORTEST_NAME = 3
AT_ONCE = 500  # SQLite takes at most 32,766 values in a statement, older ones 999


@dataclass
class Belongings:
    """The rows of one runner, and what can be said of them without asking the database again."""

    subject: Subject
    pks: dict[Model, set[Any]] = field(default_factory=dict)
    # References that are only emptied: the row belongs to somebody else and lives on.
    loosened: list[tuple[Model, str, set[Any]]] = field(default_factory=list)
    kept_films: int = 0  # films in which another runner was measured, too

    def rows(self, model: Model) -> Iterator[Any]:
        for some in chunks(self.pks.get(model, set())):
            yield from model._base_manager.filter(pk__in=some).order_by("pk")

    @property
    def models(self) -> list[Model]:
        return sorted(self.pks, key=lambda model: model._meta.label)


def chunks(values: set[Any]) -> Iterator[list[Any]]:
    ordered = sorted(values)
    for first in range(0, len(ordered), AT_ONCE):
        yield ordered[first : first + AT_ONCE]


def belongings_of(subject: Subject) -> Belongings:
    """Find them all, in a few queries for each kind of row."""
    found = Belongings(subject)
    _take(found, Subject, {subject.pk})
    _take(found, Clip, _films(found))
    _take(found, WebhookCall, _calls(found))
    _take(found, Drift, _differences(found))
    _take(found, LogEntry, _admin_log(found))
    return found


def _take(found: Belongings, model: Model, pks: set[Any]) -> None:
    """Add rows, and after them everything that points at them."""
    new = pks - found.pks.get(model, set())
    if not new:
        return
    found.pks.setdefault(model, set()).update(new)
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)) or relation.concrete:
            continue
        other: Any = relation.related_model
        name = relation.field.name  # type: ignore[union-attr]
        pointing: set[Any] = set()
        for some in chunks(new):
            pointing.update(other._base_manager.filter(**{f"{name}__in": some}).values_list("pk", flat=True))
        if not pointing or other is Clip:
            continue
        if relation.on_delete is models.SET_NULL:  # type: ignore[union-attr]
            found.loosened.append((other, name, pointing))
        else:
            _take(found, other, pointing)


def _films(found: Belongings) -> set[Any]:
    """Return the runner's films, and uploads of the very same file that nobody was measured in."""
    mine = found.pks[Subject]
    films: set[Any] = set(Clip._base_manager.filter(subject__in=mine).values_list("pk", flat=True))
    for some in chunks(found.pks.get(Analysis, set())):
        films.update(Analysis._base_manager.filter(pk__in=some).values_list("clip", flat=True))
    digests = {one for one in _values(Clip, films, "sha256") if one}
    for some in chunks(digests):
        same = Clip._base_manager.filter(
            organization=found.subject.organization_id, sha256__in=some, subject=None, analyses=None
        )
        films.update(same.values_list("pk", flat=True))
    of_others: set[Any] = set()
    for some in chunks(films):
        measured = Analysis._base_manager.filter(clip__in=some).exclude(subject__in=mine)
        of_others.update(measured.values_list("clip", flat=True))
        owned = Clip._base_manager.filter(pk__in=some).exclude(subject=None).exclude(subject__in=mine)
        of_others.update(owned.values_list("pk", flat=True))
    found.kept_films = len(of_others)
    return films - of_others


def _calls(found: Belongings) -> set[Any]:
    """Return the calls of services about the runner's analyses."""
    remote_ids = {one for one in _values(Analysis, found.pks.get(Analysis, set()), "remote_id") if one}
    return {
        pk
        for some in chunks(remote_ids)
        for pk in WebhookCall._base_manager.filter(
            organization=found.subject.organization_id, remote_id__in=some
        ).values_list("pk", flat=True)
    }


def _differences(found: Belongings) -> set[Any]:
    """Return the differences with a service's books that are about the runner there, or about an analysis of theirs."""
    there = _values(Analysis, found.pks.get(Analysis, set()), "remote_id")
    there |= _values(RemoteSubject, found.pks.get(RemoteSubject, set()), "remote_id")
    rows = Drift._base_manager.filter(organization=found.subject.organization_id)
    return {
        pk
        for some in chunks({one for one in there if one})
        for pk in rows.filter(Q(remote_id__in=some) | Q(about__runner__in=some)).values_list("pk", flat=True)
    }


def _admin_log(found: Belongings) -> set[Any]:
    """Return the lines in which the admin site names the runner's rows."""
    lines: set[Any] = set()
    for model, pks in found.pks.items():
        kind = ContentType.objects.get_for_model(model)
        for some in chunks({str(pk) for pk in pks}):
            lines.update(LogEntry.objects.filter(content_type=kind, object_id__in=some).values_list("pk", flat=True))
    return lines


def _values(model: Model, pks: set[Any], name: str) -> set[Any]:
    return {
        value for some in chunks(pks) for value in model._base_manager.filter(pk__in=some).values_list(name, flat=True)
    }


@dataclass(frozen=True)
class Marks:
    """By what the runner could be recognised anywhere: to be searched for, and to be forgotten."""

    name: str
    email: str
    codes: frozenset[str]  # of the runner and of every row
    remote_ids: frozenset[str]
    sha256: frozenset[str]  # of the films
    folders: frozenset[str]  # the random part of the files' keys
    keys: frozenset[str]  # of files

    @property
    def tokens(self) -> frozenset[str]:
        """Everything that is random, so that finding it anywhere can be no accident."""
        return reduce(or_, (self.codes, self.remote_ids, self.sha256, self.folders))

    @property
    def hashes(self) -> list[str]:
        """What may be kept of it for ever."""
        return sorted(pseudonym(token) for token in self.tokens)

    def are_in(self, text: str) -> bool:
        """Whether a code, an id or a digest of the runner stands in `text`; no accident can put one there."""
        return not self.tokens.isdisjoint(words(text)) or any(key in text for key in self.keys)

    def name_is_in(self, text: str) -> bool:
        """Whether the runner's name or address stands in `text` as whole words; it may be somebody else's too."""
        low = text.casefold()
        wanted = [word.casefold() for word in (self.name, self.email) if len(word) >= SHORTEST_NAME]
        return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low) for word in wanted if word in low)

    def as_text(self) -> str:
        return json.dumps(
            {name: sorted(value) if isinstance(value, frozenset) else value for name, value in vars(self).items()}
        )

    @classmethod
    def from_text(cls, text: str) -> Marks:
        sets: dict[str, Any] = {
            name: frozenset(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
        }
        return cls(**sets)


def words(text: str) -> set[str]:
    """Return everything in `text` that could be one of our random codes, ids or digests."""
    return {*UUIDS.findall(text), *HEX.findall(text), *LONG_WORDS.findall(text)}


def marks_of(found: Belongings) -> Marks:
    codes: set[str] = set()
    keys: set[str] = set()
    for model in found.models:
        names = {one.name for one in model._meta.concrete_fields}
        if "code" in names:
            codes |= {str(code) for code in _values(model, found.pks[model], "code")}
        for name in names:
            if name == "key" or (name.endswith("_key") and not name.startswith(("sealed", "subject"))):
                keys |= {key for key in _values(model, found.pks[model], name) if key and "/" in key}
    films = found.pks.get(Clip, set())
    folders = {folder.rpartition("/")[2] for folder in _values(Clip, films, "folder")}
    folders |= {one for key in keys for one in HEX.findall(key)} - {found.subject.organization.code.hex}
    remote_ids = _values(Analysis, found.pks.get(Analysis, set()), "remote_id")
    remote_ids |= _values(RemoteSubject, found.pks.get(RemoteSubject, set()), "remote_id")
    return Marks(
        name=found.subject.name,
        email=found.subject.email,
        codes=frozenset(codes),
        remote_ids=frozenset(filter(None, remote_ids)),
        sha256=frozenset(filter(None, _values(Clip, films, "sha256"))),
        folders=frozenset(folders),
        keys=frozenset(keys),
    )
