"""Budgets: a month's limit for a member or a group, and of two orders for the last of it one is refused."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import wall
from accounts.models import Membership
from credits import budgets, ledger
from credits.models import Budget, Entry
from credits.months import Month
from credits.refusals import OverBudget
from subjects.models import Group
from tests.at_once import at_once


@pytest.fixture
def paid(organization, alice):
    return ledger.give(organization=organization, amount=50, reason="October", by=alice)


@pytest.fixture
def sprinters(organization):
    return Group.objects.create(organization=organization, name="Sprinters")


def budget_of(user, limit):
    member = Membership.objects.get(user=user)
    return Budget.objects.create(organization=member.organization, member=member, limit=limit)


def spend(organization, by, *groups, amount=1):
    use = ledger.Use(uuid.uuid4(), "side_view", "ochy", [(group.pk, group.name) for group in groups])
    reference = f"analysis:{use.analysis}"
    return ledger.spend(organization=organization, amount=amount, reference=reference, by=by, use=use)


def test_a_coach_over_budget_is_refused_and_nothing_is_written(organization, carol, paid):
    budget_of(carol, 1)
    spend(organization, carol)
    with pytest.raises(OverBudget) as refusal:
        spend(organization, carol)
    assert refusal.value.sentence == (
        "This takes 1 credit; of your 1 a month 0 are left. Ask an admin; your film is kept."
    )
    assert ledger.balance(organization) == 49


def test_another_coach_has_a_budget_of_their_own(organization, alice, carol, paid):
    budget_of(carol, 0)
    assert spend(organization, alice)


def test_a_group_has_a_budget_whoever_orders(organization, alice, carol, paid, sprinters):
    Budget.objects.create(organization=organization, group=sprinters, limit=1)
    spend(organization, carol, sprinters)
    with pytest.raises(OverBudget) as refusal:
        spend(organization, alice, sprinters)
    assert refusal.value.sentence == (
        "This takes 1 credit; of the 1 a month for “Sprinters” 0 are left. Ask an admin; your film is kept."
    )
    assert spend(organization, alice)


def test_the_first_budget_that_is_used_up_speaks_and_it_is_the_person_s(organization, carol, paid, sprinters):
    Budget.objects.create(organization=organization, group=sprinters, limit=0)
    budget_of(carol, 0)
    with pytest.raises(OverBudget) as refusal:
        spend(organization, carol, sprinters)
    assert refusal.value.group == ""


def test_what_came_back_may_be_used_again(organization, carol, paid):
    budget_of(carol, 1)
    ledger.give_back(organization=organization, reference=spend(organization, carol).reference, reason="not sent")
    assert spend(organization, carol)


def test_a_budget_begins_anew_with_the_month(organization, carol, paid):
    budget = budget_of(carol, 1)
    entry = spend(organization, carol)
    Entry.objects.filter(pk=entry.pk).update(at=entry.at.replace(day=1) - timedelta(days=1))
    assert budgets.left_of(organization, carol) == (1, 1)
    assert spend(organization, carol)
    assert budgets.left_of(organization, carol) == (0, 1)
    assert budget.limit == 1


def test_what_a_coach_uses_elsewhere_counts_there(organization, carol, charlie, paid):
    elsewhere = charlie.memberships.get().organization
    ledger.give(organization=elsewhere, amount=1, reason="October", by=charlie)
    spend(elsewhere, carol)
    there = Membership.objects.create(organization=elsewhere, user=carol, role=Membership.Role.COACH)
    Budget.objects.create(organization=elsewhere, member=there, limit=0)
    Budget.objects.create(organization=organization, member=carol.memberships.get(organization=organization), limit=1)
    assert budgets.left_of(organization, carol) == (1, 1)
    assert budgets.used_by(organization, Month.now()) == ({}, {})
    assert spend(organization, carol)


def test_without_a_budget_only_the_balance_counts(organization, carol, paid):
    assert budgets.left_of(organization, carol) is None
    assert spend(organization, carol, amount=50)


def test_an_order_without_a_person_counts_against_the_group_alone(organization, carol, paid, sprinters):
    budget_of(carol, 0)
    assert spend(organization, None)
    Budget.objects.create(organization=organization, group=sprinters, limit=0)
    with pytest.raises(OverBudget):
        spend(organization, None, sprinters)


def test_the_database_keeps_a_budget_to_one_member_or_one_group(organization, carol, sprinters):
    member = Membership.objects.get(user=carol)
    for whose in ({}, {"member": member, "group": sprinters}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Budget.objects.create(organization=organization, limit=1, **whose)


@pytest.mark.django_db(transaction=True)
def test_two_who_use_the_last_of_a_budget_at_once_are_one_order_and_one_refusal(organization, alice, carol):
    ledger.give(organization=organization, amount=50, reason="October", by=alice)
    budget_of(carol, 1)

    def order() -> Entry:
        with wall.only(organization.pk):
            return spend(organization, carol)

    told = at_once(order, order)
    assert sorted(type(one).__name__ for one in told) == ["Entry", "OverBudget"]
    assert ledger.balance(organization) == 49
