"""Runners and notes for programs."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from api.operations import runners
from subjects.models import Group, Note, Subject


def test_a_runner_is_made_read_changed_and_put_aside(alices, organization):
    group = Group.objects.create(organization=organization, name="Juniors")
    given = {"name": " Runner 02 ", "height_m": 1.72, "birth_year": 2004, "groups": [str(group.code)]}
    made = alices.post("/runners", given)
    assert made.status_code == 201
    body = made.json()
    assert (body["name"], body["height_m"], body["weight_kg"]) == ("Runner 02", 1.72, None)
    assert body["groups"] == [{"code": str(group.code), "name": "Juniors"}]
    address = f"/runners/{body['code']}"
    changed = alices.patch(address, {"weight_kg": 61.5, "groups": []})
    assert (changed.json()["weight_kg"], changed.json()["groups"]) == (61.5, [])
    assert changed.json()["height_m"] == 1.72
    assert alices.post(f"{address}/archive").json()["archived_at"]
    assert alices.get("/runners").json()["items"] == []
    assert [one["name"] for one in alices.get("/runners", archived=True).json()["items"]] == ["Runner 02"]
    assert alices.post(f"{address}/restore").json()["archived_at"] is None


def test_what_a_program_changed_is_on_record_as_its_persons_deed(alices, alice, runner):
    alices.patch(f"/runners/{runner.code}", {"weight_kg": 70})
    entries = AuditEntry.objects.of_runner(runner.code)
    assert {(entry.by, entry.action, entry.about) for entry in entries} == {
        (alice, "viewed", ""),
        (alice, "changed", "weight_kg"),
    }


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"name": "   "}, "body.name"),
        ({"name": "\u200b\u2060"}, "body.name"),
        ({"name": "A", "notes": "\ud800"}, "body.notes"),
        ({"name": "A", "height_m": 172}, "body.height_m"),
        ({"name": "A", "height_m": True}, "body.height_m"),
        ({"name": "A", "weight_kg": 5}, "body.weight_kg"),
        ({"name": "A", "birth_year": "1990"}, "body.birth_year"),
        ({"name": "A", "birth_year": True}, "body.birth_year"),
        ({"name": "A", "birth_year": 1990.5}, "body.birth_year"),
        ({"name": "A", "email": "nobody"}, "body.email"),
        ({"name": "A", "hieght_m": 1.7}, "body.hieght_m"),
        ({"name": "A\u0000"}, "body.name"),
        ({}, "body.name"),
    ],
)
def test_what_does_not_fit_is_named_one_by_one(alices, given, where):
    answer = alices.post("/runners", given)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "does_not_fit"
    assert body["detail"] == "Something in the request does not fit; `errors` says what."
    assert [fault["where"] for fault in body["errors"]] == [where]
    assert not Subject.objects.exists()


def test_a_body_that_is_no_json_is_said_to_be_none(alices):
    answer = alices.client.post("/api/v1/runners", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_read")
    assert answer.json()["detail"] == "The request could not be read. Send JSON in UTF-8."


def test_what_cannot_be_empty_is_not_emptied(alices, runner):
    answer = alices.patch(f"/runners/{runner.code}", {"name": None, "height_m": None})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Leave out what is not to be changed: name cannot be null."
    assert alices.patch(f"/runners/{runner.code}", {"height_m": None}).json()["height_m"] is None


def test_the_group_of_another_organisation_is_not_here(alices, charlie):
    theirs = Group.objects.create(organization=charlie.memberships.get().organization, name="Theirs")
    answer = alices.post("/runners", {"name": "Runner 02", "groups": [str(theirs.code)]})
    assert (answer.status_code, answer.json()["detail"]) == (422, "One of the groups is not here.")
    assert not Subject.objects.exists()


def test_runners_are_found_by_words_and_by_group(alices, organization, runner):
    other = Subject.objects.create(organization=organization, name="Someone Else")
    group = Group.objects.create(organization=organization, name="Seniors")
    other.groups.add(group)
    assert [one["name"] for one in alices.get("/runners", search="runner 0").json()["items"]] == ["Runner 01"]
    assert [one["name"] for one in alices.get("/runners", group=group.code).json()["items"]] == ["Someone Else"]


def test_pages_neither_repeat_nor_skip_while_rows_come_and_go(alices, organization):
    rows = [Subject.objects.create(organization=organization, name=f"Runner {n}") for n in range(5)]
    first = alices.get("/runners", limit=2).json()
    rows[0].archived_at = rows[0].created_at
    rows[0].save()
    Subject.objects.create(organization=organization, name="Runner 5")
    names, cursor = [one["name"] for one in first["items"]], first["next"]
    while cursor:
        page = alices.get("/runners", limit=2, cursor=cursor).json()
        names += [one["name"] for one in page["items"]]
        cursor = page["next"]
    assert names == [f"Runner {n}" for n in range(6)]


def test_a_cursor_of_another_list_or_made_up_is_refused(alices, organization):
    for n in range(3):
        Subject.objects.create(organization=organization, name=f"Runner {n}")
    cursor = alices.get("/runners", limit=1).json()["next"]
    for path, given in (("/films", cursor), ("/runners", "made-up"), ("/runners", cursor[:-2] + "xx")):
        answer = alices.get(path, cursor=given)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_cursor")
        assert answer.json()["detail"] == "This cursor is not one of this list. Begin without one."


def test_a_list_asks_the_database_as_often_for_many_as_for_few(alices, organization, django_assert_max_num_queries):
    group = Group.objects.create(organization=organization, name="Juniors")
    for n in range(30):
        Subject.objects.create(organization=organization, name=f"Runner {n}").groups.add(group)
    with django_assert_max_num_queries(6):
        assert len(alices.get("/runners", limit=30).json()["items"]) == 30


@pytest.mark.parametrize("day", [0, 86_400, "86400", True, "2026-11-22T00:00:00", "2026-02-30", "0000-01-01"])
def test_a_day_is_written_as_one(alices, runner, day):
    answer = alices.post(f"/runners/{runner.code}/notes", {"text": "Felt easy.", "on": day})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.on")
    for right in ("2026-11-22", None):
        answer = alices.post(f"/runners/{runner.code}/notes", {"text": "Felt easy.", "on": right})
        assert answer.status_code == 201


def test_the_clinics_reader_writes_notes_and_nothing_else(program, bob, runner):
    bobs = program(bob)
    made = bobs.post(f"/runners/{runner.code}/notes", {"text": "Came with pain."})
    assert made.status_code == 201
    assert made.json()["by"] == "Bob"
    assert [one["text"] for one in bobs.get(f"/runners/{runner.code}/notes").json()["items"]] == ["Came with pain."]
    for answer in (
        bobs.patch(f"/runners/{runner.code}", {"name": "X"}),
        bobs.post("/runners", {"name": "X"}),
        bobs.post(f"/runners/{runner.code}/archive"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        assert answer.json()["detail"] == "Your role here does not allow that. Ask an admin."
    runner.refresh_from_db()
    assert runner.name == "Runner 01"
    assert Note.objects.count() == 1


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something after the runner was read for a change and before it is written."""
    return lambda deed: monkeypatch.setattr(runners, "_groups", lambda request, codes: (deed(), [])[1])


def test_what_was_decided_about_a_runner_meanwhile_stays(alices, runner, meanwhile):
    meanwhile(lambda: Subject.objects.filter(pk=runner.pk).update(local_only=True))
    answer = alices.patch(f"/runners/{runner.code}", {"weight_kg": 64, "groups": []})
    assert answer.status_code == 200
    runner.refresh_from_db()
    assert (runner.weight_kg, runner.local_only) == (64, True)


def test_a_runner_who_was_erased_meanwhile_does_not_come_back(alices, runner, meanwhile):
    meanwhile(lambda: Subject.objects.filter(pk=runner.pk).delete())
    answer = alices.patch(f"/runners/{runner.code}", {"weight_kg": 64, "groups": []})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
