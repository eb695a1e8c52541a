"""What a storm would not forgive: the comparison of the books finds each kind of loss."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace

import httpx
import pytest

from analyses.models import Analysis, ProviderAccount, RemoteSubject
from credits import ledger
from credits.models import Budget, Entry
from storm import books
from storm.coach import Coach

FILM = b"film"
SHA = hashlib.sha256(FILM).hexdigest()


@pytest.fixture
def paid(order, organization, alice):
    account = ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    return order(account=account)


@pytest.fixture
def started(paid, organization, runner):
    """An order that is being measured, as both books should have it."""
    Analysis.objects.filter(pk=paid.pk).update(status="running", remote_id="r1")
    RemoteSubject.objects.create(organization=organization, account=paid.account, subject=runner, remote_id="s1")
    return Analysis.objects.get(pk=paid.pk)


def engine_books(*remote: str, left: int = 9) -> dict:
    rows = [{"video_id": one, "subject_id": "s1", "film_sha256": SHA, "credits": 1} for one in remote]
    return {"credits": left, "analyses": rows}


def coach(*codes: object) -> Coach:
    return Coach("", FILM, "", ordered={str(code): "Runner 01" for code in codes})


def compared(rows, told, of) -> books.Findings:
    found = books.Findings()
    books._orders(found, rows, of)
    books._remote(found, rows, told, FILM)
    books._ledger(found, rows, told, 5, 10)
    for row in rows:
        books._ended(found, row)
    return found


def test_one_order_one_start_one_credit_is_right_but_not_settled(started):
    found = compared([started], engine_books("r1"), coach(started.code))
    assert found.sentences == [f"stuck: Runner 01: running, , due {started.due_at:%H:%M:%S}"]


def test_a_promised_analysis_that_is_not_there_is_lost(started):
    found = compared([started], engine_books("r1"), coach(started.code, "another"))
    assert found.lost == ["Runner 01: another is not in the database"]


def test_a_second_start_is_found_and_so_is_its_credit(started):
    found = compared([started], engine_books("r1", "r2", left=8), coach(started.code))
    assert found.doubled == ["runner s1 was started 2 times"]
    assert found.lost == ["r2 was started and paid, and nobody here knows it"]


def test_a_start_that_somebody_must_still_decide_about_is_not_lost(started):
    Analysis.objects.filter(pk=started.pk).update(status="unsure", remote_id="", needs_person=True, reason="decide")
    row = Analysis.objects.get(pk=started.pk)
    assert compared([row], engine_books("r1"), coach(row.code)).sentences == []


def test_a_credit_given_back_for_a_started_analysis_is_found(started, organization):
    ledger.give_back(organization=organization, reference=started.reference, reason="wrong")
    found = compared([started], engine_books("r1"), coach(started.code))
    assert found.money == ["Runner 01 (running): 1 spent, 1 back"]


def test_a_budget_and_the_ledger_must_count_alike(started, organization, alice, carol):
    [member] = alice.memberships.all()
    Budget.objects.create(organization=organization, member=member, limit=5)
    assert compared([started], engine_books("r1"), coach(started.code)).money == []
    Entry.objects.filter(kind="spend").update(by=carol, view="back_view")
    entry = Entry.objects.get(kind="spend")
    assert compared([started], engine_books("r1"), coach(started.code)).money == [
        f"entry {entry.pk} says back_view, ochy; analysis {started.code} is side_view, ochy",
        "the budget counted 0, and 1 are gone",
    ]


def test_an_engine_that_sold_other_than_it_measured_is_found(started):
    found = compared([started], engine_books("r1", left=7), coach(started.code))
    assert found.money == ["the engine has 7 of 10 left, and sold 1"]


def test_a_failure_without_a_reason_is_found(started):
    Analysis.objects.filter(pk=started.pk).update(status="failed")
    row = Analysis.objects.get(pk=started.pk)
    assert compared([row], engine_books("r1"), coach(row.code)).unexplained == ["Runner 01 failed without a reason"]


@pytest.mark.parametrize(
    ("error", "sentences"),
    [
        ("django.db.utils.OperationalError: the connection is lost", []),
        ("rq.exceptions.InvalidJobOperation: Failed to retrieve status for job: send_analysis-5-119694527", []),
        ("KeyError: 'film'", ["worker-1.log: a job broke by KeyError: 'film'"]),
    ],
)
def test_a_job_that_broke_by_a_bug_is_found(tmp_path, error, sentences):
    (tmp_path / "log").mkdir()
    event = f"Worker 1: job 2: exception raised while executing (x)\nTraceback:\n{error}"
    (tmp_path / "log" / "worker-1.log").write_text(json.dumps({"event": event}) + "\n")
    found = books.Findings()
    books._broken_jobs(found, SimpleNamespace(place=SimpleNamespace(var=tmp_path)))
    assert found.sentences == [f"unexplained: {one}" for one in sentences]


@pytest.mark.parametrize(
    "goes_on",
    [
        "\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n",
        "DETAIL:  Consistent recovery state has not been yet reached.\n",
    ],
)
def test_an_error_of_several_lines_is_known_by_its_first(goes_on):
    error = f"django.db.utils.OperationalError: connection failed\n{goes_on}"
    line = json.dumps({"event": f"Traceback (most recent call last):\n  File ...\n{error}"})
    assert books._last_error(line).startswith(books.KILLED_UNDER_IT)


def test_the_key_in_a_row_is_found(started, monkeypatch):
    monkeypatch.setattr(books.traces, "_search_redis", lambda found, marks: None)
    monkeypatch.setattr(books.settings, "RQ_QUEUES", {})
    found = books.Findings()
    books._secrets_in_rows_and_queues(found)
    assert found.sentences == []
    Analysis.objects.filter(pk=started.pk).update(reason=f"GET /analysis?apiKey={books.KEY} was refused")
    books._secrets_in_rows_and_queues(found)
    assert found.sentences == ["secrets: the key stands in analyses.Analysis"]


@pytest.mark.parametrize(
    "answer", [{"text": f"no answer from ?apiKey={books.KEY}"}, {"headers": {"location": f"/?apiKey={books.KEY}"}}]
)
def test_the_key_in_an_answer_to_the_coach_is_noted(answer):
    of = Coach("http://a.example", FILM, "", secret=books.KEY)
    request = httpx.Request("GET", "http://a.example/analyses/")
    of._look_for_the_secret(httpx.Response(500, request=request, text="an error page"))
    assert of.told == []
    of._look_for_the_secret(httpx.Response(500, request=request, **answer))
    assert (of.answers, of.told) == (2, ["/analyses/"])
