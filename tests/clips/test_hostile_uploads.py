"""Files meant to break us: a clear sentence for each, nothing broken, nothing left behind."""

from __future__ import annotations

import io
import mmap
from random import Random

import pytest

from clips import sandbox
from clips.fuzz.drive import run
from clips.fuzz.films import make_films
from clips.fuzz.mutations import MUTATIONS, NAMES, draw

pytestmark = pytest.mark.slow

MISSING = "The film did not arrive. Choose it again."


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return make_films(tmp_path_factory.mktemp("films"))


def test_a_hundred_and_fifty_hostile_files_leave_nothing_behind(as_carol, films):
    outcomes = run(as_carol, (draw(7, number, films) for number in range(150)), lambda number: None)
    assert [fault for outcome in outcomes.values() for fault in outcome.faults] == []
    assert sum(outcome.files for outcome in outcomes.values()) == 150
    assert outcomes["unharmed"].accepted == outcomes["unharmed"].files > 0
    assert sum(outcome.refused.total() for outcome in outcomes.values()) > 50


def test_what_the_process_that_asks_already_holds_is_not_held_against_a_film(as_carol, films):
    room = mmap.mmap(-1, 2 * sandbox.MEMORY_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
    unharmed = run(as_carol, (("unharmed", f"{name}.mp4", films[name]) for name in ("mp4", "mov")), lambda number: None)
    room.close()
    assert unharmed["unharmed"].accepted == 2


@pytest.mark.parametrize("kind", MUTATIONS)
def test_the_same_seed_draws_the_same_files(films, kind):
    assert MUTATIONS[kind](Random(3), films) == MUTATIONS[kind](Random(3), films)


class Named(io.BytesIO):
    def __init__(self, name: str) -> None:
        super().__init__(b"film " * 100)
        self.name = name


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_whatever_a_file_is_called_there_is_a_sentence_or_a_film(as_carol, name):
    ways = as_carol.post("/films/begin/", {"name": name, "size": 500}).json()
    answer = as_carol.post(ways["own_url"], {"file": Named(name)})
    assert answer.status_code == 204 or answer.json()["text"] == MISSING
    refused = as_carol.post(ways["finish_url"])
    assert refused.json()["text"] in (MISSING, "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM.")


def test_a_form_with_a_name_of_4_kb_is_refused_in_a_sentence(as_carol):
    ways = as_carol.post("/films/begin/", {"name": "run.mp4", "size": 500}).json()
    refused = as_carol.post(ways["own_url"], {"file": Named("n" * 4096)})
    assert (refused.status_code, refused.json()) == (400, {"code": "missing", "text": MISSING})
