"""How a web process begins."""

from __future__ import annotations

import gc
import sys

import pytest


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
