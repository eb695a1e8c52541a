"""The thirteen operations: what goes out, and what we make of the published answers."""

from __future__ import annotations

import email
import io
import json
from datetime import UTC, datetime
from functools import partial

import pytest

from providers.base import (
    ProviderRefused,
    Reason,
    RemoteAnalysis,
    RemoteSubject,
    StartOrder,
    State,
    SubjectData,
    Webhook,
)

ID = "3dde3402-94d7-462e-a784-9306207108dd"
SUBJECT = "550e8400-e29b-41d4-a716-446655440000"
SIDE = StartOrder("side_view", height_m=1.72, weight_kg=62)


def start(client, order=SIDE, filename="Jane Smith.MP4"):
    return client.start(io.BytesIO(b"film" * 50), filename=filename, content_type="video/mp4", order=order)


def fields(request):
    """Return the form's fields by name, and the film's own headers and bytes."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = {}
    for part in email.message_from_bytes(head + request.content).get_payload():
        form[part.get_param("name", header="content-disposition")] = part
    film = form.pop("video")
    return {name: part.get_payload() for name, part in form.items()}, film


def test_a_start_returns_the_id(service, ochy):
    service.will(202, "started")
    assert start(ochy).remote_id == ID
    assert service.asked == ["POST /analysis/start"]


def test_a_start_sends_what_defaults_must_not_decide(service, ochy):
    service.will(202, "started")
    start(ochy)
    form, film = fields(service.requests[0])
    assert form == {
        "analysis_type": "side_view",
        "height": "1.72",
        "weight": "62",
        "language": "en",
        "treadmill": "false",
    }
    assert film.get_payload(decode=True) == b"film" * 50
    assert film.get_content_type() == "video/mp4"
    assert service.requests[0].headers["content-length"] == str(len(service.requests[0].content))


def test_a_start_does_not_tell_whose_film_it_is(service, ochy):
    service.will(202, "started")
    start(ochy)
    assert fields(service.requests[0])[1].get_filename() == "film.mp4"
    assert b"Jane" not in service.requests[0].content


def test_a_treadmill_start_sends_the_pace_in_minutes_and_seconds(service, ochy):
    service.will(202, "started")
    start(ochy, StartOrder("side_view", 1.72, 62, treadmill=True, pace_s_per_km=329.6, language="fr"))
    form, _ = fields(service.requests[0])
    assert (form["treadmill"], form["pace"], form["language"]) == ("true", "05:30", "fr")
    assert "full_body" not in form


def test_a_pace_is_not_sent_over_ground(service, ochy):
    service.will(202, "started")
    start(ochy, StartOrder("side_view", 1.72, 62, pace_s_per_km=330))
    assert "pace" not in fields(service.requests[0])[0]


def test_a_back_view_start_says_how_much_of_the_body_and_for_whom(service, ochy):
    service.will(202, "started")
    start(ochy, StartOrder("back_view", 1.72, 62.5, full_body=False, subject_id=SUBJECT, notify=True))
    form, _ = fields(service.requests[0])
    assert form["analysis_type"] == "back_view"
    assert form["weight"] == "62.5"
    assert form["full_body"] == "false"
    assert form["subject_id"] == SUBJECT
    assert form["notify_via_webhook"] == "true"


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (StartOrder("side_view", 172, 62), "A height of 172 m cannot be right; enter metres, such as 1.72."),
        (StartOrder("side_view", 1.72, 6), "A weight of 6 kg cannot be right; enter kilograms, such as 62."),
        (
            StartOrder("side_view", 1.72, 62, treadmill=True),
            "On a treadmill the pace must be known; enter the belt’s pace, such as 06:00.",
        ),
        (
            StartOrder("side_view", 1.72, 62, treadmill=True, pace_s_per_km=60),
            "A belt’s pace lies between 02:00 and 20:00 per kilometre; check the entry.",
        ),
        (
            StartOrder("side_view", 1.72, 62, language="sv"),
            "The measuring service does not write “sv”; choose one of en, fr, de, zh, ko, pt, es, it, ja.",
        ),
    ],
)
def test_an_order_that_would_measure_wrongly_is_not_sent(service, ochy, order, text):
    with pytest.raises(ProviderRefused) as refused:
        start(ochy, order)
    assert str(refused.value) == text
    assert service.requests == []


@pytest.mark.parametrize(
    ("http", "body", "state", "percentage"),
    [
        (200, "results_pending", State.QUEUED, 0.0),
        (202, "results_analyzing", State.RUNNING, 45.0),
        (400, "results_failed", State.FAILED, None),
        (200, "results_side", State.SUCCEEDED, 100.0),
        (200, {"status": "resting"}, State.UNKNOWN, None),
        (202, {"status": "analyzing", "percentage": "45"}, State.RUNNING, None),
        (202, {"status": "analyzing", "percentage": 140}, State.RUNNING, 100.0),
    ],
)
def test_the_status_word_decides_and_not_the_http_code(service, ochy, http, body, state, percentage):
    service.will(http, body)
    status = ochy.status(ID)
    assert (status.remote_id, status.state, status.percentage) == (ID, state, percentage)
    assert service.asked == [f"GET /analysis/{ID}/results"]


def test_a_finished_analysis_brings_its_links_and_the_body_as_received(service, ochy):
    body = b"""{ "video_id":"x",
        "status":"success", "percentage":100, "total": 1.50,
        "thumbnail":"https://a.example/t.jpg?s", "output_video":"https://a.example/v.mp4?s"}"""
    service.will(200, body)
    status = ochy.status(ID)
    assert status.thumbnail_url == "https://a.example/t.jpg?s"
    assert status.film_url == "https://a.example/v.mp4?s"
    assert status.document.text == body.decode()
    assert status.document.data["total"] == 1.5


def test_a_failure_has_a_reason_only_if_the_service_gives_one(service, ochy):
    service.will(400, "results_failed")
    assert ochy.status(ID).reason is None
    service.replies.clear()
    service.will(400, {"status": "failed", "reason": {"code": "no_runner", "text": "Nobody runs in this film."}})
    assert ochy.status(ID).reason == Reason("no_runner", "Nobody runs in this film.")


def test_numbers_and_landmarks_come_as_received(service, ochy, answer):
    service.will(200, "calculated_published").will(200, "raw")
    assert ochy.calculated(ID).data == answer("calculated_published")
    assert json.loads(ochy.raw(ID).text) == answer("raw")
    assert service.asked == [f"GET /analysis/{ID}/results/calculated_data", f"GET /analysis/{ID}/results/raw_data"]


def test_the_list_of_analyses_is_newest_first(service, ochy):
    service.will(200, "analyses")
    first, second = ochy.analyses()
    assert first == RemoteAnalysis(ID, State.SUCCEEDED, "side_view", datetime(2026, 3, 23, 10, 45, tzinfo=UTC), SUBJECT)
    assert second.state is State.RUNNING
    assert second.subject_id is None
    assert service.asked == ["GET /analysis"]


@pytest.mark.parametrize(
    "body",
    [
        [{"id": "a"}, {"analysis_id": "b"}],
        {"items": [{"video_id": "a"}, {"video_id": "b", "status": 7, "created_at": "soon"}]},
        {"analyses": ["a", "b"], "others": []},
        {"analyses": [{"id": "a"}, {"name": "no id"}, None, {"id": "b"}]},
    ],
)
def test_the_list_of_analyses_may_be_shaped_otherwise(service, ochy, body):
    service.will(200, body)
    assert [analysis.remote_id for analysis in ochy.analyses()] == ["a", "b"]


@pytest.mark.parametrize("none", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "", 0])
def test_a_time_that_stands_for_none_is_none(service, ochy, none):
    """Some languages write a time that was never set as the first there is, which cannot be told in America."""
    service.will(200, {"analyses": [{"video_id": "a", "created_at": none}]})
    [there] = ochy.analyses()
    assert there.created_at is None


def test_a_runner_is_created_without_name_and_address(service, ochy):
    service.will(201, "subject_created")
    assert ochy.create_subject(SubjectData("runner-4f2a", 1.72, 62)) == SUBJECT
    assert service.asked == ["POST /subjects"]
    assert json.loads(service.requests[0].content) == {"name": "runner-4f2a", "height": 1.72, "weight": 62}


def test_a_runner_may_be_created_with_nothing_known(service, ochy):
    service.will(201, "subject_created")
    ochy.create_subject(SubjectData())
    assert json.loads(service.requests[0].content) == {}


@pytest.mark.parametrize("label", ["Jane Smith", "jane@example.com", "", "x" * 65])
def test_a_label_that_could_be_a_name_is_not_sent(service, ochy, label):
    for tell in (ochy.create_subject, partial(ochy.update_subject, SUBJECT)):
        with pytest.raises(ProviderRefused) as refused:
            tell(SubjectData(label))
        assert str(refused.value) == (
            "A runner’s label at the measuring service must not be a name; use letters, digits and hyphens."
        )
    assert service.requests == []


def test_runners_are_read_one_and_all(service, ochy):
    service.will(200, "subject").will(200, "subjects")
    jane = RemoteSubject(SUBJECT, "Jane Smith", 1.72, 62.0, datetime(2025, 3, 20, 15, 30, tzinfo=UTC))
    assert ochy.subject(SUBJECT) == jane
    all_of_them = ochy.subjects()
    assert all_of_them[0] == jane
    assert (all_of_them[1].label, all_of_them[1].height_m) == (None, None)
    assert service.asked == [f"GET /subjects/{SUBJECT}", "GET /subjects"]


def test_a_runner_is_changed_only_where_something_is_said(service, ochy):
    service.will(200, "subject_updated")
    ochy.update_subject(SUBJECT, SubjectData(weight_kg=63.5))
    assert service.asked == [f"PUT /subjects/{SUBJECT}"]
    assert json.loads(service.requests[0].content) == {"weight": 63.5}


def test_a_runner_is_deleted_by_a_post(service, ochy):
    service.will(200, "subject_deleted")
    ochy.delete_subject(SUBJECT)
    assert service.asked == [f"POST /subjects/{SUBJECT}/delete"]


@pytest.mark.parametrize("body", ["subject_analyses", ["3dde3402-94d7-462e-a784-9306207108dd", {"id": "8c0f"}, {}]])
def test_a_runners_analyses_are_ids(service, ochy, body):
    service.will(200, body)
    assert ochy.subject_analyses(SUBJECT)[0] == ID
    assert len(ochy.subject_analyses(SUBJECT)) == 2
    assert service.asked[0] == f"GET /subjects/{SUBJECT}/analyses"


def test_the_webhook_is_read_and_may_never_have_been_set(service, ochy):
    service.will(200, "webhook").will(200, "webhook_none")
    assert ochy.webhook() == Webhook(
        "https://client.example.com/webhooks/ochy", True, datetime(2026, 3, 23, 10, 45, tzinfo=UTC)
    )
    assert ochy.webhook() is None
    assert service.asked == ["GET /webhook"] * 2


def test_the_webhook_is_set(service, ochy):
    service.will(200, "webhook").will(200, {})
    assert ochy.set_webhook("https://client.example.com/webhooks/ochy", True).enabled is True
    assert service.asked == ["PUT /webhook"]
    assert json.loads(service.requests[0].content) == {
        "url": "https://client.example.com/webhooks/ochy",
        "enabled": True,
    }
    assert ochy.set_webhook("https://a.example/x", False) == Webhook("https://a.example/x", False)


def test_a_plain_webhook_address_is_not_offered(service, ochy):
    with pytest.raises(ProviderRefused) as refused:
        ochy.set_webhook("http://client.example.com/webhooks/ochy", True)
    assert str(refused.value) == (
        "The measuring service calls only addresses that begin with https://; give the portal one."
    )
    assert service.requests == []


def test_every_request_carries_the_key_in_its_query(service, ochy):
    service.will(200, "subjects").will(202, "started").will(200, "webhook")
    ochy.subjects()
    start(ochy)
    ochy.set_webhook("https://client.example.com/webhooks/ochy", True)
    assert [request.url.query for request in service.requests] == [b"apiKey=a-key-nobody-may-see-quux"] * 3


@pytest.mark.parametrize("remote_id", ["a/../../webhook", "a?apiKey=x", "ä b", "%2e%2e"])
def test_an_odd_id_stays_within_its_path(service, ochy, remote_id):
    service.will(200, "results_pending")
    ochy.status(remote_id)
    raw_path = service.requests[0].url.raw_path.decode()
    assert raw_path.startswith("/analysis/")
    assert raw_path.partition("?")[0].count("/") == 3
    assert raw_path.count("apiKey=") == 1
