"""Films that come at the same moment are looked into one after another."""

from __future__ import annotations

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from clips import probe


def test_films_that_come_at_once_are_looked_into_one_after_another(monkeypatch, settings, tmp_path):
    settings.VAR = tmp_path
    looking, most, guard = 0, 0, threading.Lock()

    def look(arguments, seconds):
        nonlocal looking, most
        with guard:
            looking += 1
            most = max(most, looking)
        time.sleep(0.02)
        with guard:
            looking -= 1
        return subprocess.CompletedProcess(arguments, 0, b'{"refused": "empty"}', b"")

    def send(number):
        with pytest.raises(probe.NotAFilm):
            probe.probe(tmp_path / f"{number}.mp4")

    monkeypatch.setattr(probe, "start_sandbox", look)
    with ThreadPoolExecutor(4) as browsers:
        list(browsers.map(send, range(4)))
    assert most == 1
