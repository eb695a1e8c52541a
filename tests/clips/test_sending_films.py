"""Sending films: begin, receive, finish; each refusal is the sentence a person sees, and nothing is kept of it."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from dataclasses import asdict

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clips import actions, jobs, storage, uploads
from clips.facts import Facts
from clips.models import Clip
from clips.probe import CopyBroke

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def hints(monkeypatch):
    """What would be told to the workers, without a Redis."""
    told = []
    monkeypatch.setattr(jobs, "hint", lambda clip: told.append(clip.pk))
    return told


def begin(client, name="run.mp4", size=1000, **more):
    return client.post(reverse("clips:begin"), {"name": name, "size": size, **more})


def send(client, path, **question):
    """Send a film as the page does; return the last answer."""
    begun = begin(client, path.name, path.stat().st_size, **question)
    if begun.status_code != 201:
        return begun
    with path.open("rb") as file:
        received = client.post(begun.json()["url"], {"file": file})
    if received.status_code != 204:
        return received
    return client.post(begun.json()["finish_url"], question)


def text_of(response):
    assert response.status_code >= 400
    return response.json()["text"]


def test_a_film_removed_while_it_is_looked_into_is_no_error(as_carol, film, monkeypatch):
    def looked(path):
        Clip.objects.all().delete()
        return looking(path)

    looking = actions.look
    monkeypatch.setattr(actions, "look", looked)
    assert send(as_carol, film(seconds=2, fps=30, size=(640, 480))).status_code == 409


def test_a_film_is_sent_and_judged(as_carol, film, hints, carol):
    answer = send(as_carol, film(seconds=2, fps=30, size=(640, 480)), view="side_view")
    assert answer.status_code == 200
    clip = Clip.objects.get(code=answer.json()["code"])
    assert answer.json()["may_be_sent"] is True
    assert answer.json()["needs_tick"] is False
    assert f'<input type="hidden" name="clip" value="{clip.code}">' in answer.json()["html"]
    assert "640 × 480 pixels" in answer.json()["html"]
    assert (clip.status, clip.uploaded_by, clip.original_name) == ("probed", carol, "run.mp4")
    assert hints == [clip.pk]


def test_a_runner_can_be_named_at_once_but_not_a_strangers(as_carol, as_charlie, runner):
    assert begin(as_carol, subject=runner.code).status_code == 201
    assert Clip.objects.get().subject == runner
    assert begin(as_charlie, subject=runner.code).status_code == 404
    assert begin(as_carol, subject="nobody").status_code == 404


@pytest.mark.parametrize("kind", ["empty", "photograph", "sound_only", "truncated", "text"])
def test_what_is_no_film_is_refused_in_one_sentence_and_a_cure(kind, as_carol, film, photograph, sound_only, tmp_path):
    path, text = {
        "empty": (tmp_path / "empty.mp4", "The file is empty. Choose the film again."),
        "photograph": (photograph, "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."),
        "sound_only": (sound_only, "This file holds sound only. Choose the film of the runner."),
        "truncated": (
            tmp_path / "cut.mp4",
            "The film is incomplete: its end is missing. Copy it from the phone again.",
        ),
        "text": (tmp_path / "notes.mp4", "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."),
    }[kind]
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "notes.mp4").write_text("intervals\n" * 100)
    (tmp_path / "cut.mp4").write_bytes(film().read_bytes()[:-500])
    assert text_of(send(as_carol, path)) == text
    assert not Clip.objects.usable().exists()


def test_twelve_seconds_are_refused_before_sending_when_the_browser_can_tell(as_carol):
    response = begin(as_carol, duration="12.0", width="1920", height="1080")
    assert response.status_code == 422
    assert text_of(response) == (
        "The film is 12 s long; 10 s is the most that can be measured. Cut it on your phone to the best 10 s. "
        "Nothing was sent, no credit was used."
    )
    assert "The film is 12 s long" in response.json()["html"]
    assert not Clip.objects.exists()


def test_twelve_seconds_are_refused_after_sending_when_it_cannot(as_carol, film):
    answer = send(as_carol, film(seconds=12, fps=30, size=(64, 48)))
    assert answer.json()["may_be_sent"] is False
    assert "The film is 12 s long; 10 s is the most that can be measured." in answer.json()["html"]
    assert 'name="clip"' not in answer.json()["html"]


def test_an_upright_film_over_ground_is_refused_where_it_would_cost(as_carol):
    response = begin(as_carol, width="1080", height="1920", view="side_view", treadmill="", strict="1")
    assert text_of(response) == (
        "The film is upright; a side view over ground needs a landscape one. "
        "Film again with the phone held sideways. Nothing was sent, no credit was used."
    )


@pytest.mark.slow
def test_a_landscape_back_view_needs_a_tick_where_it_is_free(as_carol, film):
    answer = send(as_carol, film(seconds=2, fps=30, size=(640, 480)), view="back_view", strict="0")
    assert (answer.json()["may_be_sent"], answer.json()["needs_tick"]) == (True, True)
    html = answer.json()["html"]
    assert "The film is landscape; a back view needs an upright one." in html
    assert html.index("a back view needs") < html.index("640 × 480 pixels"), "the warning comes first"
    assert 'type="checkbox" name="accepted"' in html
    strict = send(as_carol, film(seconds=2, fps=30, size=(640, 480)), view="back_view", strict="1")
    assert strict.json()["may_be_sent"] is False


def test_what_a_browser_says_is_only_believed_where_it_makes_sense(as_carol):
    for nonsense in ("Infinity", "NaN", "-1", "ten", "1e400", ""):
        assert begin(as_carol, duration=nonsense, width=nonsense, height=nonsense).status_code == 201
    # The sound may be longer than the pictures; the film itself will tell.
    assert begin(as_carol, duration="10.3").status_code == 201
    assert begin(as_carol, duration="10.6").status_code == 422


def test_31_megabytes_are_refused_before_sending(as_carol):
    assert text_of(begin(as_carol, size=31_000_000)) == (
        "The film has 31.0 MB; 30 MB is the most that can be sent. "
        "Film in 1080p, or cut it on your phone to the best 10 s. Nothing was sent, no credit was used."
    )
    assert not Clip.objects.exists()


TOO_BIG = "The file is larger than 30 MB. Film in 1080p, or cut it on your phone to the best 10 s, and choose it again."


def test_31_megabytes_are_refused_while_they_arrive(as_carol, tmp_path):
    begun = begin(as_carol, size=5).json()
    response = as_carol.post(begun["url"], {"file": SimpleUploadedFile("run.mp4", bytes(31 * 1024**2))})
    assert response.status_code == 413
    assert text_of(response) == TOO_BIG
    assert not default_storage.exists(Clip.objects.get().incoming_key)
    assert not list(tmp_path.glob("*.upload*")), "nothing stays behind on the disk"


@pytest.mark.parametrize(("size", "status"), [(1000, 204), (1001, 413)])
def test_what_arrives_may_have_as_many_bytes_as_are_allowed(as_carol, monkeypatch, size, status):
    monkeypatch.setattr(uploads, "MAX_SIZE_BYTES", 1000)
    begun = begin(as_carol).json()
    response = as_carol.post(begun["url"], {"file": SimpleUploadedFile("run.mp4", bytes(size))})
    assert response.status_code == status


def test_a_huge_upload_is_refused_before_a_byte_is_read(as_carol, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_DISCARDED_BYTES", 1000)
    begun = begin(as_carol).json()
    response = as_carol.post(begun["url"], {"file": SimpleUploadedFile("run.mp4", bytes(2000))})
    assert (response.status_code, text_of(response)) == (413, TOO_BIG)


def test_receiving_is_protected_against_forged_requests(carol):
    client = Client(enforce_csrf_checks=True)
    client.force_login(carol)
    clip = actions.begin_upload(organization=carol.memberships.get().organization, name="run.mp4", by=carol)
    url = reverse("clips:receive", args=[clip.code])
    forged = client.post(url, {"file": SimpleUploadedFile("run.mp4", b"film")})
    assert forged.status_code == 403
    client.cookies["csrftoken"] = token = "a" * 32
    sent = client.post(url, {"file": SimpleUploadedFile("run.mp4", b"film")}, headers={"X-CSRFToken": token})
    assert sent.status_code == 204


def test_receiving_nothing(as_carol):
    begun = begin(as_carol).json()
    assert text_of(as_carol.post(begun["url"])) == "The film did not arrive. Choose it again."
    empty = as_carol.post(begun["url"], {"file": SimpleUploadedFile("run.mp4", b"")})
    assert text_of(empty) == "The file is empty. Choose the film again."


@pytest.mark.slow
def test_a_film_that_has_arrived_is_not_exchanged(as_carol, film):
    answer = send(as_carol, film(seconds=2, fps=30, size=(640, 480))).json()
    again = as_carol.post(
        reverse("clips:receive", args=[answer["code"]]), {"file": SimpleUploadedFile("other.mp4", b"x")}
    )
    assert (again.status_code, text_of(again)) == (409, "This film has arrived already. Choose another one.")


@pytest.mark.slow
def test_finishing_early_and_twice(as_carol, film, hints):
    path = film(seconds=2, fps=30, size=(640, 480))
    begun = begin(as_carol).json()
    early = as_carol.post(begun["finish_url"])
    assert (early.status_code, text_of(early)) == (409, "The film did not arrive. Choose it again.")
    with path.open("rb") as file:
        as_carol.post(begun["url"], {"file": file})
    first, second = (as_carol.post(begun["finish_url"]) for _ in range(2))
    assert json.loads(first.content) == json.loads(second.content)


def test_the_check_list_follows_the_view(as_carol, as_bob, film):
    code = send(as_carol, film(seconds=2, fps=30, size=(640, 480))).json()["code"]
    url = reverse("clips:checks", args=[code])
    assert (
        "a side view on a treadmill needs an upright one"
        in as_carol.get(url, {"view": "side_view", "treadmill": "on"}).content.decode()
    )
    assert "Landscape" in as_bob.get(url, {"view": "side_view"}).content.decode()


def test_the_check_list_of_a_film_that_has_not_arrived(as_carol):
    response = as_carol.get(begin(as_carol).json()["checks_url"])
    assert (response.status_code, text_of(response)) == (422, "The film did not arrive. Choose it again.")


def test_a_film_nobody_measured_can_be_removed(as_carol, film):
    code = send(as_carol, film(seconds=2, fps=30, size=(640, 480))).json()["code"]
    assert as_carol.post(reverse("clips:delete", args=[code])).status_code == 204
    assert not Clip.objects.exists()


def test_a_film_that_was_measured_is_kept(as_carol, film, monkeypatch):
    code = send(as_carol, film(seconds=2, fps=30, size=(640, 480))).json()["code"]

    def refuse(*, clip):
        raise actions.ClipInUse

    monkeypatch.setattr(actions, "delete_clip", refuse)
    response = as_carol.post(reverse("clips:delete", args=[code]))
    assert (response.status_code, text_of(response)) == (
        409,
        "This film was measured, so it is kept. Erase the runner to remove it.",
    )


@pytest.mark.parametrize("name", ["receive", "finish", "checks", "delete"])
def test_who_may_touch_a_film(name, as_carol, as_bob, as_charlie):
    code = begin(as_carol).json()["code"]
    url = reverse(f"clips:{name}", args=[code])
    ask = Client.get if name == "checks" else Client.post
    assert ask(as_charlie, url).status_code == 404
    assert ask(as_carol, reverse(f"clips:{name}", args=[uuid.uuid4()])).status_code == 404
    assert ask(Client(), url).status_code == 302
    if name != "checks":
        assert ask(as_bob, url).status_code == 403
        assert as_carol.get(url).status_code == 405


def test_the_clinic_begins_nothing(as_bob, as_carol):
    assert begin(as_bob).status_code == 403
    assert as_carol.get(reverse("clips:begin")).status_code == 405


def test_without_a_bucket_there_is_nothing_to_tell_it():
    with pytest.raises(CommandError) as refused:
        call_command("allow_browser_uploads")
    assert str(refused.value) == "Films lie on the disk; there is no bucket to tell. Set S3_BUCKET first."


@pytest.mark.slow
def test_of_a_long_film_the_best_ten_seconds_are_kept(as_carol, film):
    path = film(seconds=14, fps=30, size=(64, 48))
    told = {"duration": "14.0", "width": "64", "height": "48"}
    refused = begin(as_carol, **told)
    assert (refused.status_code, refused.json()["trimmable"]) == (422, True)
    begun = begin(as_carol, **told, start="2.5").json()
    with path.open("rb") as file:
        as_carol.post(begun["url"], {"file": file})
    answer = as_carol.post(begun["finish_url"], {"start": "2.5"}).json()
    assert answer["may_be_sent"] is True
    assert "10 s long" in answer["html"]
    assert Clip.objects.get().frame_count == 300


@pytest.mark.slow
def test_a_long_film_whose_length_no_browser_could_tell_is_offered_for_cutting_with_its_copy(as_carol, film):
    path = film(seconds=12, fps=30, size=(64, 48))
    answer = send(as_carol, path).json()
    assert (answer["trimmable"], answer["duration"], answer["copy"]) == (True, pytest.approx(12.0), "")
    clip = Clip.objects.get()
    actions.make_review_copy(clip=clip)
    finish = reverse("clips:finish", args=[clip.code])
    assert as_carol.post(finish).json()["copy"].endswith("/review.mp4")
    Clip.objects.update(copy_status=Clip.CopyStatus.FAILED, review_key="")
    assert as_carol.post(finish).json()["copy"] is None


def test_a_film_of_a_minute_and_more_is_not_offered_for_cutting(as_carol):
    assert begin(as_carol, duration="61").json()["trimmable"] is False
    assert begin(as_carol, duration="14", size=31 * 1024**2).json()["trimmable"] is False
    assert begin(as_carol, duration="61", start="3").status_code == 422


@pytest.mark.slow
def test_slow_motion_that_says_so_is_kept_at_its_true_speed(as_carol, film):
    told = {"duration": "20.0", "width": "64", "height": "48", "start": "2.5"}
    begun = begin(as_carol, **told).json()
    with film(seconds=20, fps=30, taken_fps=240).open("rb") as file:
        as_carol.post(begun["url"], {"file": file})
    answer = as_carol.post(begun["finish_url"], {"start": "2.5"}).json()
    assert "240 frames a second" in answer["html"]
    clip = Clip.objects.get()
    assert (clip.frame_count, clip.fps) == (600, pytest.approx(240, abs=0.1))
    assert clip.duration_s == pytest.approx(2.5, abs=0.01)
    with storage.open_file(clip.original_key) as kept:
        assert clip.sha256 == hashlib.sha256(kept.read()).hexdigest()


def test_a_film_that_is_short_enough_is_never_cut(as_carol, film):
    answer = send(as_carol, film(seconds=2, fps=30, size=(64, 48)), start="1.0")
    assert Clip.objects.get(code=answer.json()["code"]).frame_count == 60


@pytest.mark.slow
def test_a_film_that_cannot_be_cut_just_now_is_kept_for_another_try(as_carol, film, monkeypatch):
    begun = begin(as_carol, duration="12", start="1").json()
    with film(seconds=12, fps=30).open("rb") as file:
        as_carol.post(begun["url"], {"file": file})

    def broken(*args, **more):
        raise CopyBroke("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "trim_film", broken)
        answer = as_carol.post(begun["finish_url"], {"start": "1"})
    assert (answer.status_code, text_of(answer)) == (
        503,
        "The film has arrived, but could not be cut just now. Try again in a minute.",
    )
    assert as_carol.post(begun["finish_url"], {"start": "1"}).json()["may_be_sent"] is True


def test_of_two_requests_that_finish_an_upload_the_first_ones_film_stays(organization, carol, monkeypatch):
    clip = actions.begin_upload(organization=organization, name="long.mp4", by=carol)
    storage.put(clip.incoming_key, io.BytesIO(b"the whole film"))
    whole = Facts("mp4", "h264", 14, 20.0, 30.0, 600, False, 0, 1080, 1920, False)
    monkeypatch.setattr(actions, "look", lambda path: (whole, 1.0))
    monkeypatch.setattr(actions, "probe", lambda path: whole)

    def cut_while_another_finishes(path, part, **_):
        part.write_bytes(b"a part")
        Clip.objects.filter(pk=clip.pk).update(status="probed", **asdict(whole))

    monkeypatch.setattr(actions, "trim_film", cut_while_another_finishes)
    actions.finish_upload(clip=clip, start_s=3.0)
    with storage.open_file(clip.original_key) as film:
        assert film.read() == b"the whole film"
