"""What stays in the house: no order, no worker and no old row sends a film past the wall."""

from __future__ import annotations

import socket

import pytest

from accounts.models import Organization
from analyses import actions, remote
from analyses.leaving import NotAllowedOut
from analyses.models import Analysis, ProviderAccount
from credits import ledger
from providers.base import StartOrder, SubjectData
from subjects.models import Consent, Subject

IN_THE_HOUSE = (
    "Films of Runner 01 stay in the house: only the built-in engine may measure them. "
    "This can be changed under Privacy."
)
NOT_AGREED = "Runner 01 has not agreed that films go to Ochy. Ask for consent under Privacy, or measure here."


@pytest.fixture
def calls(monkeypatch, settings):
    """Every address this process tries to reach; none is reached."""
    settings.OCHY_KEY, settings.OCHY_URL = "a key", "https://203.0.113.7"
    settings.ENGINE_URL = "http://127.0.0.1:9"
    reached = []

    def connect(self, address):
        # The queue on this machine is reached through a socket that is a file.
        if self.family != socket.AF_UNIX:
            reached.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return reached


def local_only(runner):
    Subject.objects.filter(pk=runner.pk).update(local_only=True)
    runner.refresh_from_db()


def fresh(analysis):
    return Analysis.objects.get(pk=analysis.pk)


def agree(runner, purpose, recipient="", **more):
    return Consent.objects.create(
        organization=runner.organization,
        subject=runner,
        purpose=purpose,
        recipient=recipient,
        giver="runner",
        way="paper",
        text="…",
        text_version="1",
        **more,
    )


def test_the_recorder_sees_a_film_that_may_leave(order, account, credits, calls):
    actions.send_analysis(analysis=order(account=account))
    assert set(calls) == {"203.0.113.7"}


def test_an_order_elsewhere_is_refused_and_costs_nothing(order, account, credits, runner, organization, calls):
    local_only(runner)
    with pytest.raises(actions.OrderRefused) as refused:
        order(account=account)
    assert refused.value.sentences == [IN_THE_HOUSE]
    assert ledger.balance(organization) == 5
    assert calls == []


def test_a_film_ordered_before_is_not_sent_and_its_credit_returns(order, account, credits, runner, organization, calls):
    analysis = order(account=account)
    local_only(runner)
    actions.send_analysis(analysis=fresh(analysis))
    ended = fresh(analysis)
    assert (ended.status, ended.reason_code) == ("failed", "not_allowed_out")
    assert ended.reason == IN_THE_HOUSE
    assert ledger.balance(organization) == 5
    assert calls == []


def test_a_row_with_old_values_in_memory_does_not_pass(order, account, credits, runner, calls):
    analysis = order(account=account)
    Subject.objects.filter(pk=runner.pk).update(local_only=True)
    assert not analysis.subject.local_only
    actions.send_analysis(analysis=analysis)
    assert calls == []


def test_the_engine_in_the_house_may_measure(order, runner, calls):
    local_only(runner)
    actions.send_analysis(analysis=order())
    assert set(calls) == {"127.0.0.1"}


@pytest.mark.parametrize(
    "send",
    [
        lambda provider: provider.start(None, filename="", content_type="", order=StartOrder("side_view", 1.7, 70)),
        lambda provider: provider.create_subject(SubjectData(label="x")),
        lambda provider: provider.update_subject("1", SubjectData(label="x")),
    ],
)
def test_a_service_opened_for_nobody_can_be_sent_nothing(account, calls, send):
    with (
        pytest.raises(NotAllowedOut, match=r"The service was not opened for a runner\. Nothing was sent\."),
        remote.provider_of(account) as provider,
    ):
        send(provider)
    assert calls == []


def test_a_runner_who_is_gone_is_not_sent(account, runner, calls):
    gone = Subject.objects.get(pk=runner.pk)
    Subject.objects.filter(pk=runner.pk).delete()
    with (
        pytest.raises(NotAllowedOut, match=r"This runner is no longer here\. Nothing was sent\."),
        remote.provider_of(account, sends=gone),
    ):
        raise AssertionError
    assert calls == []


def test_the_order_page_measures_them_here_whoever_else_is_chosen(as_alice, account, clip, runner, credits):
    local_only(runner)
    posted = {
        "clip": clip.code,
        "runner": runner.code,
        "view": "side_view",
        "treadmill": "1",
        "pace": "6:00",
        "height_m": "1.75",
        "weight_kg": "68",
    }
    answer = as_alice.post("/upload/", posted)
    assert answer.status_code == 302, answer.content.decode()
    assert Analysis.objects.get().account.kind == ProviderAccount.Kind.ENGINE


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_being_asked_for_no_consent_is_needed(order, account, credits):
    assert order(account=account).pk


def test_without_consent_no_film_is_ordered_elsewhere(order, account, credits, asks_for_consent):
    with pytest.raises(actions.OrderRefused) as refused:
        order(account=account)
    assert refused.value.sentences == [NOT_AGREED]


def test_with_consent_it_is(order, account, credits, asks_for_consent, runner):
    agree(runner, "outside", "ochy")
    assert order(account=account).pk


def test_a_consent_that_ran_out_is_none(order, account, credits, asks_for_consent, runner):
    agree(runner, "outside", "ochy", expires_on="2020-01-01")
    with pytest.raises(actions.OrderRefused, match="has not agreed that films go to Ochy"):
        order(account=account)


def test_a_no_counts_even_where_nobody_asks(order, account, credits, runner):
    agree(runner, "outside", "ochy", ended_at="2026-11-01T00:00Z")
    with pytest.raises(actions.OrderRefused, match="has not agreed that films go to Ochy"):
        order(account=account)


def test_measuring_here_asks_only_where_everything_is_asked_for(order, organization, asks_for_consent):
    assert order().pk
    organization.consent_for = Organization.ConsentFor.EVERYTHING
    organization.save()
    with pytest.raises(actions.OrderRefused) as refused:
        order()
    assert refused.value.sentences == ["Runner 01 has not agreed to be measured here. Ask for consent under Privacy."]
