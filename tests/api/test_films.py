"""Films sent by programs: the same road as from the browser."""

from __future__ import annotations

import pytest
import structlog
from botocore.exceptions import EndpointConnectionError
from django.core.files.uploadedfile import SimpleUploadedFile

from analyses.actions.service import choose_service_for
from clips import storage
from clips.models import Clip
from clips.probe import CopyBroke
from tests.clips.films import write_film

BIG = 30_000_001


def path_of(url):
    return url.partition(":8000")[2]


def send(program, upload, content):
    return program.client.post(path_of(upload["url"]), {"file": SimpleUploadedFile("run.mp4", content)})


def begin(program, **given):
    return program.post("/films", {"name": "run.mp4", **given})


def test_a_film_is_sent_looked_into_and_judged(alices, runner, tmp_path, monkeypatch):
    hinted = []
    monkeypatch.setattr("clips.jobs.hint", hinted.append)
    begun = begin(alices, runner=str(runner.code))
    assert begun.status_code == 201, begun.content
    body = begun.json()
    assert (body["film"]["status"], body["film"]["runner"], body["upload"]["needs_token"]) == (
        "waiting",
        str(runner.code),
        True,
    )
    content = write_film(tmp_path / "run.mp4", size=(640, 360), seconds=2.5).read_bytes()
    assert send(alices, body["upload"], content).status_code == 204
    address = f"/films/{body['film']['code']}"
    film = alices.post(f"{address}/finish").json()
    assert hinted == [Clip.objects.get()]
    assert (film["status"], film["fps"], film["width_px"], film["rejection"]) == ("probed", 60.0, 640, "")
    assert alices.get(address).json() == film
    checks = alices.get(f"{address}/checks", view="back_view").json()
    assert checks["may_be_sent"]
    assert any(check["needs_tick"] for check in checks["checks"])
    again = send(alices, body["upload"], content)
    assert (again.status_code, again.json()["detail"]) == (409, "This film has arrived already. Choose another one.")
    assert [one["code"] for one in alices.get("/films", runner=str(runner.code)).json()["items"]] == [film["code"]]
    assert alices.delete(address).status_code == 204
    assert not Clip.objects.exists()


def test_a_film_is_judged_for_the_service_that_measures_its_runner(alices, alice, runner, tmp_path):
    body = begin(alices, runner=str(runner.code)).json()
    upright = write_film(tmp_path / "run.mp4", size=(360, 640), seconds=2.5).read_bytes()
    send(alices, body["upload"], upright)
    address = f"/films/{body['film']['code']}"
    alices.post(f"{address}/finish")
    assert alices.get(f"{address}/checks", view="side_view").json()["may_be_sent"]
    choose_service_for(whom=runner, kind="ochy", by=alice)
    assert not alices.get(f"{address}/checks", view="side_view").json()["may_be_sent"]


def test_what_is_no_film_says_so(alices, monkeypatch):
    monkeypatch.delattr("clips.jobs.hint")  # nothing is made of it
    body = begin(alices).json()
    send(alices, body["upload"], b"not a film at all")
    film = alices.post(f"/films/{body['film']['code']}/finish").json()
    assert film["status"] == "rejected"
    assert film["rejection"].endswith(".")
    checks = alices.get(f"/films/{film['code']}/checks", view="side_view")
    assert (checks.status_code, checks.json()["detail"]) == (409, film["rejection"])


def test_what_cannot_be_cut_just_now_is_told_and_logged(alices, monkeypatch):
    def broken(path):
        raise CopyBroke("the disk is full")

    body = begin(alices).json()
    send(alices, body["upload"], b"film")
    monkeypatch.setattr("clips.actions.look", broken)
    with structlog.testing.capture_logs() as lines:
        answer = alices.post(f"/films/{body['film']['code']}/finish")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_cut")
    assert [line["how"] for line in lines if line["event"] == "trim_broke"] == ["the disk is full"]
    assert Clip.objects.get().status == "waiting"


@pytest.mark.parametrize("given", [{"size_bytes": BIG}, {"size_bytes": BIG, "duration_s": 20}, {"duration_s": 90}])
def test_what_cannot_be_measured_anyway_is_not_sent_in_vain(alices, given):
    answer = begin(alices, **given)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_measurable")
    assert not Clip.objects.exists()


@pytest.mark.parametrize("given", [{"size_bytes": "1000"}, {"duration_s": "8"}, {"duration_s": True}])
def test_a_text_is_no_number(alices, given):
    answer = begin(alices, **given)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, f"body.{next(iter(given))}")


def test_a_film_that_is_only_too_long_may_come(alices):
    assert begin(alices, duration_s=20).status_code == 201


def test_a_form_without_a_file_or_with_an_empty_one_is_refused(alices):
    upload = begin(alices).json()["upload"]
    nothing = alices.client.post(path_of(upload["url"]), {"other": "x"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "missing")
    assert send(alices, upload, b"").json()["code"] == "empty"
    broken = alices.client.post(path_of(upload["url"]), b"x", content_type="multipart/form-data")
    assert (broken.status_code, broken["Content-Type"]) == (400, "application/problem+json")


def test_more_bytes_than_a_film_may_have_are_not_kept(alices):
    upload = begin(alices).json()["upload"]
    answer = send(alices, upload, b"x" * BIG)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_big")


def test_nothing_is_looked_into_before_it_has_arrived(alices):
    code = begin(alices).json()["film"]["code"]
    answer = alices.post(f"/films/{code}/finish")
    assert (answer.status_code, answer.json()["code"]) == (409, "missing")


def test_a_film_that_was_measured_stays(alices, order, clip):
    order()
    answer = alices.delete(f"/films/{clip.code}")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "This film was measured, so it is kept. Erase the runner to remove it.",
    )


@pytest.mark.parametrize("fails", ["put", "move", "delete"])
def test_a_store_that_does_not_answer_is_told(alices, monkeypatch, fails):
    def fail(*_):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    body = begin(alices).json()
    address = f"/films/{body['film']['code']}"
    monkeypatch.setattr(storage, fails, fail)
    answer = {
        "put": lambda: send(alices, body["upload"], b"film"),
        "move": lambda: alices.post(f"{address}/finish"),
        "delete": lambda: alices.delete(address),
    }[fails]()
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer.json()["detail"]) == (
        "store_away",
        "Our film store does not answer just now. Try again in a minute.",
    )
    assert Clip.objects.get().status == "waiting"


def test_the_hourly_limit_of_films_holds_for_programs_too(alices, settings):
    settings.UPLOADS_AN_HOUR = 1
    assert begin(alices).status_code == 201
    answer = begin(alices)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_often")
    assert int(answer["Retry-After"]) > 0


def test_nothing_is_ordered_of_a_film_that_has_not_arrived(alices, runner):
    film = begin(alices).json()["film"]["code"]
    asked = {"film": film, "runner": str(runner.code), "view": "side_view"}
    answer = alices.post("/analyses", asked, **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_film")
    assert answer.json()["detail"] == "This film has not arrived, or it is not a film. Send it and finish it first."
