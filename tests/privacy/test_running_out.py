"""A consent that soon runs out is told where somebody can ask again: inbox, list of runners, the runner's pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy import actions
from subjects.models import Consent, Subject

SOON = "Consent runs out soon"


@pytest.fixture(autouse=True)
def asks_for_everything(organization):
    organization.consent_for = "everything"
    organization.save()


def agree(runner, word="measuring", *, days=30, given_days_ago=700):
    today = timezone.localdate()
    return actions.record_consent(
        subject=runner,
        use=actions.use_of(word),
        giver="runner",
        way=Consent.Way.PAPER,
        given_on=today - timedelta(days=given_days_ago),
        expires_on=today + timedelta(days=days),
        by=None,
    )


def shown(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("days", "is_told"), [(31, False), (30, True), (0, True), (-1, False)], ids=["later", "soon", "today", "over"]
)
def test_it_is_told_from_thirty_days_before_until_the_last(as_carol, runner, days, is_told):
    agree(runner, days=days)
    told = "The consent of 1 runner runs out within 30 days." in shown(as_carol.get("/"))
    assert (told, SOON in shown(as_carol.get(f"/runners/{runner.code}/"))) == (is_told, is_told)


def test_the_runners_page_says_which_and_until_when(as_carol, runner, page):
    consents = [agree(runner, "sharing", days=20), agree(runner, days=10), agree(runner, "research", days=200)]
    days = [f"{one.expires_on.day} {one.expires_on:%b %Y}" for one in consents]
    text = shown(as_carol.get(f"/runners/{runner.code}/"))
    said = f"{SOON}</strong> · Measuring here until {days[1]} · Sharing by link until {days[0]} · <a"
    assert said in text
    assert f'<a href="{page}">Ask again</a>' in text


def test_the_page_of_privacy_marks_them_and_asks_for_them_first(as_carol, runner, page):
    agree(runner, "teaching")
    agree(runner, days=300)
    answer = as_carol.get(page)
    assert [line.use.word for line in answer.context["lines"] if line.ending] == ["teaching"]
    assert answer.context["ask"].initial["purposes"] == ["outside:ochy", "sharing", "teaching"]
    assert shown(answer).count(SOON) == 1


@pytest.mark.parametrize("later", ["asked again", "taken back", "put aside"])
def test_nobody_is_reminded_of_what_is_settled(as_carol, runner, later):
    consent = agree(runner)
    if later == "asked again":
        agree(runner, days=700, given_days_ago=0)
    elif later == "taken back":
        actions.end_consent(consent=consent, by=None)
    else:
        Subject.objects.filter(pk=runner.pk).update(archived_at=timezone.now())
    assert "runs out within" not in shown(as_carol.get("/"))
    assert SOON not in shown(as_carol.get(f"/runners/{runner.code}/"))


def test_nobody_is_reminded_where_nothing_waits_for_the_consent(as_carol, runner, organization):
    agree(runner)
    organization.consent_for = "nothing"
    organization.save()
    assert "runs out within" not in shown(as_carol.get("/"))
    agree(runner, "teaching")
    assert "The consent of 1 runner runs out within 30 days." in shown(as_carol.get("/"))


def test_who_may_not_ask_is_not_told(as_bob, runner):
    agree(runner)
    assert "runs out within" not in shown(as_bob.get("/"))
    assert SOON not in shown(as_bob.get(f"/runners/{runner.code}/"))


def test_the_inbox_leads_to_the_list_of_just_these(as_carol, runner, organization):
    other = Subject.objects.create(organization=organization, name="Olaf Other")
    Subject.objects.create(organization=organization, name="Rest Assured")
    for one in (runner, other):
        agree(one)
        agree(one, "sharing")
    text = shown(as_carol.get("/"))
    assert 'Consents of 2 runners run out within 30 days. <a href="/runners/?consent=ending">Show</a>' in text
    listed = shown(as_carol.get("/runners/?consent=ending"))
    assert [name in listed for name in (runner.name, "Olaf Other", "Rest Assured")] == [True, True, False]
    assert f'name="consent" value="ending" checked> {SOON}' in listed
    assert "Rest Assured" in shown(as_carol.get("/runners/"))


def test_an_empty_list_of_them_says_so(as_carol, runner):
    assert "No runner matches" in shown(as_carol.get("/runners/?consent=ending"))


def test_another_organisations_are_not_counted(as_charlie, runner):
    agree(runner)
    assert "runs out within" not in shown(as_charlie.get("/"))
