"""Trouble on the way: nothing is lost, nothing is sent or paid twice, and a coach reads what happened."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from analyses import actions, jobs
from analyses.models import Analysis
from credits import ledger
from providers.base import (
    FilmRefused,
    LinkRefused,
    NotFound,
    NotReady,
    ProviderUnavailable,
    StartNotSent,
    StartUnsure,
    State,
    UnexpectedAnswer,
    WebhookNotConfigured,
)
from tests.analyses.asking import page
from tests.analyses.test_thread import fresh, make_due
from tests.reading import shown


class Killed(BaseException):
    """kill -9: nothing after it runs."""


def later(**gap) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**gap), tick=True)


@pytest.mark.parametrize("error", [StartNotSent("no"), ProviderUnavailable("no"), StartUnsure("reset")])
def test_a_silent_provider_keeps_the_film_waiting_and_it_is_sent_later(paid, service, error):
    service.trouble = [error]
    with time_machine.travel("2026-11-22 14:02", tick=False):
        Analysis.objects.filter(pk=paid.pk).update(due_at=timezone.now())
        actions.send_analysis(analysis=fresh(paid))
    waiting = fresh(paid)
    assert (waiting.status, waiting.reason) == (
        "queued",
        "Ochy has not answered since 14:02; your film is safe and will be sent.",
    )
    with time_machine.travel("2026-11-22 14:10", tick=False):
        actions.send_analysis(analysis=fresh(paid))
    assert (fresh(paid).status, len(service.starts), fresh(paid).reason) == ("running", 1, "")


def test_the_pauses_grow_while_the_provider_is_silent(paid, service):
    pauses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(6):
            service.trouble = [StartNotSent("no")]
            clock.move_to(max(timezone.now(), fresh(paid).due_at))
            actions.send_analysis(analysis=fresh(paid))
            pauses.append((fresh(paid).due_at - timezone.now()).total_seconds())
    # From the third on the breaker decides: one trial for all, at most a minute after the service is back.
    assert pauses == [5, 15, 10, 20, 40, 60]


@pytest.mark.parametrize(("asked_s", "pause_s"), [(120, 120), (900, 300)])
def test_a_longer_pause_asked_for_by_the_provider_is_kept_for_five_minutes_at_most(paid, service, asked_s, pause_s):
    service.trouble = [ProviderUnavailable("busy", retry_after_s=asked_s)]
    with time_machine.travel(timezone.now(), tick=False):
        actions.send_analysis(analysis=paid)
        assert (fresh(paid).due_at - timezone.now()).total_seconds() == pause_s


def test_a_refusal_ends_the_order_says_why_and_returns_the_credit(paid, service, organization, as_alice):
    service.trouble = [FilmRefused("Ochy does not take this kind of film.")]
    actions.send_analysis(analysis=paid)
    assert (fresh(paid).status, fresh(paid).reason) == ("failed", "Ochy does not take this kind of film.")
    assert ledger.balance(organization) == 1
    text = shown(as_alice.get(page(paid)))
    assert [text.count(said) for said in ("film is kept", "The credit was given back.", "no credit was used")] == [
        1,
        1,
        0,
    ]


def test_a_refused_webhook_returns_the_credit_and_the_next_order_goes_without(paid, service, account, order):
    type(account).objects.update(webhook_registered_at=timezone.now())
    service.trouble = [WebhookNotConfigured("Calls are not set up at Ochy.")]
    actions.send_analysis(analysis=fresh(paid))
    assert fresh(paid).status == "failed"
    account.refresh_from_db()
    again = order(account=account)
    actions.send_analysis(analysis=fresh(again))
    assert service.starts[0]["order"].notify is False


def test_a_runner_the_provider_forgot_is_made_anew(order, service):
    first = order()
    actions.send_analysis(analysis=first)
    service.people.clear()
    service.trouble = [NotFound("no such subject")]
    second = order()
    actions.send_analysis(analysis=second)
    assert (fresh(second).status, fresh(second).reason) == ("queued", "")
    with later(seconds=30):
        actions.send_analysis(analysis=fresh(second))
    assert fresh(second).status == "running"
    assert len(service.people) == 1


def test_killed_while_the_film_was_going_out_it_is_sent_again(paid, service, organization):
    service.cut_after_bytes, service.lost_answers = 1000, [Killed()]
    with pytest.raises(Killed):
        actions.send_analysis(analysis=paid)
    assert fresh(paid).status == "sending"
    with later(seconds=61):
        assert jobs.NEXT_STEP[fresh(paid).status] is jobs.send_analysis
        actions.send_analysis(analysis=fresh(paid))
        assert fresh(paid).status == "queued"
        actions.send_analysis(analysis=fresh(paid))
    assert fresh(paid).status == "running"
    assert len(service.starts) == 1
    assert ledger.balance(organization) == 0


def test_killed_before_the_answer_it_is_looked_up_and_never_sent_again(paid, service, organization):
    service.lost_answers = [Killed()]
    with pytest.raises(Killed):
        actions.send_analysis(analysis=paid)
    with later(seconds=61):
        actions.send_analysis(analysis=fresh(paid))
        assert fresh(paid).status == "unsure"
    with later(seconds=70):
        actions.look_up_start(analysis=fresh(paid))
    assert (fresh(paid).status, fresh(paid).remote_id) == ("running", service.starts[0]["id"])
    assert len(service.starts) == 1
    assert ledger.balance(organization) == 0


def test_killed_as_the_last_bytes_leave_it_may_have_arrived_and_is_not_sent_again(paid, service, clip):
    service.cut_after_bytes, service.lost_answers = clip.size_bytes, [Killed()]
    with pytest.raises(Killed):
        actions.send_analysis(analysis=paid)
    with later(seconds=61):
        actions.send_analysis(analysis=fresh(paid))
    assert fresh(paid).status == "unsure"


def test_a_lost_answer_is_looked_up(paid, service):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    assert not Analysis.objects.due(timezone.now()).exists()
    assert fresh(paid).reason == (
        "The film was sent, but no answer came back. We are checking whether it is being measured."
    )
    with later(seconds=6):
        actions.look_up_start(analysis=fresh(paid))
    assert fresh(paid).status == "running"


@pytest.mark.parametrize(
    ("http_status", "status", "left"), [(422, "failed", 1), (405, "failed", 1), (302, "unsure", 0), (None, "unsure", 0)]
)
def test_a_refusal_nobody_foresaw_started_nothing_and_any_other_such_answer_is_looked_into(
    paid, service, organization, http_status, status, left
):
    service.lost_answers = [UnexpectedAnswer("An unknown answer.", http_status=http_status)]
    actions.send_analysis(analysis=paid)
    assert (fresh(paid).status, ledger.balance(organization)) == (status, left)


def test_a_film_shorter_than_was_written_down_is_never_sent_twice(paid, service, clip):
    type(clip).objects.update(size_bytes=clip.size_bytes + 1)
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=fresh(paid))
    assert (fresh(paid).status, len(service.starts)) == ("unsure", 1)


def test_a_start_that_is_not_found_waits_for_a_person(paid, service, alice, organization):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    service.starts.clear()
    with later(seconds=121):
        actions.look_up_start(analysis=fresh(paid))
        waiting = fresh(paid)
        assert (waiting.status, waiting.needs_person) == ("unsure", True)
        assert waiting.reason == (
            "The film was sent, but no answer came back and we could not find it there. Please decide below."
        )
        assert not Analysis.objects.due(timezone.now()).exists()
    assert actions.give_up_start(analysis=fresh(paid), start=fresh(paid).start_mark, by=alice)
    assert (fresh(paid).status, ledger.balance(organization)) == ("failed", 1)


def test_a_start_nobody_can_be_asked_about_reaches_a_person_and_is_found_when_the_service_is_back(paid, service):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    with later(minutes=50):
        service.trouble = [ProviderUnavailable("no")]
        actions.look_up_start(analysis=fresh(paid))
        assert not fresh(paid).needs_person
    with later(minutes=61):
        service.trouble = [ProviderUnavailable("no")]  # the third in a row: nobody asks any more
        actions.look_up_start(analysis=fresh(paid))
    waiting = fresh(paid)
    assert (waiting.status, waiting.needs_person) == ("unsure", True)
    assert waiting.reason == (
        "The film was sent, no answer came back, and the service cannot be asked. Please decide below."
    )
    with later(minutes=90):
        actions.candidates(fresh(paid))  # as the page asks for them
        actions.look_up_start(analysis=fresh(paid))
    assert (fresh(paid).status, fresh(paid).needs_person, len(service.starts)) == ("running", False, 1)


def test_two_that_may_be_it_are_a_persons_choice(paid, service, order, account, runner, organization, alice):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    service.starts.append({**service.starts[0], "id": "another"})
    with later(seconds=121):
        actions.look_up_start(analysis=fresh(paid))
        assert fresh(paid).needs_person
        assert actions.attach_start(analysis=fresh(paid), remote_id="another")
    assert (fresh(paid).status, fresh(paid).remote_id) == ("running", "another")


def test_a_person_may_not_attach_what_is_no_candidate(paid, service):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    assert not actions.attach_start(analysis=fresh(paid), remote_id="somebody else's")


def test_a_person_may_send_it_again(paid, service, alice):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    assert actions.send_anew(analysis=fresh(paid), start=fresh(paid).start_mark, by=alice)
    assert fresh(paid).status == "queued"


@pytest.mark.parametrize("choice", ["anew", "end"])
def test_an_older_page_decides_nothing_about_a_later_start(paid, service, alice, as_alice, organization, choice):
    """The first start was lost and sent anew; the second may be measured, and costs. The first page stands open."""
    service.lost_answers = [StartUnsure("reset"), StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    service.starts.clear()
    with later(seconds=121):
        actions.look_up_start(analysis=fresh(paid))
        seen = as_alice.get(page(paid)).content.decode()
        start = re.search(r'name="start" value="([^"]+)"', seen)[1]
        assert start == fresh(paid).start_mark
        as_alice.post(page(paid, "decide"), {"choice": "anew", "start": start})
        actions.send_analysis(analysis=fresh(paid))
        assert fresh(paid).status == "unsure"
        said = shown(as_alice.post(page(paid, "decide"), {"choice": choice, "start": start}, follow=True))
        assert "That is no longer possible. Look at the page again and decide anew." in said
        actions.send_analysis(analysis=fresh(paid))
        assert (fresh(paid).status, len(service.starts), ledger.balance(organization)) == ("unsure", 1, 0)
    with later(seconds=200):
        actions.look_up_start(analysis=fresh(paid))
    assert (fresh(paid).status, fresh(paid).remote_id) == ("running", service.starts[0]["id"])


def test_killed_while_fetching_the_result_comes_home_once(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state, service.trouble = State.SUCCEEDED, []
    due = make_due(analysis)
    due.lease(120)  # the worker that died
    with later(seconds=60):
        actions.check_analysis(analysis=fresh(analysis))
        assert fresh(analysis).status == "running"
    with later(seconds=121):
        actions.check_analysis(analysis=fresh(analysis))
    assert fresh(analysis).status == "succeeded"
    assert fresh(analysis).measurements.filter(key="cadence_spm").count() == 1


def test_a_silent_provider_is_asked_again_for_the_result(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.trouble = [ProviderUnavailable("no")]
    actions.check_analysis(analysis=make_due(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason) == ("running", "No answer just now; we keep asking.")


def test_an_analysis_gone_at_the_provider_fails_with_a_cure(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.starts.clear()
    for minutes, status in ((0, "running"), (59, "running"), (61, "failed")):
        with later(minutes=minutes):
            actions.check_analysis(analysis=make_due(analysis))
            assert fresh(analysis).status == status
    assert fresh(analysis).reason == ("Built-in engine no longer knows this analysis. Order it again.")


def test_an_analysis_the_provider_does_not_know_yet_is_not_lost(order, service):
    """It may say that it began before all of it knows, or be asked with a key that was mistyped."""
    analysis = order()
    actions.send_analysis(analysis=analysis)
    gone, service.starts = service.starts, []
    actions.check_analysis(analysis=make_due(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason) == ("running", "gone")
    service.starts, service.state = gone, State.SUCCEEDED
    with later(seconds=16):
        actions.check_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason) == ("succeeded", "")


def test_what_was_unknown_once_and_known_since_has_its_hour_again(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    started = service.starts
    for minutes, known in ((0, False), (40, True), (80, False)):
        service.starts = started if known else []
        with later(minutes=minutes):
            actions.check_analysis(analysis=make_due(analysis))
    assert fresh(analysis).status == "stalled"


@pytest.mark.parametrize(
    ("error", "pause_s"), [(NotReady("no numbers"), 15), (UnexpectedAnswer("a page of a proxy"), 60)]
)
def test_a_result_that_does_not_come_home_within_a_day_reaches_a_person(
    order, service, alice, monkeypatch, error, pause_s
):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    monkeypatch.setattr(service, "calculated", raises(error))
    seen = []
    for hours in (0, 23, 25):
        with time_machine.travel(fresh(analysis).started_at + timedelta(hours=hours), tick=False):
            actions.check_analysis(analysis=make_due(analysis))
            seen.append(((fresh(analysis).due_at - timezone.now()).total_seconds(), fresh(analysis).needs_person))
    assert seen == [(pause_s, False), (pause_s, False), (3600, True)]
    assert actions.give_up_result(analysis=fresh(analysis), by=alice)


def raises(error):
    def fail(*args):
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "minutes", "status"),
    [
        (LinkRefused("dead", http_status=403), 0, "running"),  # the next look brings another link
        (LinkRefused("dead", http_status=403), 31, "succeeded"),
        (LinkRefused("larger than 200 MB", code="media_too_large"), 0, "succeeded"),
        (LinkRefused("leads to a machine of ours"), 0, "succeeded"),
    ],
)
def test_numbers_come_home_without_a_film_that_cannot(order, service, monkeypatch, error, minutes, status):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    monkeypatch.setattr(service, "download", raises(error))
    with later(minutes=minutes):
        actions.check_analysis(analysis=make_due(analysis))
    assert fresh(analysis).status == status
    if status == "succeeded":
        assert (fresh(analysis).result.film_key, fresh(analysis).result.thumbnail_key) == ("", "")
        assert fresh(analysis).measurements.filter(key="cadence_spm").exists()


def test_polls_grow_rarer_then_stall_then_ask_a_person(order, service):
    analysis = order()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        actions.send_analysis(analysis=analysis)
        start = timezone.now()
        seen = []
        for age_s in (10, 120, 900, 1900, 25 * 3600):
            clock.move_to(start + timedelta(seconds=age_s))
            actions.check_analysis(analysis=make_due(analysis))
            row = fresh(analysis)
            seen.append((row.status, (row.due_at - timezone.now()).total_seconds(), row.needs_person))
    assert seen == [
        ("running", 3, False),
        ("running", 15, False),
        ("running", 60, False),
        ("stalled", 3600, False),
        ("stalled", 3600, True),
    ]
    assert fresh(analysis).reason == "No result came within a day. Ask the provider, or order again."
