"""What stops when a consent is taken back: films, links, and what services know."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from analyses import actions as measuring
from analyses.actions import stop
from analyses.models import Analysis, RemoteSubject
from clips import storage
from clips.models import Clip
from credits import ledger
from privacy import actions, jobs
from privacy.actions import consents
from providers.base import ProviderUnavailable
from reports.models import ShareLink
from subjects.models import Consent
from tests.privacy.conftest import agree
from tests.reading import in_one_line


def fresh(analysis):
    return Analysis.objects.get(pk=analysis.pk)


ENDED = "The consent was taken back. Nothing more is done with this film."


def test_a_queued_film_is_not_sent_and_its_credit_returns(
    order, account, credits, runner, service, organization, as_carol
):
    consent = agree(runner, "outside:ochy")
    analysis, here = order(account=account), order()
    as_carol.post(f"/privacy/consents/{consent.code}/end/")
    measuring.send_analysis(analysis=fresh(analysis))
    assert service.starts == []
    assert fresh(here).status == "queued"
    assert (fresh(analysis).status, fresh(analysis).reason) == ("failed", ENDED)
    assert ledger.balance(organization) == 5


def test_a_film_on_its_way_never_arrives_whole(order, account, credits, runner, service, carol, monkeypatch):
    consent = agree(runner, "outside:ochy")
    analysis = order(account=account)
    arrived = []

    def start(film, **order):
        film.read(1000)
        actions.end_consent(consent=consent, by=carol)
        while part := film.read(64 * 1024):
            arrived.append(part)

    monkeypatch.setattr(service, "start", start)
    measuring.send_analysis(analysis=analysis)
    assert sum(map(len, arrived)) < analysis.clip.size_bytes - 1000
    measuring.send_analysis(analysis=fresh(analysis))
    measuring.send_analysis(analysis=fresh(analysis))
    assert fresh(analysis).reason_code == "not_allowed_out"


def test_what_is_being_measured_stops(order, runner, service, carol):
    consent = agree(runner, "measuring")
    analysis = order()
    measuring.send_analysis(analysis=analysis)
    actions.end_consent(consent=consent, by=carol)
    assert (fresh(analysis).status, fresh(analysis).reason) == ("failed", ENDED)


def test_the_coach_reads_why_in_their_own_language_though_the_runner_read_another(client, order, runner, carol):
    agree(runner, "measuring")
    analysis = order()
    _, token = actions.ask_for_consent(subject=runner, chosen=[actions.use_of("measuring")], language="de", by=carol)
    client.post(f"/consent/{token}/", {"measuring": "no", "giver": "runner", "read": "2026-11-de"})
    assert fresh(analysis).reason == ENDED


def test_films_not_measured_yet_go_with_it(runner, clip, carol):
    clip.subject = runner
    clip.save()
    actions.end_consent(consent=agree(runner, "measuring"), by=carol)
    assert list(storage.every_key()) == []


def test_who_took_measuring_back_waits_for_the_admin(runner, carol, as_alice):
    actions.end_consent(consent=agree(runner, "measuring"), by=carol)
    page = in_one_line(as_alice.get("/privacy/"))
    assert "These runners took back their consent to be measured." in page
    assert "QuerySet" not in page
    agree(runner, "measuring")
    assert "These runners took back" not in in_one_line(as_alice.get("/privacy/"))


def test_links_end_with_the_consent_to_share(measured, carol, known):
    consent = agree(known, "sharing")
    link = ShareLink(
        organization=known.organization,
        subject=known,
        analysis=measured,
        contents=["score"],
        language="en",
        expires_at="2999-01-01T00:00Z",
    )
    link.make_token()
    link.save()
    actions.end_consent(consent=consent, by=carol)
    link.refresh_from_db()
    assert not link.is_open


def test_the_service_is_told_to_forget(order, account, credits, runner, service, carol, queue):
    consent = agree(runner, "outside:ochy")
    measuring.send_analysis(analysis=order(account=account))
    [remote_id] = RemoteSubject.objects.values_list("remote_id", flat=True)
    actions.end_consent(consent=consent, by=carol)
    deleted = service.delete_subject

    def silent(subject_id):
        raise ProviderUnavailable("no answer")

    service.delete_subject = silent
    assert jobs.hint_cleanings() == len(queue) == 1
    jobs.clean_services(subject_id=runner.pk)
    service.delete_subject = deleted
    assert jobs.hint_cleanings() == 1
    assert queue == [("cleaning", runner.pk)] * 2
    jobs.clean_services(subject_id=runner.pk)
    assert service.deleted == [remote_id]
    assert jobs.hint_cleanings() == 0


def test_a_runner_who_is_made_anew_there_while_it_forgets_them_stays_known(
    order, account, credits, runner, service, carol
):
    """They agreed again, and an order of that moment found them gone there: whoever is there must be told one day."""
    consent = agree(runner, "outside:ochy")
    measuring.send_analysis(analysis=order(account=account))
    actions.end_consent(consent=consent, by=carol)
    service.delete_subject = lambda _: RemoteSubject.objects.update(remote_id="made anew")
    jobs.clean_services(subject_id=runner.pk)
    assert RemoteSubject.objects.get().remote_id == "made anew"


def test_a_consent_ends_with_what_it_allowed_or_not_at_all(order, runner, carol, monkeypatch):
    first, second, consent = order(), order(), agree(runner, "measuring")
    end, seen = stop._end, []

    def killed_at_the_second(analysis, *why):
        seen.append(analysis.pk)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return end(analysis, *why)

    monkeypatch.setattr(stop, "_end", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        actions.end_consent(consent=consent, by=carol)
    assert {fresh(first).status, fresh(second).status} == {"queued"}
    assert Consent.objects.get(pk=consent.pk).ended_at is None
    monkeypatch.undo()
    assert actions.end_consent(consent=Consent.objects.get(pk=consent.pk), by=carol)
    assert {fresh(first).status, fresh(second).status} == {"failed"}


def test_films_left_by_a_process_that_was_killed_are_removed_by_the_clock(runner, clip, carol, monkeypatch):
    clip.subject = runner
    clip.save()
    monkeypatch.setattr(consents, "delete_clip", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        actions.end_consent(consent=agree(runner, "measuring"), by=carol)
    assert Clip.objects.exists()
    monkeypatch.undo()
    assert actions.clean_films() == 1
    assert not Clip.objects.exists()
    assert list(storage.every_key()) == []
    assert actions.clean_films() == 0


def test_films_the_store_did_not_let_go_of_are_removed_by_the_clock(runner, clip, carol, monkeypatch):
    clip.subject = runner
    clip.save()
    monkeypatch.setattr(storage, "delete", Mock(side_effect=OSError("the store is away")))
    assert actions.end_consent(consent=agree(runner, "measuring"), by=carol)
    assert Clip.objects.exists()
    monkeypatch.undo()
    assert actions.clean_films() == 1
    assert not Clip.objects.exists()
    assert list(storage.every_key()) == []


def test_a_film_made_after_the_runner_agreed_again_stays(runner, clip, carol):
    actions.end_consent(consent=agree(runner, "measuring"), by=carol)
    agree(runner, "measuring")
    clip.subject = runner
    clip.save()
    assert actions.clean_films() == 0
    assert Clip.objects.exists()


def test_a_consent_ends_once(runner, carol):
    consent = agree(runner, "teaching")
    assert actions.end_consent(consent=consent, by=carol)
    assert not actions.end_consent(consent=consent, by=carol)
