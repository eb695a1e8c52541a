"""Every night the ledger is compared with what it paid for, and each difference is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from analyses import actions, jobs, reckoning
from analyses.models import Analysis, ProviderAccount
from credits import append_only, ledger
from credits.models import Ask, Check, Decision, Entry


@pytest.fixture
def paid(order, organization, alice):
    ledger.give(organization=organization, amount=5, reason="start", by=alice)
    return order(account=ProviderAccount.objects.create(organization=organization, kind="ochy"))


@pytest.fixture
def spent(paid):
    return Entry.objects.get(kind="spend")


def test_books_that_agree_have_no_difference(paid, organization, order, alice, capsys):
    order()  # a free one
    assert reckoning.differences(organization) == []
    call_command("check_credits")
    assert "2 entries compared, 0 differences" in capsys.readouterr().out


def test_a_cancelled_order_and_a_decided_one_agree(paid, organization, alice):
    actions.cancel_order(analysis=paid, by=alice)
    assert reckoning.differences(organization) == []


def test_what_came_back_agrees_when_its_analysis_has_been_kept_long_enough(paid, organization, alice):
    actions.cancel_order(analysis=paid, by=alice)
    assert paid.move_to("removed")
    assert reckoning.differences(organization) == []


def test_many_entries_are_compared_with_as_many_questions_as_few(
    paid, order, organization, alice, django_assert_max_num_queries
):
    account = paid.account
    for analysis in (paid, order(account=account), order(account=account), order(account=account)):
        actions.cancel_order(analysis=analysis, by=alice)
    with django_assert_max_num_queries(16):
        assert reckoning.differences(organization) == []


def break_amount(entry, analysis):
    Analysis.objects.filter(pk=analysis.pk).update(price=2)
    return f"entry {entry.pk} spends 1 on analysis {analysis.code}, which costs 2"


def break_entry(entry, analysis):
    with connection.cursor() as cursor:
        append_only.remove_from_sqlite(cursor)
    entry.delete()
    return f"analysis {analysis.code} costs 1 and nothing was spent for it"


def break_words(entry, analysis):
    Entry.objects.filter(pk=entry.pk).update(view="back_view")
    return f"entry {entry.pk} says back_view, ochy; analysis {analysis.code} is side_view, ochy"


def break_analysis(entry, analysis):
    analysis.moves.all().delete()
    analysis.delete()
    return f"entry {entry.pk} paid for an analysis that is not there"


def break_return(entry, analysis):
    ledger.give_back(organization=entry.organization, reference=entry.reference, reason="by mistake")
    return f"entry {entry.pk} came back, and analysis {analysis.code} has not failed"


def break_refund(entry, analysis):
    Analysis.objects.filter(pk=analysis.pk).update(status="failed")
    return f"analysis {analysis.code} was never sent, and entry {entry.pk} did not come back"


def break_decision(entry, analysis):
    Analysis.objects.filter(pk=analysis.pk).update(status="failed", remote_id="r1")
    Decision.objects.create(organization=entry.organization, entry=entry, gives_back=True, by=entry.by)
    return f"entry {entry.pk} was to come back, and did not"


def break_ask(entry, analysis):
    ask = Ask.objects.create(organization=entry.organization, kind="gift", amount=9, by=entry.by)
    other = type(entry.by).objects.create_user("dora@example.com", "a long password")
    Ask.objects.filter(pk=ask.pk).update(answered_by=other, answered_at=timezone.now(), agreed=True)
    return f"request {ask.pk} was agreed to, and its gift of 9 is not there"


BREAKS = [
    *(break_amount, break_entry, break_words, break_analysis),
    *(break_return, break_refund, break_decision, break_ask),
]


@pytest.mark.parametrize("break_it", BREAKS, ids=lambda one: one.__name__)
def test_what_does_not_agree_is_said(paid, spent, organization, break_it, capsys):
    sentence = break_it(spent, paid)
    assert reckoning.differences(organization) == [sentence]
    with pytest.raises(CommandError) as error:
        call_command("check_credits")
    assert str(error.value) == "The ledger and the analyses do not agree. Keep the database as it is, and look."
    assert f"organisation {organization.pk}: {sentence}" in capsys.readouterr().out
    assert len(Check.objects.get().differences) == 1


def test_a_balance_below_nothing_and_a_return_of_nothing_are_said(organization, alice):
    Entry.objects.create(organization=organization, kind="take", amount=-2, reference="take:1", by=alice)
    back = Entry.objects.create(organization=organization, kind="give_back", amount=1, reference="analysis:1")
    assert reckoning.differences(organization) == [
        "the balance is -1",
        "0 spent less 1 given back is not 0 used",
        f"entry {back.pk} gives back what was not spent",
    ]


def test_it_is_due_once_a_night_and_by_day_only_when_a_night_was_missed(db, monkeypatch):
    def at(now):
        monkeypatch.setattr(timezone, "now", lambda: now)
        return reckoning.begin_check()

    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    first = at(noon)
    assert at(noon + timedelta(minutes=10)) == first  # until it is done
    reckoning.carry_out(first)
    assert at(noon + timedelta(hours=8)) is None
    night = at(datetime(2026, 11, 23, 3, 10, tzinfo=UTC))
    reckoning.carry_out(night)
    assert at(datetime(2026, 11, 23, 3, 40, tzinfo=UTC)) is None
    assert at(datetime(2026, 11, 24, 6, tzinfo=UTC)) is not None


def test_a_worker_compares_what_is_to_be_compared_and_not_again(paid, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, *, queue, **row: sent.append((step.__name__, row)) or True)
    earlier = Check.objects.create(finished_at=timezone.now() - timedelta(days=3))
    assert jobs.hint_credit_check() == 1
    check = Check.objects.get(finished_at=None)
    assert sent == [("check_credits", {"check_id": check.pk})]
    carried_out = []
    carry_out = jobs.carry_out
    monkeypatch.setattr(jobs, "carry_out", lambda check: carried_out.append(check.pk) or carry_out(check))
    for pk in (earlier.pk, check.pk, check.pk):
        jobs.check_credits(check_id=pk)
    assert carried_out == [check.pk]
    assert (jobs.hint_credit_check(), len(sent)) == (0, 1)


def test_the_operator_sees_how_many_and_when(client, paid, spent, settings):
    settings.METRICS_TOKEN = "a token for tests"
    break_words(spent, paid)
    reckoning.carry_out(Check())
    shown = client.get("/metrics", HTTP_AUTHORIZATION="Bearer a token for tests").content.decode()
    assert "portal_credit_differences 1.0" in shown
    assert "portal_credit_check_age_seconds" in shown
