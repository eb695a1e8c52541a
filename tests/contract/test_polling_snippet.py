"""A program written from the contract alone runs unchanged against our server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # a program of its own beside the server

SNIPPET = Path(__file__).with_name("polling_snippet.py")


def run_snippet(server, film):
    environment = os.environ | {"OCHY_API_URL": server.url, "OCHY_API_KEY": server.key}
    return subprocess.run([sys.executable, SNIPPET, film], env=environment, capture_output=True, text=True, timeout=300)


def test_it_starts_waits_and_reads_the_numbers(server, film):
    done = run_snippet(server, film)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["metrics"]["speed_meter_per_second"] == 2.123
    assert printed["total_score"] == 0.588


def test_it_is_told_why_a_film_is_not_taken(server, film):
    done = run_snippet(server, film.rename(film.with_suffix(".txt")))
    assert (done.returncode, done.stderr) == (1, "not started: Invalid file type\n")
