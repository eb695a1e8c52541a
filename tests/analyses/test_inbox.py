"""The inbox says what needs somebody, and so does the shell on every page."""

from __future__ import annotations

import re
import uuid

import pytest
from django.utils import timezone

from analyses.models import Analysis, ProviderAccount
from analyses.models.analysis import IN_LINE
from credits import ledger
from tests.analyses.asking import page
from tests.reading import shown


def test_the_shell_counts_what_needs_somebody_who_may_review(as_carol, as_bob, order):
    failed, done, reviewed, _under_way = order(), order(), order(), order()
    failed.move_to("failed", reason="No runner was found in the film.")
    rows = Analysis.objects
    rows.filter(pk__in=[done.pk, reviewed.pk]).update(status="succeeded", total_score=0.6)
    rows.filter(pk=reviewed.pk).update(reviewed_at=timezone.now())
    for url in ("/", "/runners/"):
        # Once in the rail, once in the bar of a phone.
        assert len(re.findall(r'Inbox <span class="count">2</span>', shown(as_carol.get(url)))) == 2
        assert 'Inbox <span class="count">' not in shown(as_bob.get(url))


def test_the_inbox_counts_what_there_is(as_bob, order):
    def counts():
        return re.findall(
            r'([A-Z][a-z ]+) <span class="count">(\d+)</span></a>', shown(as_bob.get("/")).split('id="filters"')[1]
        )

    assert counts() == []
    order().move_to("failed", reason="No runner was found in the film.")
    assert counts()[:2] == [("Open", "1"), ("Failed", "1")]


@pytest.mark.parametrize(("left", "said"), [(5, "5 credits left"), (1, "1 credit left"), (0, "0 credits left")])
def test_the_inbox_says_when_credits_run_out(as_carol, organization, alice, left, said):
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    if left:
        ledger.give(organization=organization, amount=left, reason="Start", by=alice)
    assert f"{said}: soon no film can be sent to be measured." in shown(as_carol.get("/"))
    ledger.give(organization=organization, amount=6, reason="More", by=alice)
    assert "soon no film can be sent" not in shown(as_carol.get("/"))


def test_the_inbox_is_silent_about_credits_where_nothing_is_charged(as_carol, engine_account):
    assert "soon no film can be sent" not in shown(as_carol.get("/"))


def test_the_inbox_holds_what_is_open_until_it_is_reviewed(as_carol, order):
    analysis = order()
    analysis.move_to("failed", reason="No runner was found in the film.")
    text = shown(as_carol.get("/"))
    assert "No runner was found in the film." in text
    assert as_carol.post(page(analysis, "review"), headers={"HX-Request": "true"}).status_code == 204
    assert "Nothing waits for you" in shown(as_carol.get("/"))
    assert "Runner 01" in shown(as_carol.get("/?show=reviewed"))


def test_the_keys_under_the_inbox_are_those_of_who_reads_it(as_carol, as_bob, order):
    order()
    keys = [
        re.findall(r"<kbd>(\w+)</kbd>", shown(somebody.get("/")).split('class="keys')[1])
        for somebody in (as_carol, as_bob)
    ]
    assert keys == [["j", "k", "Enter", "e"], ["j", "k", "Enter"]]


def test_a_film_behind_others_waits_for_its_turn(as_bob, order):
    begun, behind = order(), order()
    Analysis.objects.filter(pk=begun.pk).update(status="running", percentage=45)
    Analysis.objects.filter(pk=behind.pk).update(status="running", reason_code=IN_LINE)
    assert re.findall(r'<span class="pill accent">.*?</svg> (.*?)</span>', shown(as_bob.get("/")), re.DOTALL) == [
        "Waiting for its turn",
        "45 %",
    ]


@pytest.mark.parametrize("number", ["2", "0", "9" * 30, "all"])
def test_a_page_that_was_emptied_since_shows_what_an_empty_list_shows(as_bob, engine_account, runner, number):
    assert "Nothing waits for you" in shown(as_bob.get("/", {"page": number}))
    assert as_bob.get(f"/runners/{runner.code}/", {"page": number}).status_code == 200


@pytest.mark.parametrize(
    ("show", "there"), [("open", True), ("running", True), ("new", False), ("failed", False), ("odd", True)]
)
def test_the_inbox_is_filtered_by_its_address(as_bob, order, show, there):
    order()
    assert ("Runner 01" in shown(as_bob.get("/", {"show": show}))) is there


def test_the_inbox_takes_the_same_few_queries_for_many(as_carol, order, organization, clip, django_assert_num_queries):
    first = order()
    for _number in range(60):
        first.pk, first._state.adding = None, True
        first.code = uuid.uuid4()
        first.save()
    with django_assert_num_queries(8):
        text = shown(as_carol.get("/"))
    assert "1–25 of 61" in text
