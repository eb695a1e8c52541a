"""Ordering by program: once for a key, by the same rules as the page."""

from __future__ import annotations

import io
import uuid

import pytest
from botocore.exceptions import EndpointConnectionError
from django.utils import timezone

from analyses.actions.stop import stop_analyses
from analyses.models import Analysis, ProviderAccount
from api.models import KeyedOrder
from clips import storage
from clips.models import Clip
from credits import ledger
from tests.analyses.finished import finish

KEY = {"Idempotency-Key": "visit-17"}


@pytest.fixture
def asked(clip, runner):
    return {
        "film": str(clip.code),
        "runner": str(runner.code),
        "view": "side_view",
        "treadmill": True,
        "pace_s_per_km": 360,
    }


@pytest.fixture
def paid(organization, alice):
    """A service that costs a credit, and one credit."""
    ledger.give(organization=organization, amount=1, reason="a start", by=alice)
    return ProviderAccount.objects.create(organization=organization, kind="ochy")


def test_an_order_waits_to_be_sent(alices, alice, asked, runner, clip):
    answer = alices.post("/analyses", asked, **KEY)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["status"], body["runner"], body["film"]) == ("queued", str(runner.code), str(clip.code))
    assert (body["service"], body["price_credits"], body["score"]) == ("engine", 0, None)
    assert Analysis.objects.get().ordered_by == alice


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("treadmill", "yes", "Input should be a valid boolean"),
        ("accept_warnings", 1, "Input should be a valid boolean"),
        ("pace_s_per_km", "360", "Value error, Write a number"),
        ("pace_s_per_km", 119, "Input should be greater than or equal to 120"),
    ],
)
def test_only_what_the_description_says_is_an_order(alices, asked, name, value, detail):
    answer = alices.post("/analyses", asked | {name: value}, **KEY)
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"where": f"body.{name}", "detail": detail}])
    assert not Analysis.objects.exists()


def test_the_same_key_orders_once(alices, asked, paid, organization, monkeypatch):
    hinted = []
    monkeypatch.setattr("analyses.jobs.hint", hinted.append)
    answers = [alices.post("/analyses", asked, **KEY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["code"] for answer in answers}) == 1
    assert hinted == [Analysis.objects.get()]
    assert ledger.balance(organization) == 0


def test_the_same_key_for_something_else_is_refused(alices, asked):
    alices.post("/analyses", asked, **KEY)
    answer = alices.post("/analyses", asked | {"pace_s_per_km": 300}, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_used")
    assert answer.json()["detail"] == ("Something else was ordered under this Idempotency-Key. Choose another one.")
    assert Analysis.objects.count() == 1


def test_two_people_may_choose_the_same_key(program, alices, carol, asked, clip, runner):
    alices.post("/analyses", asked, **KEY)
    other = program(carol).post("/analyses", asked | {"view": "back_view"}, **KEY)
    assert other.status_code == 201
    assert Analysis.objects.count() == 2


def test_an_order_without_a_key_is_not_made(alices, asked):
    answer = alices.post("/analyses", asked)
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["errors"]] == ["header.Idempotency-Key"]
    assert not Analysis.objects.exists()


def test_a_program_that_lost_its_key_does_not_pay_twice(alices, asked, paid, organization, alice):
    ledger.give(organization=organization, amount=5, reason="more", by=alice)
    alices.post("/analyses", asked, **KEY)
    answer = alices.post("/analyses", asked, **{"Idempotency-Key": "another"})
    assert (answer.status_code, answer.json()["code"]) == (409, "under_way")
    assert answer.json()["detail"] == "This film is being measured in this view already. Nothing was ordered."
    assert ledger.balance(organization) == 5


def test_another_film_is_ordered_while_one_is_under_way(alices, asked, order, clip):
    other = Clip.objects.get(pk=clip.pk)
    other.pk, other._state.adding, other.code, other.folder = None, True, uuid.uuid4(), storage.new_folder()
    other.save()
    order(clip=other)
    assert alices.post("/analyses", asked, **KEY).status_code == 201


