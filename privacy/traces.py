"""Search what is left: the whole database, every stored file's name, and everything in Redis.

Random codes, ids and digests are looked for as whole words, so a find is never an accident. A name or an e-mail
address may be somebody else's too: where one is found, a person has to look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import django_rq
import structlog
from django.apps import apps
from django.conf import settings
from django.db import models
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job

from clips import storage
from privacy.belongings import Marks
from privacy.models import Tombstone

log = structlog.get_logger(__name__)

BIGGEST_VALUE_BYTES = 1024 * 1024
TEXT = (models.CharField, models.TextField, models.JSONField, models.UUIDField)


@dataclass
class Search:
    """What was looked through, and where something was found: kinds of places and how often, never the words."""

    tables: int = 0
    rows: int = 0
    files: int = 0
    redis_keys: int | None = 0  # None: Redis did not answer
    tokens: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)

    def look_at(self, place: str, text: str, marks: Marks) -> None:
        if marks.are_in(text):
            self.tokens[place] += 1
        elif marks.name_is_in(text):
            self.names[place] += 1


def search(marks: Marks) -> Search:
    """Look everywhere. Tombstones are left out: they are what is meant to be left."""
    found = Search()
    _search_database(found, marks)
    for key in storage.every_key():
        found.files += 1
        if not key.startswith("tombstones/"):
            found.look_at("storage", key, marks)
    _search_redis(found, marks)
    return found


def _search_database(found: Search, marks: Marks) -> None:
    for model in apps.get_models(include_auto_created=True):
        names = [one.attname for one in model._meta.concrete_fields if isinstance(one, TEXT)]
        if not names or model is Tombstone or not model._meta.managed:
            continue
        found.tables += 1
        for row in model._base_manager.values_list(*names).iterator(chunk_size=500):
            found.rows += 1
            found.look_at(model._meta.label, " ".join(str(value) for value in row if value), marks)


def _search_redis(found: Search, marks: Marks) -> None:
    try:
        connection = _connection()
        found.redis_keys = 0
        for key in connection.scan_iter(count=500):
            found.redis_keys += 1
            text = " ".join(_texts(value) for value in _values(connection, key))
            found.look_at("redis", f"{key.decode(errors='replace')} {text}", marks)
    except (RedisError, OSError) as error:
        log.warning("redis_not_searched", error=type(error).__name__)
        found.redis_keys = None


def _values(connection: Any, key: bytes) -> Iterator[Any]:
    kind = connection.type(key).decode()
    if kind == "hash":
        fields = connection.hgetall(key)
        yield from fields
        if b"data" in fields and key.startswith(Job.redis_job_namespace_prefix.encode()):
            # The queue keeps what a job was called with packed.
            job = _job(key, connection)
            yield str(job.kwargs) if job else ""
        yield from fields.values()
    elif kind == "string":
        yield connection.getrange(key, 0, BIGGEST_VALUE_BYTES)
    elif kind == "list":
        yield from connection.lrange(key, 0, -1)
    elif kind == "set":
        yield from connection.sscan_iter(key)
    elif kind == "zset":
        yield from (member for member, _ in connection.zscan_iter(key))
    elif kind == "stream":
        yield from (str(fields) for _, fields in connection.xrange(key))


def _texts(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def forget_jobs(arguments: Mapping[str, Iterable[int]]) -> int | None:
    """Remove the jobs that were called with one of these numbers; return how many, None when Redis is silent."""
    removed = 0
    wanted = {name: set(pks) for name, pks in arguments.items()}
    try:
        connection = _connection()
        for key in connection.scan_iter(match=f"{Job.redis_job_namespace_prefix}*", count=500):
            job = _job(key, connection)
            if job and any(job.kwargs.get(name) in pks for name, pks in wanted.items()):
                job.delete()
                removed += 1
    except (RedisError, OSError) as error:
        log.warning("jobs_not_removed", error=type(error).__name__)
        return None
    return removed


def _connection() -> Any:
    return django_rq.get_connection(next(iter(settings.RQ_QUEUES)))  # all queues lie in one Redis


def _job(key: bytes, connection: Any) -> Job | None:
    serializer: Any = next(iter(settings.RQ_QUEUES.values())).get("SERIALIZER")
    try:
        job_id = key.decode().removeprefix(Job.redis_job_namespace_prefix)
        return Job.fetch(job_id, connection=connection, serializer=serializer)
    except NoSuchJobError:  # it ended meanwhile
        return None
