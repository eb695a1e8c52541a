"""Films in a real S3 bucket: sent straight into it by a signed form, looked into, copied, and shown by signed links."""

from __future__ import annotations

import io

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clips import actions, jobs, storage
from clips.models import Clip
from tests.clips.films import write_film

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def films_bucket(bucket, settings):
    """The portal's own storage, as its settings make it from the variables an operator sets."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket.name,
                "endpoint_url": bucket.endpoint_url,
                "access_key": bucket.access_key,
                "secret_key": bucket.secret_key,
                "region_name": "us-east-1",
                "addressing_style": "path",
                "signature_version": "s3v4",
                "querystring_auth": True,
                "max_memory_size": 1024 * 1024,
            },
        },
    }
    yield bucket
    for key in keys(bucket):
        bucket.client().delete_object(Bucket=bucket.name, Key=key)


def keys(bucket):
    listed = bucket.client().list_objects_v2(Bucket=bucket.name, Prefix="films/").get("Contents", [])
    waiting = bucket.client().list_objects_v2(Bucket=bucket.name, Prefix="incoming/").get("Contents", [])
    return sorted(entry["Key"] for entry in [*listed, *waiting])


def send(ways, content, **more):
    with httpx.Client(trust_env=False, timeout=120) as client:
        return client.post(ways["url"], data={**ways["fields"], **more}, files={"file": ("run.mp4", content)})


def fetch(link, **headers):
    with httpx.Client(trust_env=False, timeout=120) as client:
        return client.get(link, headers=headers)


@pytest.fixture
def begun(as_carol, films_bucket, monkeypatch):
    monkeypatch.setattr(jobs, "hint", lambda clip: None)
    answer = as_carol.post(reverse("clips:begin"), {"name": "run.mp4", "size": 1000})
    assert answer.status_code == 201
    return answer.json()


@pytest.fixture
def film(tmp_path):
    return write_film(tmp_path / "run.mp4", seconds=2, fps=30, size=(640, 480)).read_bytes()


def test_a_film_goes_straight_into_the_bucket_and_out_again(begun, film, as_carol, films_bucket):
    assert begun["url"].startswith(films_bucket.endpoint_url)
    assert send(begun, film).status_code == 204
    judged = as_carol.post(begun["finish_url"], {"view": "side_view"})
    assert judged.json()["may_be_sent"] is True
    clip = Clip.objects.get(code=begun["code"])
    assert keys(films_bucket) == [clip.original_key]
    actions.make_review_copy(clip=clip)
    clip.refresh_from_db()
    assert keys(films_bucket) == sorted([clip.original_key, clip.review_key, clip.thumbnail_key])
    with actions.open_original(clip) as file:
        assert file.read() == film

    link = storage.link(clip.original_key, content_type=clip.content_type, filename=clip.download_name)
    answer = fetch(link, Range="bytes=4-7")
    assert (answer.status_code, answer.content) == (206, b"ftyp")
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="run.mp4"'
    assert fetch(storage.link(clip.thumbnail_key)).headers["Content-Type"] == "image/jpeg"
    actions.delete_clip(clip=clip)
    assert keys(films_bucket) == []


def test_a_link_is_worth_nothing_without_its_signature(begun, film, as_carol, films_bucket):
    send(begun, film)
    as_carol.post(begun["finish_url"])
    link = storage.link(Clip.objects.get().original_key)
    assert fetch(link.split("?")[0]).status_code == 403
    assert fetch(link.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000")).status_code == 403


def test_the_form_takes_no_more_than_30_megabytes(begun, films_bucket):
    assert send(begun, bytes(30 * 1024**2 + 1)).status_code in (400, 413)
    assert keys(films_bucket) == []


def test_the_form_puts_a_film_nowhere_else(begun, film, films_bucket):
    assert send(begun, film, key="films/somebody/original").status_code == 403
    assert keys(films_bucket) == []


def test_a_film_cannot_be_exchanged_after_it_was_judged(begun, film, as_carol, films_bucket):
    send(begun, film)
    as_carol.post(begun["finish_url"])
    send(begun, b"something else")
    as_carol.post(begun["finish_url"])
    with actions.open_original(Clip.objects.get()) as file:
        assert file.read() == film


def test_links_and_forms_name_the_address_a_browser_can_reach(films_bucket, settings):
    settings.S3_PUBLIC_URL = "https://films.example.com"
    form = storage.upload_form("incoming/films/x/original", max_bytes=10)
    assert form is not None
    assert form.url.startswith("https://films.example.com/")
    assert storage.link("films/x/review.mp4").startswith("https://films.example.com/")


def test_a_page_of_the_portal_may_send_straight_to_the_bucket_and_no_other(begun, film, films_bucket):
    assert storage.allow_browser_uploads("https://portal.example.com")
    with httpx.Client(trust_env=False, timeout=120) as client:
        for origin, allowed in (("https://portal.example.com", True), ("https://elsewhere.example.com", False)):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = client.options(begun["url"], headers=asked)
            assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_a_browser_kept_from_the_bucket_sends_through_the_portal(begun, film, as_carol, films_bucket):
    sent = as_carol.post(begun["own_url"], {"file": SimpleUploadedFile("run.mp4", film)})
    assert sent.status_code == 204
    assert as_carol.post(begun["finish_url"]).json()["may_be_sent"] is True


def test_putting_again_replaces(films_bucket):
    storage.put("films/x/review.mp4", io.BytesIO(b"one"))
    storage.put("films/x/review.mp4", io.BytesIO(b"two"))
    with storage.open_file("films/x/review.mp4") as file:
        assert file.read() == b"two"
    storage.delete("films/x/review.mp4", "films/x/never-there", "")
    with pytest.raises(FileNotFoundError):
        storage.open_file("films/x/review.mp4").read()
    with pytest.raises(FileNotFoundError), storage.local_copy("films/x/review.mp4"):
        pass
    with pytest.raises(FileNotFoundError):
        storage.move("films/x/review.mp4", "films/x/other")