def test_a_refused_order_leaves_the_key_unused(alices, asked, paid, organization, alice):
    ledger.take(organization=organization, amount=1, reason="all", by=alice)
    answer = alices.post("/analyses", asked, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_enough_credits")
    assert answer.json()["detail"] == (
        "This takes 1 credit and 0 are left. Ask an admin for credits; your film is kept."
    )
    assert not KeyedOrder.objects.exists()
    ledger.give(organization=organization, amount=1, reason="one", by=alice)
    assert alices.post("/analyses", asked, **KEY).status_code == 201


def test_the_rules_of_the_page_hold(alices, asked, runner):
    without_pace = alices.post("/analyses", {**asked, "pace_s_per_km": None}, **KEY)
    assert (without_pace.status_code, without_pace.json()["code"]) == (422, "refused")
    assert without_pace.json()["detail"] == "Enter the treadmill’s pace between 2:00\xa0/km and 20:00\xa0/km."


def test_who_may_only_read_orders_nothing(program, bob, asked):
    answer = program(bob).post("/analyses", asked, **KEY)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Analysis.objects.exists()


def test_an_order_is_taken_back_while_the_film_is_here(alices, asked, paid, organization):
    code = alices.post("/analyses", asked, **KEY).json()["code"]
    answer = alices.post(f"/analyses/{code}/cancel")
    assert (answer.status_code, answer.json()["status"], answer.json()["reason_code"]) == (200, "failed", "cancelled")
    again = alices.post(f"/analyses/{code}/cancel")  # the first answer may have been lost on its way
    assert (again.status_code, again.json()) == (200, answer.json())
    assert ledger.balance(organization) == 1


def test_an_order_that_ended_with_a_consent_is_told_to_have_ended(alices, asked, paid, runner, organization):
    code = alices.post("/analyses", asked, **KEY).json()["code"]
    stop_analyses(subject=runner, code="consent_ended", reason="It was taken back.")
    answer = alices.post(f"/analyses/{code}/cancel")
    assert (answer.status_code, answer.json()["reason_code"]) == (200, "consent_ended")
    assert ledger.balance(organization) == 1


def test_a_film_on_its_way_is_not_taken_back(alices, asked, paid, organization):
    code = alices.post("/analyses", asked, **KEY).json()["code"]
    Analysis.objects.update(status="running", remote_id="v1")
    late = alices.post(f"/analyses/{code}/cancel")
    assert ledger.balance(organization) == 0
    assert (late.status_code, late.json()["detail"]) == (
        409,
        "The film was on its way already, so it is measured to the end.",
    )


def test_a_result_is_read_with_its_doubt(alices, order):
    analysis = finish(order())
    body = alices.get(f"/analyses/{analysis.code}").json()
    assert (body["status"], body["score"], body["engine_version"]) == ("succeeded", 70.0, "1.0")
    cadence = next(one for one in body["measurements"] if one["measure"] == "cadence_spm")
    assert (cadence["value"], cadence["uncertainty_95"], cadence["count"]) == (164.0, 1.0, 12)
    assert {"typical_low", "typical_high", "unit", "side", "phase"} <= set(cadence)
    assert body["media"]["film"].startswith("http://")
    assert body["media"]["annotated_film"] is None
    film = alices.client.get(body["media"]["film"].partition(":8000")[2])
    assert b"".join(film.streaming_content).startswith(b"film ")


def test_a_film_that_is_no_longer_kept_is_not_linked(alices, order, clip):
    analysis = finish(order())
    Clip.objects.filter(pk=clip.pk).update(original_removed_at=timezone.now(), original_kept_months=1)
    assert alices.get(f"/analyses/{analysis.code}").json()["media"]["film"] is None


def test_the_answer_is_given_as_received(alices, order):
    analysis = finish(order())
    for level, text in (("results", analysis.result.results), ("calculated", analysis.result.calculated)):
        answer = alices.get(f"/analyses/{analysis.code}/answers/{level}")
        assert answer.content.decode() == text
    raw = f"/analyses/{analysis.code}/answers/raw"
    assert alices.get(raw).status_code == 404
    storage.put(analysis.result.raw_key, io.BytesIO(b'{"points": []}'))
    assert b"".join(alices.get(raw).streaming_content) == b'{"points": []}'
    unfinished = order(view="back_view")
    assert alices.get(f"/analyses/{unfinished.code}/answers/results").status_code == 404


def test_a_store_that_does_not_give_the_answer_out_is_told_as_described(alices, order, monkeypatch):
    def fail(_key):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    raw = f"/analyses/{finish(order()).code}/answers/raw"
    monkeypatch.setattr(storage, "open_file", fail)
    answer = alices.get(raw)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_away")
    described = alices.client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/analyses/{code}/answers/{level}"]
    assert str(answer.status_code) in described["get"]["responses"]


def test_analyses_are_listed_by_state_runner_and_view(alices, order):
    done, waiting = finish(order()), order(view="back_view")
    listed = alices.get("/analyses").json()["items"]
    assert [one["code"] for one in listed] == [str(waiting.code), str(done.code)]
    assert [one["code"] for one in alices.get("/analyses", status="succeeded").json()["items"]] == [str(done.code)]
    assert [one["code"] for one in alices.get("/analyses", view="back_view").json()["items"]] == [str(waiting.code)]
    after = alices.get("/analyses", finished_after="2026-09-30T00:00:00Z").json()["items"]
    assert [one["code"] for one in after] == [str(done.code)]
    assert alices.get("/analyses", runner=str(done.code)).status_code == 404
    for moment in ("2026-09-30T00:00:00", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"):
        assert alices.get("/analyses", finished_after=moment).status_code in (200, 422)


def test_credits_are_read_by_who_may(program, alices, carol, bob, organization, alice):
    ledger.give(organization=organization, amount=7, reason="a start", by=alice)
    assert alices.get("/credits").json() == {"balance_credits": 7}
    entry = alices.get("/credits/entries").json()["items"][0]
    assert (entry["amount_credits"], entry["reason"], entry["by"]) == (7, "a start", "Alice")
    assert program(carol).get("/credits").json() == {"balance_credits": 7}
    assert program(carol).get("/credits/entries").status_code == 403
    assert program(bob).get("/credits").status_code == 403
