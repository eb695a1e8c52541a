"""Subjects and the webhook's configuration: the contract's shapes, and that a typing error is never ignored."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from tests.engine_server import wait_for

pytestmark = pytest.mark.slow  # the server is four processes


@pytest.fixture
def subject(server):
    body = {"email": "runner@example.com", "name": "Jane Smith", "height": 1.72, "weight": 62}
    answer = server.call("POST", "/subjects", json=body)
    assert answer.status_code == 201
    assert answer.json().keys() == {"subject_id", "created_at"}
    return answer.json()["subject_id"]


def test_a_subject_is_read_as_it_was_created(server, subject):
    body = server.call("GET", f"/subjects/{subject}").json()
    created_at = body.pop("created_at")
    assert created_at.endswith("Z")
    assert body == {
        "id": subject,
        "email": "runner@example.com",
        "name": "Jane Smith",
        "height": 1.72,
        "weight": 62.0,
    }


def test_an_empty_subject_is_a_subject(server):
    created = server.call("POST", "/subjects", json={})
    body = server.call("GET", f"/subjects/{created.json()['subject_id']}").json()
    assert [body[key] for key in ("email", "name", "height", "weight")] == [None] * 4


def test_an_update_changes_only_what_it_names(server, subject):
    answer = server.call("PUT", f"/subjects/{subject}", json={"weight": 63})
    assert (answer.status_code, answer.json()) == (200, {"message": "Subject updated"})
    body = server.call("GET", f"/subjects/{subject}").json()
    assert (body["weight"], body["name"]) == (63.0, "Jane Smith")


def test_a_deleted_subject_is_gone_from_everywhere(server, subject, film):
    answer = server.call("POST", f"/subjects/{subject}/delete")
    assert (answer.status_code, answer.json()) == (200, {"message": "Subject deleted"})
    assert subject not in [row["id"] for row in server.call("GET", "/subjects").json()["subjects"]]
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "", {}),
        ("POST", "/delete", None),
        ("GET", "/analyses", None),
    ):
        answer = server.call(method, f"/subjects/{subject}{path}", json=body)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Subject not found"})
    assert server.start_film(film, subject_id=subject).status_code == 404


def test_another_partner_cannot_reach_a_subject(server, subject, film):
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/delete"), ("GET", "/analyses")):
        answer = server.call(method, f"/subjects/{subject}{path}", json={}, key=server.other_key)
        assert answer.status_code == 404
    assert subject not in server.call("GET", "/subjects", key=server.other_key).text
    assert server.start_film(film, subject_id=subject, key=server.other_key).status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b'{"nmae": "Jane"}', "nmae", "Unknown field"),
        (b'{"name": null}', "name", "Must be a string"),
        (b'{"height": "1.7"}', "height", "Must be a number"),
        (b'{"weight": true}', "weight", "Must be a number"),
        (b'{"weight": 1' + b"0" * 400 + b"}", "weight", "Must be a number"),
        (b'{"weight": NaN}', "body", "The body is not valid JSON"),
        (b'{"name": "\\ud800"}', "body", "The body is not valid JSON"),
        (b"[" * 100_000, "body", "The body is not valid JSON"),
        (b"", "body", "The body is not valid JSON"),
        (b"[]", "body", "The body must be a JSON object"),
    ],
)
def test_a_wrong_body_is_refused_by_name(server, body, field, message):
    answer = server.call("POST", "/subjects", content=body)
    assert answer.status_code == 422
    assert [(entry["loc"][-1], entry["msg"]) for entry in answer.json()["detail"]] == [(field, message)]


def test_a_body_over_a_megabyte_is_refused(server):
    answer = server.call("POST", "/subjects", content=b'{"name": "' + b"x" * 2_000_000 + b'"}')
    assert (answer.status_code, answer.json()) == (413, {"detail": "Request body exceeds 1 MB"})


def test_no_webhook_is_an_empty_object(server):
    assert server.call("GET", "/webhook").json() == {}


def test_a_webhook_is_stored_and_read_back(server):
    body = {"url": "https://client.example.com/webhooks/ochy", "enabled": True}
    answer = server.call("PUT", "/webhook", json=body)
    assert answer.status_code == 200
    assert answer.json() | body == answer.json()
    assert answer.json()["updated_at"].endswith("Z")
    assert server.call("GET", "/webhook").json() == answer.json()


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"url": "ftp://example.com/x", "enabled": True}, "url", "url must be an HTTPS address"),
        ({"url": "https://", "enabled": True}, "url", "url must be an HTTPS address"),
        ({"url": "https://exa mple.com", "enabled": True}, "url", "url must be an HTTPS address"),
        ({"enabled": True}, "url", "url must be an HTTPS address"),
        ({"url": "https://example.com", "enabled": "yes"}, "enabled", "enabled must be true or false"),
        ({"url": "https://example.com", "enabled": True, "secret": "x"}, "secret", "Unknown field"),
    ],
)
def test_a_wrong_webhook_is_refused(server, body, field, message):
    answer = server.call("PUT", "/webhook", json=body)
    assert answer.status_code == 422
    assert [(entry["loc"][-1], entry["msg"]) for entry in answer.json()["detail"]] == [(field, message)]


def test_deleting_a_subject_erases_what_was_measured_for_them(server, subject, film, ask_for):
    ask_for("success")
    video_id = server.start_film(film, subject_id=subject).json()["video_id"]
    assert server.wait_until_ended(video_id).status_code == 200
    assert [path for path in server.folder.rglob("*") if video_id in str(path) and path.is_file()]
    assert server.call("POST", f"/subjects/{subject}/delete").status_code == 200
    assert server.results(video_id).status_code == 404
    assert not [path for path in server.folder.rglob("*") if video_id in str(path)]


def test_the_record_of_a_deleted_subject_tells_nothing_of_a_person(server, subject):
    server.call("POST", f"/subjects/{subject}/delete")
    with contextlib.closing(sqlite3.connect(server.folder / "engine" / "engine.sqlite3")) as books:
        kept = "SELECT email, name, height_m, weight_kg FROM engine_subject WHERE id = ?"
        assert books.execute(kept, [subject]).fetchall() == [(None, None, None, None)]


def test_what_is_measured_while_its_subject_is_deleted_leaves_nothing(server, subject, film, ask_for):
    ask_for("success", seconds=2)
    video_id = server.start_film(film, subject_id=subject).json()["video_id"]
    wait_for(lambda: [path for path in server.folder.rglob("*") if video_id in str(path) and path.is_dir()])
    assert server.call("POST", f"/subjects/{subject}/delete").status_code == 200
    wait_for(lambda: not [path for path in server.folder.rglob("*") if video_id in str(path)])
