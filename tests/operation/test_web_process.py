"""How a web process begins, and what it makes of a body in chunks."""

from __future__ import annotations

import gc
import io
import sys

import pytest
from django.core.handlers.wsgi import WSGIRequest


@pytest.mark.filterwarnings("ignore:No directory at")  # nobody has collected the static files of a test
def test_what_stays_is_left_alone_by_the_collector_and_the_pages_are_loaded():
    from coachportal import wsgi

    gc.unfreeze()
    wsgi.settle()
    try:
        assert gc.get_freeze_count() > 100_000
        assert "analyses.views" in sys.modules
    finally:
        gc.unfreeze()


@pytest.fixture
def read(monkeypatch):
    """The portal as the web server calls it, with the body it finds as its only answer."""
    from coachportal import wsgi

    monkeypatch.setattr(wsgi, "portal", lambda environ, start_response: [WSGIRequest(environ).body])
    monkeypatch.setattr(wsgi, "MOST_BYTES", 200_000)
    head = {"REQUEST_METHOD": "POST", "HTTP_TRANSFER_ENCODING": "chunked"}
    return lambda body: b"".join(wsgi.application(head | {"wsgi.input": body}, None))


@pytest.mark.parametrize("size", [0, 2, 65_536, 199_999])
def test_a_body_in_chunks_is_read_to_its_end(read, size):
    assert read(io.BytesIO(b"x" * size)) == b"x" * size


def test_of_a_body_without_end_no_more_is_read_than_is_let_through(read):
    class Endless:
        def read(self, size):
            return bytes(size)

    assert 200_000 < len(read(Endless())) < 300_000
