"""Files on this machine's disk: whole or not there at all, and no folder stays behind empty."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clips import storage

KEY = "films/ab12/original"


class Breaks(io.BytesIO):
    """A file whose second block cannot be read."""

    def read(self, size=-1):
        if self.tell():
            raise OSError("the disk is gone")
        return super().read(size)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "media"


def put(key, content=b"film"):
    storage.put(key, io.BytesIO(content))


def content(key):
    with storage.open_file(key) as file:
        return file.read()


def test_a_file_is_stored_from_its_beginning(root):
    file = io.BytesIO(b"film")
    file.read()
    storage.put(KEY, file)
    assert (content(KEY), storage.size_bytes(KEY)) == (b"film", 4)


def test_of_a_file_that_cannot_be_read_to_its_end_nothing_stays_and_the_old_one_is_whole(root):
    put(KEY, b"old")
    with pytest.raises(OSError, match="the disk is gone"):
        storage.put(KEY, Breaks(b"new" * storage.BLOCK_BYTES))
    assert content(KEY) == b"old"
    assert (storage.begun_files(), list(storage.every_key())) == ([], [KEY])


def test_what_is_on_the_disk_is_worked_on_where_it_lies(root):
    put(KEY)
    with storage.local_copy(KEY) as path:
        assert path == storage.path_on_disk(KEY) == root / KEY


@pytest.mark.parametrize(
    "ask", [storage.open_file, storage.size_bytes, storage.written_at, lambda key: storage.local_copy(key).__enter__()]
)
def test_what_is_not_there_is_said_to_be_missing(root, ask):
    with pytest.raises(FileNotFoundError):
        ask(KEY)


def test_when_a_file_was_written_is_known(root):
    put(KEY)
    assert abs(storage.written_at(KEY) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_folder_goes_with_its_last_file(root):
    other = "films/ab12/review.mp4"
    put(KEY)
    put(other)
    storage.delete(KEY, "", "films/nowhere/original")
    assert ((root / KEY).exists(), content(other)) == (False, b"film")
    storage.delete(other)
    assert not (root / "films/ab12").exists()


def test_a_file_is_moved_with_its_folder_and_the_second_time_finds_it_moved(root):
    put(KEY)
    storage.move(KEY, "films/cd34/original")
    assert content("films/cd34/original") == b"film"
    assert not (root / "films/ab12").exists()
    with pytest.raises(FileNotFoundError):
        storage.move(KEY, "films/cd34/original")
    assert content("films/cd34/original") == b"film"


def test_only_whole_files_under_the_beginning_that_is_asked_for_are_listed(root):
    for key in ("films/ab12/a", "films/ab34/b", "films/cd/c", "scans/d"):
        put(key)
    (root / f"{storage.BEGUN}x").write_bytes(b"half")
    assert set(storage.every_key()) == {"films/ab12/a", "films/ab34/b", "films/cd/c", "scans/d"}
    assert set(storage.every_key("films/ab")) == {"films/ab12/a", "films/ab34/b"}
    assert set(storage.every_key("films/ab12/")) == {"films/ab12/a"}
    assert storage.begun_files() == [root / f"{storage.BEGUN}x"]


def test_a_link_ends_at_its_second_and_says_nothing_of_an_ending_nobody_knows(root):
    with time_machine.travel(900_000_000.0, tick=False) as clock:
        token = storage.link("films/ab12/original.unheard").split("/")[-2]
        assert storage.follow(token) == storage.Linked("films/ab12/original.unheard", "application/octet-stream", "")
        clock.shift(storage.LINK_STEP_S + 3600 - 1)
        storage.follow(token)
        clock.shift(1)
        with pytest.raises(storage.LinkDead):
            storage.follow(token)
