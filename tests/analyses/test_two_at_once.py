"""Two at once, two workers or a worker and a person: the one takes a step in the middle of the other's."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from analyses import actions
from analyses.actions import stop, unsure
from analyses.actions.fetch import LEASE_S
from analyses.actions.stop import stop_analyses
from analyses.models import Analysis, RemoteSubject
from analyses.remote import ensure_subject
from clips import storage
from credits import ledger
from privacy.actions import erase_subject, finish_erasure
from providers.base import ProviderUnavailable, StartUnsure, State
from subjects.models import Subject
from tests.analyses.test_thread import fresh, make_due


def later(**gap) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**gap), tick=True)


def stop_all(runner) -> int:
    return stop_analyses(subject=runner, code="not_allowed_out", reason="It stays.", arrived=False)


def test_an_order_that_is_taken_to_be_sent_while_it_is_stopped_is_stopped_all_the_same(
    paid, order, runner, organization, monkeypatch
):
    another_s = order(subject=Subject.objects.create(organization=organization, name="Runner 02"))
    Analysis.objects.filter(pk=another_s.pk).update(status="sending", lease_until=timezone.now())
    ask = stop.is_house

    def take_it_first(account):
        worker = fresh(paid)
        worker.lease(60)
        worker.move_to("sending", lease_until=timezone.now() + timedelta(seconds=60))
        return ask(account)

    monkeypatch.setattr(stop, "is_house", take_it_first)
    assert stop_all(runner) == 1
    assert (fresh(paid).status, fresh(paid).lease_until) == ("sending", None)  # its worker has lost it
    assert fresh(another_s).lease_until


def test_a_film_that_is_stopped_at_its_last_bytes_either_leaves_or_is_stopped(paid, runner, service, monkeypatch):
    stopped = []
    keep = Analysis.extend_lease

    def stop_in_between(self, seconds, **also):
        kept = keep(self, seconds, **also)
        if not stopped and self.status == "sending":
            stopped.append(stop_all(runner))
        return kept

    monkeypatch.setattr(Analysis, "extend_lease", stop_in_between)
    actions.send_analysis(analysis=paid)
    assert stopped[0] + len(service.starts) == 1


def test_a_row_that_was_loaded_before_the_film_was_out_is_not_sent_again(paid):
    paid.lease(60)
    paid.move_to("sending", lease_until=timezone.now() + timedelta(seconds=60))
    loaded = fresh(paid)
    Analysis.objects.filter(pk=paid.pk).update(body_sent_at=timezone.now())
    with later(seconds=61):
        actions.send_analysis(analysis=loaded)
    assert fresh(paid).status == "unsure"


def test_a_slow_worker_does_not_put_back_what_another_is_sending(paid, service, monkeypatch):
    with_the_other = timezone.now() + timedelta(seconds=50)

    def slow_start(*_, **__):
        Analysis.objects.filter(pk=paid.pk).update(lease_until=with_the_other)
        raise ProviderUnavailable("no answer")

    monkeypatch.setattr(service, "start", slow_start)
    actions.send_analysis(analysis=paid)
    assert (fresh(paid).status, fresh(paid).lease_until) == ("sending", with_the_other)


def test_what_a_start_may_have_become_is_of_its_runner_and_view_since_then_and_nobody_s_yet(
    paid, order, account, service, organization
):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    it = service.starts[0]
    for name, changes in {
        "another view's": {"order": replace(it["order"], view="back_view")},
        "another runner's": {"order": replace(it["order"], subject_id="another")},
        "an older one": {"at": it["at"] - timedelta(minutes=6)},
        "somebody's": {},
    }.items():
        service.starts.append({**it, "id": name, **changes})
    ledger.give(organization=organization, amount=1, reason="more", by=None)
    Analysis.objects.filter(pk=order(account=account).pk).update(remote_id="somebody's")
    assert [one.remote_id for one in actions.candidates(fresh(paid))] == [it["id"]]
    RemoteSubject.objects.all().delete()
    assert actions.candidates(fresh(paid)) == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, "unsure"), ({"body_sent_at": None}, "running"), ({"view": "back_view"}, "running")],
)
def test_a_start_is_not_taken_for_anothers_that_waits_for_its_answer(
    paid, order, account, service, organization, changes, status
):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    service.starts[0]["id"] = "the other's"
    ledger.give(organization=organization, amount=1, reason="more", by=None)
    other = order(account=account)
    now = timezone.now()
    sending = {"status": "sending", "body_sent_at": now, "lease_until": now}
    Analysis.objects.filter(pk=other.pk).update(**sending | changes)
    with later(seconds=6):
        actions.look_up_start(analysis=fresh(paid))
    assert (fresh(paid).status, fresh(paid).remote_id) == (status, "the other's" if status == "running" else "")


def test_a_start_that_is_taken_between_the_look_and_the_attaching_is_left_to_the_other(
    paid, order, account, service, organization, monkeypatch
):
    service.lost_answers = [StartUnsure("reset")]
    actions.send_analysis(analysis=paid)
    there = service.starts[0]["id"]
    ledger.give(organization=organization, amount=1, reason="more", by=None)
    other = order(account=account)
    look = unsure.candidates

    def taken_after_the_look(analysis):
        found = look(analysis)
        Analysis.objects.filter(pk=other.pk).update(status="running", remote_id=there)
        return found

    monkeypatch.setattr(unsure, "candidates", taken_after_the_look)
    assert actions.attach_start(analysis=fresh(paid), remote_id=there) is False
    assert fresh(paid).status == "unsure"


@pytest.mark.parametrize("lost_in", ["status", "calculated", "raw"])
def test_who_has_lost_the_row_while_the_service_answered_asks_it_for_nothing_more(order, service, monkeypatch, lost_in):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    asked = []

    def watch(name, answer):
        def ask(*given):
            asked.append(name)
            if name == lost_in:
                Analysis.objects.filter(pk=analysis.pk).update(lease_until=timezone.now() + timedelta(seconds=9))
            return answer(*given)

        monkeypatch.setattr(service, name, ask)

    for name in ("status", "calculated", "raw", "download"):
        watch(name, getattr(service, name))
    actions.check_analysis(analysis=make_due(analysis))
    assert (asked[-1], asked.count(lost_in), fresh(analysis).status) == (lost_in, 1, "running")


def test_two_films_of_a_new_runner_make_one_runner_at_the_service(account, runner, service, monkeypatch):
    make = service.create_subject

    def the_other_was_first(data):
        monkeypatch.setattr(service, "create_subject", make)
        first = ensure_subject(service, account, runner)
        assert first in service.people
        return make(data)

    monkeypatch.setattr(service, "create_subject", the_other_was_first)
    sent_as = ensure_subject(service, account, runner)
    assert list(service.people) == [sent_as]
    assert RemoteSubject.objects.get(account=account, subject=runner).remote_id == sent_as


def test_a_runner_who_is_erased_while_the_service_makes_them_is_not_left_there(paid, runner, service, monkeypatch):
    make = service.create_subject

    def erased_meanwhile(data):
        erase_subject(subject=runner, by=None)
        return make(data)

    monkeypatch.setattr(service, "create_subject", erased_meanwhile)
    actions.send_analysis(analysis=paid)
    assert (service.people, service.starts) == ({}, [])


def test_no_row_of_a_runner_comes_back_who_is_erased_while_the_service_is_told_their_weight(
    account, runner, service, monkeypatch
):
    ensure_subject(service, account, runner)
    runner.weight_kg = 70
    runner.save()
    monkeypatch.setattr(service, "update_subject", lambda *_: erase_subject(subject=runner, by=None))
    ensure_subject(service, account, runner)
    assert not RemoteSubject.objects.exists()


def test_an_answer_that_comes_after_the_row_was_taken_for_unsure_is_not_lost(paid, service, monkeypatch):
    start = service.start

    def slow(film, **how):
        started = start(film, **how)
        with time_machine.travel(timezone.now() + timedelta(seconds=90), tick=True):
            actions.send_analysis(analysis=fresh(paid))  # another worker finds the row's lease run out
            assert fresh(paid).status == "unsure"
        return started

    monkeypatch.setattr(service, "start", slow)
    actions.send_analysis(analysis=paid)
    assert (fresh(paid).status, fresh(paid).remote_id) == ("running", service.starts[0]["id"])
    assert list(paid.moves.order_by("pk").values_list("new", flat=True)) == ["queued", "sending", "unsure", "running"]


def test_an_answer_that_comes_after_a_person_sent_the_film_anew_is_not_taken_for_the_second(
    paid, service, monkeypatch, alice
):
    start = service.start

    def slow(film, **how):
        started = start(film, **how)
        with time_machine.travel(timezone.now() + timedelta(seconds=90), tick=True):
            actions.send_analysis(analysis=fresh(paid))
            actions.send_anew(analysis=fresh(paid), start=fresh(paid).start_mark, by=alice)
            monkeypatch.setattr(service, "start", start)
            service.lost_answers = [StartUnsure("reset")]
            actions.send_analysis(analysis=fresh(paid))
        return started

    monkeypatch.setattr(service, "start", slow)
    actions.send_analysis(analysis=paid)
    assert (fresh(paid).status, fresh(paid).remote_id, len(service.starts)) == ("unsure", "", 2)


def ended_by_a_consent(analysis):
    stop_analyses(subject=analysis.subject, code="consent_ended", reason="It was taken back.")


def erased(analysis):
    finish_erasure(tombstone=erase_subject(subject=analysis.subject, by=None))


@pytest.mark.parametrize("end", [ended_by_a_consent, erased])
def test_nothing_is_left_of_a_result_that_came_home_after_the_end(order, service, monkeypatch, end):
    """What is stored after everything of a runner was removed nobody would ever find again."""
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    download = service.download

    def and_then_it_ends(link):
        if link.endswith(".mp4"):
            end(fresh(analysis))
        return download(link)

    monkeypatch.setattr(service, "download", and_then_it_ends)
    actions.check_analysis(analysis=make_due(analysis))
    assert len(service.downloads) == 2
    assert list(storage.every_key("results/")) == []


@pytest.mark.parametrize("status", ["running", "stalled", "succeeded"])
def test_who_has_lost_the_row_leaves_the_files_to_whoever_has_it(order, service, monkeypatch, status):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    key = f"results/{analysis.code}/annotated.mp4"
    raw = service.raw

    def while_another_brings_it_home(remote_id):
        storage.put(key, io.BytesIO(b"the film"))
        with_the_other = timezone.now() + timedelta(seconds=50)
        Analysis.objects.filter(pk=analysis.pk).update(status=status, lease_until=with_the_other)
        return raw(remote_id)

    monkeypatch.setattr(service, "raw", while_another_brings_it_home)
    actions.check_analysis(analysis=make_due(analysis))
    assert list(storage.every_key("results/")) == [key]


def test_a_worker_keeps_the_row_while_a_film_comes_home_slowly(order, service, monkeypatch):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    with time_machine.travel(timezone.now(), tick=False) as clock:

        @contextmanager
        def slowly(link):
            def pieces():
                for _ in range(4):
                    assert fresh(analysis).lease_until > timezone.now()
                    yield b"a piece"
                    clock.shift(timedelta(seconds=LEASE_S / 3))

            yield pieces()

        monkeypatch.setattr(service, "download", slowly)
        actions.check_analysis(analysis=make_due(analysis))
    assert fresh(analysis).status == "succeeded"
