"""The ledger's page: only admins, a running balance, and a reason for every change by hand."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from credits import ledger

LEDGER = "/credits/"


@pytest.fixture
def ten(organization, alice):
    return ledger.give(organization=organization, amount=10, reason="Start", by=alice)


def test_only_an_admin_sees_the_ledger(as_alice, as_carol, as_bob):
    assert as_alice.get(LEDGER).status_code == 200
    assert as_carol.get(LEDGER).status_code == 403
    assert as_bob.get(LEDGER).status_code == 403


@pytest.mark.parametrize("deed", ["give", "take"])
def test_only_an_admin_changes_the_balance(as_carol, as_bob, organization, deed):
    for client in (as_carol, as_bob):
        assert client.post(f"{LEDGER}{deed}/", {"amount": "5", "reason": "Mine"}).status_code == 403
        assert client.get(f"{LEDGER}{deed}/").status_code == 405
    assert ledger.balance(organization) == 0


def test_credits_are_given_with_a_reason(as_alice, organization):
    answer = as_alice.post(f"{LEDGER}give/", {"amount": "20", "reason": "Autumn camp"}, follow=True)
    shown = answer.content.decode()
    assert "Gave 20 credits." in shown
    assert "Autumn camp" in shown
    assert ledger.balance(organization) == 20
    assert AuditEntry.objects.get(action="credits_given").about == "+20 · Autumn camp"


def test_credits_are_taken_back_with_a_reason(as_alice, ten, organization):
    answer = as_alice.post(f"{LEDGER}take/", {"amount": "1", "reason": "Typed wrong"}, follow=True)
    assert "Took 1 credit back." in answer.content.decode()
    assert ledger.balance(organization) == 9


def test_more_than_there_is_cannot_be_taken_back(as_alice, ten, organization):
    answer = as_alice.post(f"{LEDGER}take/", {"amount": "11", "reason": "Too much"})
    assert answer.status_code == 422
    assert "The balance is 10. Take back that many at most." in answer.content.decode()
    assert ledger.balance(organization) == 10


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "Type 1 or more; to make them fewer, choose Take back."),
        ("-3", "Type 1 or more; to make them fewer, choose Take back."),
        ("2.5", "Type a whole number, such as 20."),
        ("many", "Type a whole number, such as 20."),
        ("100001", "100,000 at a time at most."),
    ],
)
def test_an_amount_that_cannot_be_given_says_why(as_alice, organization, amount, said):
    answer = as_alice.post(f"{LEDGER}give/", {"amount": amount, "reason": "Test"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ledger.balance(organization) == 0


def test_a_reason_is_asked_for(as_alice, organization):
    assert as_alice.post(f"{LEDGER}give/", {"amount": "5", "reason": ""}).status_code == 422
    assert ledger.balance(organization) == 0


def test_the_balance_runs_along_every_line_over_the_pages(as_alice, alice, organization):
    for number in range(1, 61):
        ledger.give(organization=organization, amount=number, reason=f"Gift {number}", by=alice)
    lines = [*as_alice.get(LEDGER).context["lines"], *as_alice.get(f"{LEDGER}?page=2").context["lines"]]
    # Newest first: gift 60 left 1 + … + 60.
    assert [after for _, after in lines] == [n * (n + 1) // 2 for n in range(60, 0, -1)]


def test_the_ledger_takes_the_same_few_queries_for_many(as_alice, alice, organization, django_assert_num_queries):
    for number in range(60):
        ledger.give(organization=organization, amount=1, reason=f"Gift {number}", by=alice)
    with django_assert_num_queries(16):
        as_alice.get(LEDGER)


def test_an_empty_ledger_says_what_to_do(as_alice):
    assert "Give the first credits; what is spent appears here by itself." in as_alice.get(LEDGER).content.decode()
