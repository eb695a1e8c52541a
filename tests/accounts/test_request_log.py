"""One line a request: who sent it, and why it broke."""

from __future__ import annotations

import pytest
import structlog
from django.db import OperationalError
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from accounts.middleware import RequestLog


@pytest.fixture
def lines():
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines


def test_who_asked_stands_in_the_line(as_alice, alice, lines):
    as_alice.get("/runners/")
    assert [one["user_id"] for one in lines if one["event"] == "request_finished"] == [alice.pk]


def test_a_page_that_breaks_with_the_database_away_says_in_the_log_why(lines):
    def away():
        raise OperationalError("the server closed the connection unexpectedly")

    request = RequestFactory().get("/runners/")
    request.user = SimpleLazyObject(away)
    RequestLog(lambda _request: None)._process_exception(request, OperationalError("the page asked for its rows"))
    failed = [one for one in lines if one["event"] == "request_failed"]
    assert [(one["code"], one["request"], one["user_id"]) for one in failed] == [(500, "GET /runners/", None)]
