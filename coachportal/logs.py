"""Structured logs: one line an event, one `request_id` from the browser's request to the job and the provider call."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# These print whole addresses, and the provider's key stands in the address.
_SILENT = ("httpx", "httpcore", "urllib3", "botocore", "boto3")


# Whoever holds one of these addresses may watch the film, read the result, call in, become a member, agree for a
# runner or set a password: what is secret in them stays out of the log.
_SECRET_PATHS = re.compile(r"/(films/f|hooks/[^/\s]+|s|join|consent|accounts/password/reset/key)/[^/\s'\"]+")


def hide_secret_paths(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what is secret in an address, wherever in the line it stands."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _SECRET_PATHS.sub(r"/\1/…", value)
    return event


def configure_logs(*, level: str, as_json: bool) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: every logger ends in the same format on stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # For a screen not structlog's own choice: rich prints every local, half a minute a traceback, secrets included.
    lines: Any = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderer = [
        structlog.processors.format_exc_info,
        hide_secret_paths,
        structlog.processors.JSONRenderer() if as_json else lines,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in _SILENT}
        # Polling pages ask every two seconds; their requests are told by the proxy's log.
        | {"django_structlog": {"level": "WARNING"}, "rq": {"level": "WARNING"}},
    }
