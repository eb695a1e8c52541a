"""Films leave through signed links that expire, whole or in parts, so that a browser's player can seek."""

from __future__ import annotations

import io
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.signing import Signer
from django.test import Client
from django.utils.http import http_date

from clips import actions, storage
from clips.ranges import MAX_PART_BYTES

BODY = bytes(range(256)) * 10


@pytest.fixture
def link():
    storage.put("films/abc/review.mp4", io.BytesIO(BODY))
    return storage.link("films/abc/review.mp4")


def get(link, **headers):
    """Ask for a link as somebody who is not signed in; read the answer to its end."""
    response = Client().get(link, headers=headers)
    response.body = response.getvalue()
    return response


def test_whoever_holds_the_link_gets_the_whole_film(link):
    response = get(link)
    assert (response.status_code, response.body) == (200, BODY)
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(BODY))
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, max-age=3600"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("0-", 0, 2559),
        ("0-0", 0, 0),
        ("100-199", 100, 199),
        ("2500-9999", 2500, 2559),
        ("-10", 2550, 2559),
        ("-9999", 0, 2559),
    ],
)
def test_a_part(link, asked, first, last):
    response = get(link, Range=f"bytes={asked}")
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/2560"
    assert response["Content-Length"] == str(last - first + 1)
    assert response.body == BODY[first : last + 1]


@pytest.mark.parametrize("asked", ["2560-", "9999-10000", "-0"])
def test_a_part_behind_the_end(link, asked):
    response = get(link, Range=f"bytes={asked}")
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */2560")


@pytest.mark.parametrize(
    "asked", ["bytes=-", "bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", f"bytes={'9' * 5000}-"]
)
def test_what_is_no_single_range_gets_the_whole(link, asked):
    assert get(link, Range=asked).status_code == 200


def test_a_part_is_never_larger_than_a_megabyte():
    storage.put("films/abc/large.mp4", io.BytesIO(bytes(3 * 1024**2)))
    link = storage.link("films/abc/large.mp4")
    response = get(link, Range="bytes=100-")
    assert response["Content-Range"] == f"bytes 100-{99 + MAX_PART_BYTES}/{3 * 1024**2}"
    assert len(response.body) == MAX_PART_BYTES


def test_a_film_the_browser_has_is_not_sent_again(link):
    first = get(link)
    assert get(link, **{"If-None-Match": first["ETag"]}).status_code == 304
    assert get(link, **{"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    assert get(link, **{"If-None-Match": '"other"'}).status_code == 200
    assert get(link, **{"If-None-Match": first["ETag"], "Range": "bytes=0-1"}).status_code == 304
    tomorrow = http_date(time.time() + 86400)
    assert get(link, **{"If-Modified-Since": tomorrow}).status_code == 304


def test_a_part_of_another_film_is_not_glued_to_what_the_browser_has(link):
    first = get(link)
    for condition in (first["ETag"], first["Last-Modified"]):
        assert get(link, **{"Range": "bytes=0-1", "If-Range": condition}).status_code == 206
    for condition in ('"other"', "Sat, 01 Jan 2000 00:00:00 GMT", "nonsense"):
        assert get(link, **{"Range": "bytes=0-1", "If-Range": condition}).status_code == 200


def test_a_download_carries_its_name(link):
    link = storage.link("films/abc/review.mp4", filename="Läufer/../run 1.mp4")
    assert "/Läufer" not in link
    response = get(link)
    assert response["Content-Disposition"].startswith("attachment; filename")


def test_a_head_request_tells_the_size_alone(link):
    response = Client().head(link)
    assert (response.status_code, response["Content-Length"], response.getvalue()) == (200, "2560", b"")


def test_nothing_is_changed_through_a_link(link):
    assert Client().post(link).status_code == 405


DEAD = "Links to films work for an hour. Open the film from its page again."


def test_a_link_dies():
    begun = datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)
    storage.put("films/abc/review.mp4", io.BytesIO(BODY))
    with time_machine.travel(begun, tick=False) as clock:
        link = storage.link("films/abc/review.mp4")
        clock.shift(timedelta(minutes=14))
        assert storage.link("films/abc/review.mp4") == link, "a browser can keep what it has"
        clock.shift(timedelta(minutes=46))
        assert get(link).status_code == 200
        clock.shift(timedelta(minutes=15))
        response = get(link)
    assert response.status_code == 404
    assert DEAD in response.content.decode()


@pytest.mark.parametrize(
    "forge", [lambda token: token[:-2] + "xx", lambda token: "x" + token, lambda token: "nonsense"]
)
def test_a_forged_link_is_dead(link, forge):
    _, _, _, token, name = link.split("/")
    response = get(f"/films/f/{forge(token)}/{name}")
    assert response.status_code == 404
    assert DEAD in response.content.decode()


def test_a_signature_made_for_something_else_opens_no_film(link):
    expires_at = datetime.now(UTC).timestamp() + 1000
    token = Signer(salt="another purpose").sign_object(["films/abc/review.mp4", expires_at, "video/mp4", ""])
    assert get(f"/films/f/{token}/x").status_code == 404


def test_a_link_to_a_film_that_is_gone(link):
    default_storage.delete("films/abc/review.mp4")
    assert get(link).status_code == 404


@pytest.mark.django_db
def test_a_download_bears_the_name_the_film_came_under(organization, film):
    clip = actions.take_file(organization=organization, path=film("my run.mp4"), by=None)
    answer = get(storage.link(clip.original_key, content_type=clip.content_type, filename=clip.download_name))
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Disposition"] == 'attachment; filename="my_run.mp4"'


def test_a_bucket_is_told_a_name_in_any_script(monkeypatch):
    told = {}

    class Bucket:
        def url(self, key, *, parameters, expire):
            told.update(parameters)
            return "https://bucket.example/" + key

    monkeypatch.setattr(storage, "_on_disk", lambda: False)
    monkeypatch.setattr(storage, "_bucket", lambda public=False: Bucket() if public else None)
    assert storage.link("reports/abc/report.pdf") == "https://bucket.example/reports/abc/report.pdf"
    assert told == {"ResponseContentType": "application/pdf"}
    storage.link("reports/abc/report.pdf", filename="김민수-2026-11-22.pdf")
    assert told["ResponseContentDisposition"] == (
        "attachment; filename*=utf-8''%EA%B9%80%EB%AF%BC%EC%88%98-2026-11-22.pdf"
    )


def test_what_was_never_stored_has_no_link():
    assert storage.link("", content_type="video/mp4") == ""


def test_files_of_one_folder_are_found_without_looking_at_all_the_others(monkeypatch):
    for number in range(20):
        storage.put(f"films/{number}/original", io.BytesIO(b"x"))
    storage.put("results/abc/raw.json", io.BytesIO(b"x"))
    seen = []
    monkeypatch.setattr(Path, "is_file", lambda path: seen.append(path) or os.path.isfile(path))
    assert list(storage.every_key("results/abc/")) == ["results/abc/raw.json"]
    assert list(storage.every_key("results/nobody/")) == []
    assert len(seen) == 1
