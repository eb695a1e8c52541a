"""The store does not answer while a film comes or goes: a sentence, a 503, and the same works afterwards."""

from __future__ import annotations

import errno

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from clips import storage
from clips.models import Clip

pytestmark = pytest.mark.django_db
SENTENCE = "Our film store does not answer just now. Try again in a minute."
TROUBLE = [
    ClientError({"Error": {"Code": "503"}}, "PutObject"),
    ConnectTimeoutError(endpoint_url="http://127.0.0.1"),
    OSError(errno.ENOSPC, "No space left on device"),
]


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("name", "fails"), [("receive", "put"), ("finish", "move"), ("delete", "delete")])
def test_it_is_said_and_the_film_is_not_forgotten(as_carol, monkeypatch, name, fails, error):
    def fail(*_):
        raise error

    code = as_carol.post(reverse("clips:begin"), {"name": "run.mp4", "size": 5}).json()["code"]
    url = reverse(f"clips:{name}", args=[code])
    with monkeypatch.context() as away:
        away.setattr(storage, fails, fail)
        answer = as_carol.post(url, {"file": SimpleUploadedFile("run.mp4", b"film")})
    assert (answer.status_code, answer.json()) == (503, {"code": "store_away", "text": SENTENCE})
    assert Clip.objects.get().status == "waiting"
    assert as_carol.post(url, {"file": SimpleUploadedFile("run.mp4", b"film")}).status_code != 503
