"""Keeping films: taken in once, probed once, copied for review, let go only while nobody measured them."""

from __future__ import annotations

import io
from datetime import timedelta
from itertools import pairwise

import av
import pytest
from botocore.exceptions import ClientError
from django.core.files.storage import default_storage
from django.utils import timezone

from clips import actions, storage
from clips.models import Clip, NotProbed
from clips.probe import NotAFilm

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def upload(organization, alice):
    """Begin an upload of the file at `path` and let it arrive."""

    def begin(path):
        clip = actions.begin_upload(organization=organization, name=path.name, by=alice)
        with path.open("rb") as file:
            actions.receive_film(clip=clip, file=file)
        return clip

    return begin


@pytest.fixture
def clip(upload, film):
    return actions.finish_upload(clip=upload(film(seconds=2)))


def stored():
    folders, files, found = [""], [], []
    while folders:
        folder = folders.pop()
        inside, files = default_storage.listdir(folder)
        folders += [f"{folder}/{name}".strip("/") for name in inside]
        found += [f"{folder}/{name}" for name in files]
    return sorted(found)


def test_a_film_is_kept_under_keys_that_say_nothing(clip):
    assert clip.status == Clip.Status.PROBED
    assert stored() == [clip.original_key]
    assert "run" not in clip.original_key
    assert len(clip.folder) == len("films/") + 32
    assert (clip.container, clip.frame_count, clip.facts.width_px) == ("mp4", 120, 64)
    with actions.open_original(clip) as film, default_storage.open(clip.original_key) as kept:
        assert film.read(8)[4:] == b"ftyp"
        assert clip.size_bytes == kept.size
    with storage.local_copy(clip.original_key) as path:
        assert storage.sha256(path) == clip.sha256


def test_finishing_twice_changes_nothing(clip):
    before = Clip.objects.values().get(pk=clip.pk)
    actions.finish_upload(clip=clip)
    assert Clip.objects.values().get(pk=clip.pk) == before


def test_what_arrives_after_the_probe_never_takes_the_films_place(clip):
    clip.status = Clip.Status.WAITING  # as it was when another request read the row
    actions.receive_film(clip=clip, file=io.BytesIO(b"another"))
    actions.finish_upload(clip=clip)
    with actions.open_original(clip) as film:
        assert film.read(8)[4:] == b"ftyp"


def test_finishing_before_the_film_arrives_keeps_the_place(organization, alice, film):
    clip = actions.begin_upload(organization=organization, name="run.mp4", by=alice)
    with pytest.raises(NotAFilm) as refused:
        actions.finish_upload(clip=clip)
    assert str(refused.value) == "The film did not arrive. Choose it again."
    with film().open("rb") as file:
        actions.receive_film(clip=clip, file=file)
    assert actions.finish_upload(clip=clip).is_usable


def test_what_is_no_film_is_rejected_with_its_reason_and_not_kept(upload, sound_only):
    clip = actions.finish_upload(clip=upload(sound_only))
    assert (clip.status, clip.rejection_code) == ("rejected", "no_pictures")
    assert stored() == []
    with pytest.raises(NotProbed):
        actions.open_original(clip)
    with pytest.raises(NotProbed):
        _ = clip.facts


def test_a_file_larger_than_30_megabytes_is_rejected_wherever_it_came_from(upload, tmp_path, organization):
    path = tmp_path / "run.mp4"
    with path.open("wb") as file:
        file.truncate(31 * 1024**2)
    assert actions.finish_upload(clip=upload(path)).rejection_code == "too_big"
    with pytest.raises(NotAFilm) as refused:
        actions.take_file(organization=organization, path=path, by=None)
    assert str(refused.value) == (
        "The file is larger than 30 MB. Film in 1080p, or cut it on your phone to the best 10 s, and choose it again."
    )


def test_a_file_from_the_disk_is_taken_under_the_same_rules(organization, film, photograph, runner):
    clip = actions.take_file(organization=organization, path=film("../a run.mov"), by=None, subject=runner)
    assert (clip.original_name, clip.container, clip.subject) == ("a run.mov", "mov", runner)
    with pytest.raises(NotAFilm) as refused:
        actions.take_file(organization=organization, path=photograph, by=None)
    assert str(refused.value) == "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."
    assert list(Clip.objects.all()) == [clip]


