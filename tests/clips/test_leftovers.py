"""What a killed process left behind is removed; what somebody works on is not."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from clips import storage
from clips.leftovers import remove_leftovers
from coachportal.cron import TURNS


@pytest.fixture
def incoming(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def written(path, *, hours_ago: float):
    at = (timezone.now() - timedelta(hours=hours_ago)).timestamp()
    path.write_bytes(b"half a film")
    os.utime(path, (at, at))
    os.utime(path.parent, (at, at))
    return path


class Broken(io.BytesIO):
    """A file that breaks off after its first piece."""

    def read(self, size=-1):
        if self.tell():
            raise OSError("broke in the middle")
        return super().read(size)


def test_old_files_and_folders_go_and_young_ones_stay(incoming):
    (incoming / "copy-old").mkdir()
    (incoming / "copy-young").mkdir()
    written(incoming / "copy-old" / "part.mp4", hours_ago=3)
    written(incoming / "copy-young" / "part.mp4", hours_ago=1)
    written(incoming / "film-old", hours_ago=3)
    written(incoming / "film-young", hours_ago=1)
    assert remove_leftovers(now=timezone.now()) == 2
    assert sorted(path.name for path in incoming.iterdir()) == ["copy-young", "film-young"]


def test_a_folder_in_which_somebody_writes_stays_however_old_it_is(incoming):
    folder = incoming / "trim-old"
    folder.mkdir()
    written(folder / "begun", hours_ago=5)
    (folder / "growing").write_bytes(b"more")
    assert remove_leftovers(now=timezone.now()) == 0


def test_a_file_whose_writer_was_killed_is_no_stored_file_and_goes(incoming, monkeypatch):
    storage.put("tombstones/whole.json", io.BytesIO(b"{}"))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # a process that is killed removes nothing
    with pytest.raises(OSError, match="in the middle"):
        storage.put("tombstones/half.json", Broken(b"{"))
    monkeypatch.undo()
    assert list(storage.every_key()) == ["tombstones/whole.json"]
    assert remove_leftovers(now=timezone.now()) == 0
    assert remove_leftovers(now=timezone.now() + timedelta(hours=3)) == 1
    assert list(storage.every_key()) == ["tombstones/whole.json"]
    assert storage.begun_files() == []


def test_the_clock_does_it():
    [turn] = [turn for turn in TURNS if turn.name == "files that killed processes left behind"]
    assert turn.do() == 0
