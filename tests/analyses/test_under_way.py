"""While a film is measured: the steps on its page, taking an order back, deciding about a start without an answer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from analyses import actions
from analyses.models import Analysis
from clips.models import Clip
from credits import ledger
from providers.base import StartUnsure, State
from tests.analyses.asking import page
from tests.analyses.finished import finish
from tests.reading import shown


def test_the_running_page_shows_the_steps_and_asks_again(as_bob, order, time_machine):
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running", percentage=45)
    time_machine.move_to("2026-11-22T10:00:37Z", tick=False)
    text = shown(as_bob.get(page(analysis)))
    assert f'hx-get="{page(analysis, "status")}"' in text
    assert "45 %" in text
    assert "0:37" in text


def test_a_film_behind_others_waits_for_its_turn_until_it_is_begun(as_bob, order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)

    def text_when(state):
        service.state = state
        actions.ask_again(analysis=analysis)
        actions.check_analysis(analysis=Analysis.objects.get(pk=analysis.pk))
        return shown(as_bob.get(page(analysis)))

    waiting = text_when(State.QUEUED)
    assert "Waiting for its turn" in waiting
    assert "0 %" not in waiting
    assert "Waiting for its turn" not in text_when(State.RUNNING)


def test_the_running_page_says_how_long_it_usually_takes(as_bob, order):
    running = order()
    for minutes in (9, 1, 2):
        assert "usually" not in shown(as_bob.get(page(running)))
        one = finish(order())
        Analysis.objects.filter(pk=one.pk).update(finished_at=one.ordered_at + timedelta(minutes=minutes))
    assert "so far, usually 2:00. You can leave this page; it goes on." in shown(as_bob.get(page(running)))


def test_the_finished_page_opens_itself(as_bob, order):
    analysis = order()
    assert "HX-Refresh" not in as_bob.get(page(analysis, "status"))
    analysis.move_to("failed", reason="No runner was found.")
    assert as_bob.get(page(analysis, "status"))["HX-Refresh"] == "true"


def test_a_part_asked_for_where_one_is_not_let_in_opens_its_whole_page_which_says_so(
    client, as_bob, order, organization
):
    status = page(order(), "status")
    assert client.get(status).status_code == 302
    assert client.get(status, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    organization.needs_second_factor = True
    organization.save()
    assert as_bob.get(status, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "Track club asks for a second factor." in shown(as_bob.get(page(order()), follow=True))


@pytest.mark.parametrize(("is_suspended", "code"), [(True, 403), (False, 404)])
def test_a_part_that_asks_for_itself_ends_where_its_page_is_no_longer_shown(as_bob, bob, order, is_suspended, code):
    analysis = order()
    if is_suspended:
        bob.memberships.update(suspended_at=timezone.now())
    else:
        Analysis.objects.all().delete()
    refused = as_bob.get(page(analysis, "status"), headers={"HX-Request": "true"})
    assert (refused.status_code, refused["HX-Refresh"]) == (code, "true")
    assert "HX-Refresh" not in as_bob.get(page(analysis, "status"))


def test_an_order_is_taken_back_while_it_waits(as_carol, order):
    analysis = order()
    text = shown(as_carol.post(page(analysis, "cancel"), follow=True))
    assert "You took the order back." in text
    assert text.count("The film is kept.") == 1


def test_an_order_that_left_is_measured_to_the_end(as_carol, order):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running")
    said = "The film was on its way already, so it is measured to the end."
    assert said in shown(as_carol.post(page(analysis, "cancel"), follow=True))


def test_somebody_decides_about_a_start_without_an_answer(as_carol, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert "Nothing was started: send it again" in shown(as_carol.get(page(analysis)))
    as_carol.post(page(analysis, "decide"), {"choice": "end"})
    analysis.refresh_from_db()
    assert analysis.status == "failed"
    again = shown(as_carol.post(page(analysis, "decide"), {"choice": "anew"}, follow=True))
    assert "That is no longer possible. Look at the page again and decide anew." in again


@pytest.mark.parametrize("way", ["end", "refresh"])
def test_nobody_is_told_that_a_finished_analysis_is_due(
    as_carol, order, service, way, caplog, django_capture_on_commit_callbacks
):
    analysis = order()
    status = "unsure" if way == "end" else "succeeded"
    Analysis.objects.filter(pk=analysis.pk).update(status=status, needs_person=True)
    with django_capture_on_commit_callbacks(execute=True) as told:
        as_carol.post(page(analysis, "decide" if way == "end" else "refresh"), {"choice": "end"})
    assert told == []
    assert "Error calling" not in caplog.text


def test_whoever_decides_sees_the_film_and_what_it_may_be_there(as_carol, order, account, organization, alice, service):
    ledger.give(organization=organization, amount=1, reason="start", by=alice)
    analysis = order(account=account)
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=analysis)
    service.starts.append({**service.starts[0], "id": "another"})
    Clip.objects.filter(pk=analysis.clip_id).update(review_key="films/review.mp4")
    assert "<video" not in shown(as_carol.get(page(analysis)))
    Analysis.objects.filter(pk=analysis.pk).update(needs_person=True, reason="Please decide below.")
    text = shown(as_carol.get(page(analysis)))
    assert 'aria-label="Film of the run"' in text
    assert text.count("It is this one there:") == 2
    assert 'value="another"' in text


def test_a_reader_decides_nothing(as_bob, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert "send it again" not in shown(as_bob.get(page(analysis)))


@pytest.fixture
def given_up(order, service, account, organization, alice):
    """An order at Ochy of which no result came within a day."""
    ledger.give(organization=organization, amount=1, reason="start", by=alice)
    analysis = order(account=account)
    actions.send_analysis(analysis=analysis)
    analysis.refresh_from_db()
    reason = "No result came within a day. Ask the provider, or order again."
    analysis.release(due_in_s=3600, needs_person=True, reason_code="no_result", reason=reason)
    return analysis


def test_what_was_given_up_on_is_asked_for_when_a_person_wants_it(as_carol, given_up, service):
    text = shown(as_carol.get(page(given_up)))
    assert "Ask now" in text
    assert "Nothing was started" not in text
    assert "it goes on" not in text
    service.state = State.SUCCEEDED
    as_carol.post(page(given_up, "refresh"))
    given_up.refresh_from_db()
    actions.check_analysis(analysis=given_up)
    given_up.refresh_from_db()
    assert given_up.status == "succeeded"


def test_a_call_brings_home_what_was_given_up_on(client, given_up, service):
    actions.register_webhook(account=given_up.account)
    address = service.registered.removeprefix("http://127.0.0.1:8000")
    service.state = State.SUCCEEDED
    client.post(address, json.dumps({"video_id": given_up.remote_id}), content_type="application/json")
    given_up.refresh_from_db()
    actions.check_analysis(analysis=given_up)
    given_up.refresh_from_db()
    assert given_up.status == "succeeded"


def test_a_person_ends_what_was_given_up_on_and_an_admin_decides_about_the_credit(as_alice, given_up, organization):
    assert "End it" in shown(as_alice.get(page(given_up)))
    as_alice.post(page(given_up, "decide"), {"choice": "end"})
    text = shown(as_alice.get(page(given_up)))
    assert "No result came within a day." in text
    assert "Does it come back?" in text
    assert ledger.balance(organization) == 0


def test_what_is_still_measured_is_not_ended(as_carol, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="running")
    said = "That is no longer possible. Look at the page again and decide anew."
    assert said in shown(as_carol.post(page(analysis, "decide"), {"choice": "end"}, follow=True))


def test_what_waits_for_a_person_stops_asking_the_service(as_carol, order, service):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="unsure", needs_person=True, reason="Please decide below.")
    assert as_carol.get(page(analysis, "status")).status_code == 286