def test_the_review_copy_is_upright_steady_and_seekable(clip):
    actions.make_review_copy(clip=clip)
    clip.refresh_from_db()
    assert clip.copy_status == Clip.CopyStatus.READY
    assert (clip.copy_fps, clip.copy_frame_count) == (60.0, 120)
    with storage.local_copy(clip.review_key) as path, av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.format.name) == ("h264", "yuv420p")
        assert [len(film.streams.audio), stream.frames] == [0, 120]
        packets = [packet for packet in film.demux(stream) if packet.size]
        key_times_s = [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]
        steps = {later.pts - earlier.pts for earlier, later in pairwise(packets)}
    assert max(b - a for a, b in pairwise(key_times_s)) <= 0.25
    assert len(steps) == 1
    with storage.open_file(clip.review_key) as file:
        head = file.read(4096)
    assert 0 < head.index(b"moov") < 100, "the index must stand in front"
    with storage.open_file(clip.thumbnail_key) as file:
        assert file.read(3) == b"\xff\xd8\xff"


def test_making_the_copy_again_is_the_same_as_once(clip):
    actions.make_review_copy(clip=clip)
    before = stored()
    actions.make_review_copy(clip=clip)
    assert stored() == before
    assert len(before) == 3


def test_two_workers_do_not_make_the_same_copy(clip):
    assert clip.lease_copy(seconds=60, max_tries=3)
    assert not clip.lease_copy(seconds=60, max_tries=3)
    actions.make_review_copy(clip=clip)
    clip.refresh_from_db()
    assert clip.copy_status == Clip.CopyStatus.PENDING


def test_a_copy_whose_worker_died_is_due_again_but_not_for_ever(clip):
    now = timezone.now()
    for _ in range(actions.MAX_COPY_TRIES):
        assert list(Clip.objects.due_for_review_copy(timezone.now())) == [clip]
        assert clip.lease_copy(seconds=-1, max_tries=actions.MAX_COPY_TRIES)
    actions.make_review_copy(clip=clip)
    clip.refresh_from_db()
    assert clip.copy_status == Clip.CopyStatus.FAILED
    assert not Clip.objects.due_for_review_copy(now + timedelta(days=1)).exists()


def test_a_store_that_does_not_answer_costs_no_try(clip, monkeypatch):
    def refuse(*args):
        raise ClientError({"Error": {"Code": "503"}}, "HeadObject")

    for _ in range(actions.MAX_COPY_TRIES + 1):
        with monkeypatch.context() as patch:
            patch.setattr(storage, "put", refuse)
            actions.make_review_copy(clip=clip)
        assert not Clip.objects.due_for_review_copy(timezone.now()).exists()
        soon = timezone.now() + timedelta(seconds=actions.STORE_PAUSE_S + 1)
        assert list(Clip.objects.due_for_review_copy(soon)) == [clip]
        Clip.objects.update(copy_lease_until=None)

    actions.make_review_copy(clip=clip)
    clip.refresh_from_db()
    assert clip.copy_status == Clip.CopyStatus.READY


def test_a_film_that_is_gone_gets_no_copy_and_does_not_break_its_worker(clip):
    storage.delete(clip.original_key)
    actions.make_review_copy(clip=clip)
    clip.refresh_from_db()
    assert clip.copy_status == Clip.CopyStatus.FAILED


def test_a_film_without_copy_is_found_by_the_clock(clip, upload, film):
    upload(film("second.mp4"))
    assert list(Clip.objects.due_for_review_copy(timezone.now())) == [clip]
    actions.make_review_copy(clip=clip)
    assert not Clip.objects.due_for_review_copy(timezone.now()).exists()


def test_a_film_too_long_to_be_of_use_is_not_copied(upload, film):
    clip = actions.finish_upload(clip=upload(film(seconds=61, fps=2)))
    assert (clip.status, clip.copy_status) == ("probed", "failed")
    assert not Clip.objects.due_for_review_copy(timezone.now()).exists()


def test_deleting_removes_every_copy(clip):
    actions.make_review_copy(clip=clip)
    actions.delete_clip(clip=clip)
    assert stored() == []
    assert not Clip.objects.exists()


def test_a_film_stays_in_the_list_until_the_store_has_let_go_of_it(clip, monkeypatch):
    def fail(*keys):
        raise ConnectionResetError("reset")

    monkeypatch.setattr(storage, "delete", fail)
    with pytest.raises(ConnectionResetError):
        actions.delete_clip(clip=clip)
    assert Clip.objects.exists()


def test_uploads_that_never_arrived_are_forgotten_after_a_day(clip, upload, film, photograph):
    waiting = upload(film("second.mp4"))
    rejected = actions.finish_upload(clip=upload(photograph))
    assert actions.forget_abandoned(now=timezone.now() + timedelta(hours=23)) == 0
    assert actions.forget_abandoned(now=timezone.now() + timedelta(hours=25)) == 2
    assert list(Clip.objects.all()) == [clip]
    assert stored() == [clip.original_key]
    assert {waiting.status, rejected.status} == {"waiting", "rejected"}
