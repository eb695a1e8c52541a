"""What each refusal and each silence becomes: the kind of error, its sentence, and how often was asked."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina

from providers import connect
from providers.base import (
    Config,
    FilmRefused,
    KeyInvalid,
    KeyMissing,
    NotFound,
    NotReady,
    OutOfCredits,
    ProviderError,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnavailable,
    StartNotSent,
    StartOrder,
    StartUnsure,
    SubjectData,
    UnexpectedAnswer,
    WebhookNotConfigured,
)

BUSY = "The measuring service is busy; try again in a few minutes."
UNSURE = (
    "The film was sent, but the measuring service did not say whether it started; "
    "look for it at the service before ordering again."
)
NO_CREDITS = "The measuring service has no credits left; buy more there, then order again."
ELSEWHERE = "The address of the measuring service leads elsewhere; enter its final address in the settings."
KEY_REFUSED = "The measuring service refuses our key; enter the current one in the settings."
KEY_WANTED = "The measuring service asks for a key; enter one in the settings."
NO_RUNNER = "The measuring service does not know this runner; it may have been deleted there."
NO_ANALYSIS = "The measuring service does not know this analysis; it may have been deleted there."


def start(client, subject_id=None):
    order = StartOrder("side_view", 1.72, 62, subject_id=subject_id)
    return client.start(io.BytesIO(b"film"), filename="a.mp4", content_type="video/mp4", order=order)


def odd(status):
    return f"The measuring service answered in an unknown way ({status}); tell whoever runs the portal."


@pytest.mark.parametrize(
    ("http", "body", "kind", "code", "text"),
    [
        (401, "error_key_missing", KeyMissing, "key_missing", KEY_WANTED),
        (403, "error_key_invalid", KeyInvalid, "key_invalid", KEY_REFUSED),
        (402, "error_no_credits", OutOfCredits, "insufficient_credits", NO_CREDITS),
        (
            400,
            "error_file_type",
            FilmRefused,
            "invalid_file_type",
            "The measuring service does not take this kind of file; send MP4, MOV, AVI or WEBM.",
        ),
        (
            400,
            "error_too_long",
            FilmRefused,
            "too_long",
            "The film is longer than the measuring service takes; cut it to 10 seconds.",
        ),
        (
            413,
            "error_too_large",
            FilmRefused,
            "file_too_large",
            "The film is larger than the measuring service takes; send at most 30 MB.",
        ),
        (
            413,
            b"<html>nginx</html>",
            FilmRefused,
            "file_too_large",
            "The film is larger than the measuring service takes; send at most 30 MB.",
        ),
        (
            400,
            {"detail": "Too dark", "code": "too_dark"},
            FilmRefused,
            "too_dark",
            "The measuring service refuses this film; check it and send another.",
        ),
        (
            400,
            "error_webhook",
            WebhookNotConfigured,
            "webhook_not_configured",
            "The measuring service has no address for its calls; register it in the settings or order without "
            "notification.",
        ),
        (422, "error_field", UnexpectedAnswer, "unexpected_answer", odd(422)),
        (404, b"not here", UnexpectedAnswer, "unexpected_answer", odd(404)),
        (301, b"", UnexpectedAnswer, "unexpected_answer", ELSEWHERE),
        (429, {}, StartNotSent, "busy", BUSY),
        (500, b"", StartUnsure, "unsure", UNSURE),
        (503, b"", StartUnsure, "unsure", UNSURE),
        (202, b"", StartUnsure, "unsure", UNSURE),
        (202, {"message": "Analysis started"}, StartUnsure, "unsure", UNSURE),
        (200, b'{"video_id": "half', StartUnsure, "unsure", UNSURE),
    ],
)
def test_a_start_that_is_refused_says_why_and_is_sent_once(service, ochy, http, body, kind, code, text):
    service.will(http, body)
    with pytest.raises(ProviderError) as refused:
        start(ochy)
    assert type(refused.value) is kind
    assert refused.value.code == code
    assert refused.value.http_status == http
    assert str(refused.value) == text
    assert len(service.requests) == 1


def test_a_start_for_a_runner_the_service_has_lost(service, ochy):
    service.will(404, "error_subject_unknown")
    with pytest.raises(NotFound) as refused:
        start(ochy, subject_id="gone")
    assert str(refused.value) == NO_RUNNER


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_a_start_that_never_left_may_be_sent_later(service, ochy, error):
    service.breaks(error("no route"))
    with pytest.raises(StartNotSent) as refused:
        start(ochy)
    assert str(refused.value) == "The measuring service cannot be reached; try again in a few minutes."
    assert isinstance(refused.value, ProviderUnavailable)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "error",
    [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError],
)
def test_a_start_without_an_answer_is_unsure_and_never_repeated(service, ochy, error):
    service.breaks(error("gone"))
    with pytest.raises(StartUnsure) as refused:
        start(ochy)
    assert str(refused.value) == UNSURE
    assert not isinstance(refused.value, ProviderUnavailable)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("http", "body", "kind", "text"),
    [
        (401, "error_key_missing", KeyMissing, KEY_WANTED),
        (403, "error_key_invalid", KeyInvalid, KEY_REFUSED),
        (404, "error_analysis_unknown", NotFound, NO_ANALYSIS),
        (400, {"detail": "odd"}, UnexpectedAnswer, odd(400)),
        (200, {"percentage": 10}, UnexpectedAnswer, odd(200)),
        (200, b"<html>", UnexpectedAnswer, odd(200)),
        (200, b"[" * 100_000, UnexpectedAnswer, odd(200)),
        (200, b'{"status": "\xff"}', UnexpectedAnswer, odd(200)),
        (307, b"", UnexpectedAnswer, ELSEWHERE),
    ],
)
def test_a_status_that_cannot_be_had(service, ochy, http, body, kind, text):
    service.will(http, body)
    with pytest.raises(ProviderError) as refused:
        ochy.status("some-id")
    assert type(refused.value) is kind
    assert str(refused.value) == text
    assert len(service.requests) == 1


def test_numbers_asked_for_too_early(service, ochy):
    service.will(400, "error_not_completed")
    with pytest.raises(NotReady) as refused:
        ochy.calculated("some-id")
    assert str(refused.value) == "The numbers are not there yet; ask again when the analysis is done."


def test_a_runner_that_is_gone(service, ochy):
    service.will(404, "error_subject_unknown")
    for ask in (ochy.subject, ochy.subject_analyses, ochy.delete_subject):
        with pytest.raises(NotFound) as refused:
            ask("gone")
        assert str(refused.value) == NO_RUNNER


def test_a_webhook_address_the_service_does_not_want(service, ochy):
    service.will(422, "error_field")
    with pytest.raises(ProviderRefused) as refused:
        ochy.set_webhook("https://a.example/x", True)
    assert str(refused.value) == (
        "The measuring service refuses the address for its calls; it must begin with https://."
    )


def test_the_services_own_words_are_kept_for_the_operator(service, ochy):
    service.will(422, "error_field")
    with pytest.raises(UnexpectedAnswer) as refused:
        start(ochy)
    assert refused.value.detail == "pace is required when treadmill is true"


@pytest.mark.parametrize("remote_id", ["", "..", "x" * 65])
def test_an_id_the_service_cannot_have_given_is_not_asked_for(service, ochy, remote_id):
    with pytest.raises(NotFound) as refused:
        ochy.status(remote_id)
    assert str(refused.value) == "The measuring service cannot know this id; it was not given by the service."
    assert service.requests == []


def test_a_read_is_repeated_until_it_works(service, ochy):
    service.will(503, b"").breaks(httpx.ReadError("reset")).will(200, "results_pending")
    assert ochy.status("some-id").percentage == 0
    assert len(service.requests) == 3


def test_a_read_gives_up_after_three_times(service, ochy):
    service.will(502, b"<html>")
    with pytest.raises(ProviderUnavailable) as refused:
        ochy.analyses()
    assert str(refused.value) == "The measuring service has trouble of its own (502); try again in a few minutes."
    assert len(service.requests) == 3


def test_a_write_is_sent_once(service, ochy):
    service.will(503, b"")
    writes = [
        lambda: ochy.create_subject(SubjectData("runner-1")),
        lambda: ochy.update_subject("a", SubjectData("runner-1")),
        lambda: ochy.delete_subject("a"),
        lambda: ochy.set_webhook("https://a.example/x", True),
    ]
    for write in writes:
        with pytest.raises(ProviderUnavailable):
            write()
    assert len(service.requests) == len(writes)


def test_a_short_pause_that_is_asked_for_is_kept(service, ochy):
    service.will(429, {}, headers={"retry-after": "1"}).will(200, "results_pending")
    with stamina.set_testing(False):
        before = time.monotonic()
        ochy.status("some-id")
    assert time.monotonic() - before >= 1
    assert len(service.requests) == 2


@pytest.mark.parametrize("by_date", [False, True])
def test_a_long_pause_that_is_asked_for_is_handed_to_the_caller(service, ochy, by_date):
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=121), usegmt=True) if by_date else "120"
    service.will(429, {}, headers={"retry-after": later})
    with pytest.raises(ProviderUnavailable) as refused:
        ochy.status("some-id")
    assert refused.value.retry_after_s == pytest.approx(120, abs=2)
    assert str(refused.value).startswith("The measuring service is busy; try again in 1")
    assert len(service.requests) == 1


@pytest.mark.parametrize("pause", ["soon", "-5", "Wed, 99 Foo 2026", "9" * 400])
def test_an_unreadable_pause_is_no_harm(service, ochy, pause):
    service.will(429, {}, headers={"retry-after": pause})
    with pytest.raises(StartNotSent) as refused:
        start(ochy)
    assert refused.value.retry_after_s in (None, 86_400.0)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (
            Config("ochy", "https://a.example", "  "),
            "The measuring service has no key yet; enter one in the settings.",
        ),
        *[
            (
                Config("ochy", url, "k"),
                "The address of the measuring service is not usable; enter one such as https://partner-api.ochy-prod.com.",
            )
            for url in (
                "",
                "a.example",
                "http://a.example",
                "https://u:p@a.example",
                "https://a.example?x=1",
                "https://a.example#x",
                "https://",
                "http://[",
            )
        ],
        (Config("other", "https://a.example", "k"), "There is no provider of kind “other”: choose “ochy” or “engine”."),
    ],
)
def test_a_provider_that_cannot_work_is_not_connected(config, text):
    with pytest.raises(ProviderMisconfigured) as refused:
        connect(config)
    assert str(refused.value) == text


def test_the_engine_may_be_reached_without_tls():
    with connect(Config("engine", "http://engine:8090", "k")) as engine:
        assert "k" not in repr(engine).split(":")[-1]
