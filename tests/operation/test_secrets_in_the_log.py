"""Addresses that are as good as a key stay out of the log."""

from __future__ import annotations

import pytest

from coachportal.logs import hide_secret_paths


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("GET /films/f/abc:def-123/film.mp4", "GET /films/f/…/film.mp4"),
        ("Not Found: /hooks/ochy/0123456789abcdef/", "Not Found: /hooks/ochy/…/"),
        ("GET /s/abc_def-123/film/", "GET /s/…/film/"),
        ("GET /runners/", "GET /runners/"),
    ],
)
def test_the_secret_in_an_address_is_not_written(said, written):
    assert hide_secret_paths(None, "info", {"event": said, "count": 3}) == {"event": written, "count": 3}
