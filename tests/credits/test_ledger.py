"""Credits: the balance is the sum of the ledger, and nothing is spent or returned twice."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import wall
from accounts.models import AuditEntry
from credits import ledger
from credits.models import Decision, Entry
from credits.refusals import NotEnoughCredits
from tests.at_once import at_once


def test_the_balance_is_the_sum_of_the_ledger(organization, alice):
    ledger.give(organization=organization, amount=5, reason="October", by=alice)
    ledger.spend(organization=organization, amount=1, reference="analysis:1", by=alice)
    ledger.take(organization=organization, amount=2, reason="booked twice", by=alice)
    assert ledger.balance(organization) == 2


def test_giving_and_taking_are_on_record(organization, alice):
    ledger.give(organization=organization, amount=5, reason="October", by=alice)
    ledger.take(organization=organization, amount=2, reason="too many", by=alice)
    assert list(AuditEntry.objects.values_list("action", "about")) == [
        ("credits_taken", "−2 · too many"),
        ("credits_given", "+5 · October"),
    ]


def test_nothing_is_spent_that_is_not_there(organization, alice):
    with pytest.raises(NotEnoughCredits) as refusal:
        ledger.spend(organization=organization, amount=1, reference="analysis:1", by=alice)
    assert (refusal.value.needed, refusal.value.balance) == (1, 0)
    assert not Entry.objects.exists()


def test_the_database_refuses_to_spend_twice_for_one_analysis(organization, alice):
    ledger.give(organization=organization, amount=5, reason="October", by=alice)
    ledger.spend(organization=organization, amount=1, reference="analysis:1", by=alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.spend(organization=organization, amount=1, reference="analysis:1", by=alice)
    assert ledger.balance(organization) == 4


def test_a_free_analysis_leaves_no_entry(organization, alice):
    assert ledger.spend(organization=organization, amount=0, reference="analysis:1", by=alice) is None
    assert not Entry.objects.exists()


def test_each_organisation_spends_its_own(organization, alice, charlie):
    elsewhere = charlie.memberships.get().organization
    ledger.give(organization=elsewhere, amount=5, reason="October", by=charlie)
    with pytest.raises(NotEnoughCredits):
        ledger.spend(organization=organization, amount=1, reference="analysis:1", by=alice)
    assert (ledger.balance(organization), ledger.balance(elsewhere)) == (0, 5)


def test_what_was_spent_is_given_back_once(organization, alice, spend):
    ledger.give(organization=organization, amount=2, reason="October", by=alice)
    spent, _later = spend(alice), spend(alice)
    assert ledger.give_back(organization=organization, reference=spent.reference, reason="not started").returns == spent
    assert ledger.give_back(organization=organization, reference=spent.reference, reason="not started") is None
    assert ledger.balance(organization) == 1


def test_a_decision_is_about_what_was_spent_for_it(organization, alice, spend):
    ledger.give(organization=organization, amount=2, reason="October", by=alice)
    spent, _later = spend(alice), spend(alice)
    told = {"organization": organization, "reference": spent.reference, "reason": "They charge for it", "by": alice}
    assert ledger.decide(**told, gives_back=False).entry == spent


def test_what_cost_nothing_is_not_given_back(organization):
    assert ledger.give_back(organization=organization, reference="analysis:1", reason="not started") is None


def test_the_database_refuses_an_amount_with_the_wrong_sign(organization):
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(organization=organization, kind="spend", amount=1, reference="analysis:1")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM credits_entry",
        "UPDATE credits_entry SET amount = 100",
        "UPDATE credits_entry SET kind = 'take'",
        "UPDATE credits_entry SET organization_id = 0",
    ],
)
def test_the_database_refuses_every_change_of_what_an_entry_moves(organization, alice, statement):
    ledger.give(organization=organization, amount=1, reason="October", by=alice)
    refused = pytest.raises(DatabaseError, match=r"The ledger can only be added to\.")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert ledger.balance(organization) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_spend_the_last_credit_at_once_are_one_order_and_one_refusal(organization, alice):
    ledger.give(organization=organization, amount=1, reason="October", by=alice)

    def order(number: int) -> Entry:
        with wall.only(organization.pk):
            return ledger.spend(organization=organization, amount=1, reference=f"analysis:{number}", by=alice)

    told = at_once(partial(order, 1), partial(order, 2))
    assert sorted(type(one).__name__ for one in told) == ["Entry", "NotEnoughCredits"]
    assert ledger.balance(organization) == 0


def test_what_is_given_back_says_what_had_been_spent(organization, alice):
    ledger.give(organization=organization, amount=1, reason="October", by=alice)
    use = ledger.Use(analysis=uuid.uuid4(), view="side_view", service="ochy")
    spent = ledger.spend(organization=organization, amount=1, reference="analysis:1", by=alice, use=use)
    back = ledger.give_back(organization=organization, reference="analysis:1", reason="not started")
    assert (back.returns, back.view, back.service, back.paid_for) == (spent, "side_view", "ochy", use.analysis)
    assert not Entry.objects.used().exists()


def test_of_an_erased_runner_the_ledger_keeps_the_amounts_and_no_words(organization, alice, spend):
    ledger.give(organization=organization, amount=3, reason="October", by=alice)
    erased, other, never_sent = (spend(alice).reference for _ in range(3))
    for reference in (erased, other):
        told = {"organization": organization, "reference": reference, "reason": "Runner 01 fell", "by": alice}
        ledger.decide(**told, gives_back=True)
    ledger.give_back(organization=organization, reference=never_sent, reason="not started")
    for old, new in ((erased, "erased:1"), (never_sent, "erased:2")):
        ledger.rename_reference(organization=organization, old=old, new=new)

    rows = Entry.objects.exclude(kind="gift").order_by("reference", "kind")
    assert list(rows.values_list("reference", "kind", "amount", "reason", "view")) == [
        (other, "give_back", 1, "Runner 01 fell", "side_view"),
        (other, "spend", -1, "", "side_view"),
        ("erased:1", "give_back", 1, "", "side_view"),
        ("erased:1", "spend", -1, "", "side_view"),
        ("erased:2", "give_back", 1, "not started", "side_view"),
        ("erased:2", "spend", -1, "", "side_view"),
    ]
    assert {entry.paid_for is None for entry in rows if entry.reference != other} == {True}
    decided = Decision.objects.values_list("entry__reference", "reason")
    assert dict(decided) == {"erased:1": "", other: "Runner 01 fell"}
