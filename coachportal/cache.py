"""The cache: Redis, shared by all processes; a process's own memory for as long as Redis is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class RedisOrMemory(RedisCache):
    """Only counts of tries lie here (accounts/limits.py, sign-in): nobody is kept out because Redis is away.

    Then each process counts for itself: the limits hold, more loosely.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache(f"beside {server}", {**params, "OPTIONS": {}})

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._ask(super().add, self._memory.add, *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask(super().get, self._memory.get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        return self._ask(super().set, self._memory.set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._ask(super().delete, self._memory.delete, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> int:
        return self._ask(super().incr, self._memory.incr, *args, **kwargs)

    def _ask(self, redis: Callable[P, T], memory: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return redis(*args, **kwargs)
        except RedisError as error:
            log.warning("cache_away", error=type(error).__name__)
            return memory(*args, **kwargs)
