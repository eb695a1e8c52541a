"""Addresses that are as good as a key stay out of the log."""

from __future__ import annotations

import logging
import re
import sys

import pytest
import structlog
from django.urls import URLResolver, get_resolver

from coachportal.logs import configure_logs, hide_secret_paths


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("GET /films/f/abc:def-123/film.mp4", "GET /films/f/…/film.mp4"),
        ("Not Found: /hooks/ochy/0123456789abcdef/", "Not Found: /hooks/ochy/…/"),
        ("GET /s/abc_def-123/film/", "GET /s/…/film/"),
        ("Unprocessable Entity: /join/abc_def-123/", "Unprocessable Entity: /join/…/"),
        ("Unprocessable Entity: /consent/abc_def-123/", "Unprocessable Entity: /consent/…/"),
        ("Not Found: /accounts/password/reset/key/1-abc-def/", "Not Found: /accounts/password/reset/key/…/"),
        ("GET /privacy/runners/consents/", "GET /privacy/runners/consents/"),
        ("GET /runners/", "GET /runners/"),
    ],
)
def test_the_secret_in_an_address_is_not_written(said, written):
    assert hide_secret_paths(None, "info", {"event": said, "count": 3}) == {"event": written, "count": 3}


def routes(patterns, before="/"):
    for one in patterns:
        route = before + str(one.pattern)
        yield from routes(one.url_patterns, route) if isinstance(one, URLResolver) else [route]


def test_no_address_with_a_secret_is_forgotten():
    secret = [route for route in routes(get_resolver().url_patterns) if "<str:token>" in route]
    assert len(secret) >= 7
    for route in secret:
        path = re.sub("<[^>]+>", "word", route.replace("<str:token>", "abc_def-123"))
        assert "abc_def-123" not in hide_secret_paths(None, "info", {"event": f"Not Found: {path}"})["event"]


@pytest.fixture
def _logs_stay():
    """Loggers keep what they were first set up with: set up anew for good, they would be heard by no later test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("_logs_stay")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_is_short_and_shows_no_locals(as_json):
    told = configure_logs(level="INFO", as_json=as_json)["formatters"]["lines"]
    formatter = told.pop("()")(**told)
    password = "in no log" * 100_000

    def break_down(given):
        raise RuntimeError("GET /hooks/ochy/0123456789abcdef/ went wrong")

    try:
        break_down([password] * 50)
    except RuntimeError:
        record = logging.LogRecord("a name", logging.ERROR, __file__, 1, "broken", (), sys.exc_info())
    line = formatter.format(record)
    assert len(line) < 10_000
    assert "RuntimeError: GET /hooks/ochy/…/ went wrong" in line.replace("\\u2026", "…")
    assert "in no log" not in line
    assert "in break_down" in line
