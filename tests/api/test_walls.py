"""The wall between organisations, walked along every operation the description names: a new one is covered at birth."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.models import Membership
from api.v1 import v1
from subjects.models import Group, Note, Subject
from tests.analyses.finished import finish

NOBODY = "00000000-0000-0000-0000-000000000000"
SECRETS = ("Runner 01", "a secret", "run.mp4", "alice@example.com")
# What a reader of the clinic may write.
FOR_READERS = {("post", "/runners/{code}/notes")}


def operations():
    """Every method and path below /api/v1."""
    for path, methods in v1.get_openapi_schema()["paths"].items():
        for method in methods:
            yield method, path.removeprefix("/api/v1")


OPERATIONS = sorted(operations())
ROOMS = {"runners": "runner", "films": "clip", "analyses": "analysis"}


@pytest.fixture
def rows(order, runner, clip, organization, alice):
    """One row of each kind in Alice's organisation."""
    Note.objects.create(organization=organization, subject=runner, by=alice, text="a secret note")
    return {"runner": runner, "clip": clip, "analysis": finish(order())}


def address(path, rows):
    room = path.split("/")[1]
    code = str(rows[ROOMS[room]].code) if room in ROOMS else NOBODY
    return path.replace("{code}", code).replace("{level}", "results")


def bodies(path, rows):
    """A body that would do for the path, with the codes of Alice's rows."""
    return {
        "/runners": {"name": "A new one"},
        "/runners/{code}": {"name": "Changed"},
        "/runners/{code}/notes": {"text": "A new note"},
        "/films": {"name": "a.mp4", "runner": str(rows["runner"].code)},
        "/analyses": {"film": str(rows["clip"].code), "runner": str(rows["runner"].code), "view": "side_view"},
    }.get(path, {})


def ask(program, method, path, rows):
    body = None if method in ("get", "delete") else bodies(path, rows)
    query = "?view=side_view" if path.endswith("/checks") else ""
    return program.send(method, address(path, rows) + query, body, **{"Idempotency-Key": "walk"})


def shown(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_walk_meets_every_room():
    assert len(OPERATIONS) >= 22
    assert {path.split("/")[1] for _, path in OPERATIONS} == {"me", "runners", "films", "analyses", "credits"}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_stranger_finds_nothing(program, charlie, rows, method, path):
    answer = ask(program(charlie), method, path, rows)
    names_a_row = "{code}" in path or (method, path) in (("post", "/films"), ("post", "/analyses"))
    assert answer.status_code == 404 if names_a_row else answer.status_code < 300
    assert not [secret for secret in SECRETS if secret.encode() in shown(answer)]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_reader_changes_nothing(program, bob, rows, method, path):
    answer = ask(program(bob), method, path, rows)
    shown(answer)
    if method == "get":
        assert answer.status_code == (403 if path.startswith("/credits") else 200)
    else:
        assert answer.status_code == (201 if (method, path) in FOR_READERS else 403)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_token_without_scopes_opens_nothing(program, alice, rows, method, path):
    answer = ask(program(alice, []), method, path, rows)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_without_a_token_nothing_is_told(rows, method, path):
    answer = Client().generic(
        method.upper(),
        "/api/v1" + address(path, rows),
        json.dumps(bodies(path, rows)),
        content_type="application/json",
        headers={"Idempotency-Key": "walk"},
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")


@pytest.mark.parametrize(("method", "path"), [one for one in OPERATIONS if "{code}" in one[1]])
def test_a_coach_who_sees_their_groups_finds_no_other_runner(program, carol, organization, rows, method, path):
    organization.coaches_see_groups = True
    organization.save()
    rows["clip"].subject = rows["runner"]
    rows["clip"].save()
    answer = ask(program(carol), method, path, rows)
    assert answer.status_code == 404
    assert not [secret for secret in SECRETS if secret.encode() in shown(answer)]


def test_a_coach_who_sees_their_groups_makes_runners_into_one(program, carol, organization):
    organization.coaches_see_groups = True
    organization.save()
    carols = program(carol)
    lost = carols.post("/runners", {"name": "Runner 02"})
    assert (lost.status_code, lost.json()["code"]) == (409, "no_group")
    assert lost.json()["detail"] == "You see only the runners of your groups, and have none. Ask an admin."
    assert not Subject.objects.exists()
    group = Group.objects.create(organization=organization, name="Juniors")
    group.members.add(Membership.objects.get(user=carol))
    made = carols.post("/runners", {"name": "Runner 02"}).json()
    assert [one["name"] for one in made["groups"]] == ["Juniors"]
    assert carols.get(f"/runners/{made['code']}").status_code == 200
