"""Budgets and rules on their page, and gifts that two admins agree on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Membership, User
from credits import actions, ledger
from credits.models import Ask, Budget, Rules
from subjects.models import Group, Subject

RULES = "/credits/rules/"


@pytest.fixture
def dora(organization):
    """A second admin."""
    user = User.objects.create_user("dora@example.com", "a long password", name="Dora")
    Membership.objects.create(organization=organization, user=user, role="admin", seen_at=timezone.now())
    return user


@pytest.fixture
def as_dora(dora):
    client = Client()
    client.force_login(dora)
    return client


@pytest.fixture
def two_admins(organization, alice, dora):
    actions.change_rules(organization=organization, low_at=5, agreed_above=100, by=alice)


def change(client, **fields):
    return client.post(f"{RULES}change/", {"low_at": "5", "agreed_above": "", **fields}, follow=True)


def give(client, amount, reason="Camp"):
    return client.post("/credits/give/", {"amount": str(amount), "reason": reason}, follow=True)


def answer(client, word):
    ask = Ask.objects.latest("pk")
    return client.post(f"/credits/asked/{ask.code}/", {"answer": word}, follow=True).content.decode()


# ── budgets ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_gets_a_budget_and_loses_it(as_alice, carol):
    member = Membership.objects.get(user=carol)
    page = as_alice.post(f"{RULES}budget/", {"who": f"member:{member.pk}", "limit": "3"}, follow=True)
    assert "Carol: 3 a month." in page.content.decode()
    budget = Budget.objects.get()
    page = as_alice.post(f"{RULES}budget/{budget.code}/remove/", follow=True).content.decode()
    assert "Carol no longer has a budget." in page
    assert "Nobody has one: whoever may order uses what there is." in page
    about = AuditEntry.objects.filter(action="credit_rules").order_by("number").values_list("about", flat=True)
    assert list(about) == ["budget of Carol: 3 a month", "budget of Carol: none"]


def test_a_second_budget_takes_the_place_of_the_first(as_alice, organization):
    group = Group.objects.create(organization=organization, name="Sprinters")
    for limit in ("3", "0"):
        as_alice.post(f"{RULES}budget/", {"who": f"group:{group.pk}", "limit": limit})
    assert [(str(one), one.limit) for one in Budget.objects.all()] == [("Sprinters", 0)]


def test_each_budget_stands_beside_what_it_was_used_of_this_month(
    as_alice, organization, alice, carol, spend, give_back
):
    ledger.give(organization=organization, amount=9, reason="Start", by=alice)
    sprinters, masters, juniors = (
        Group.objects.create(organization=organization, name=name) for name in ("Sprinters", "Masters", "Juniors")
    )
    spend(carol, sprinters)
    give_back(spend(carol, sprinters))
    spend(carol, masters, at=timezone.now() - timedelta(days=40))
    spend(alice, juniors)
    spend(alice)
    for user, limit in ((alice, 1), (carol, 3)):
        Budget.objects.create(organization=organization, member=user.memberships.get(), limit=limit)
    for group, limit in ((sprinters, 1), (masters, 0), (juniors, 0)):
        Budget.objects.create(organization=organization, group=group, limit=limit)
    lines = as_alice.get(RULES).context["lines"]
    assert {str(line.budget): (line.used, line.share_pc, line.is_full) for line in lines} == {
        "Alice": (2, "100.0", True),
        "Carol": (1, "33.3", False),
        "Sprinters": (1, "100.0", True),
        "Masters": (0, "0.0", True),
        "Juniors": (1, "100.0", True),
    }


@pytest.mark.parametrize(
    ("who", "limit", "said"),
    [
        ("member:0", "3", "Choose somebody from the list."),
        ("own", "-1", "Type 0 or more."),
        ("own", "many", "Type a whole number, such as 20."),
        ("own", "100001", "100,000 at a time at most."),
    ],
)
def test_a_budget_that_cannot_be_says_why(as_alice, carol, who, limit, said):
    who = f"member:{Membership.objects.get(user=carol).pk}" if who == "own" else who
    page = as_alice.post(f"{RULES}budget/", {"who": who, "limit": limit})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not Budget.objects.exists()


def test_nobody_elsewhere_and_no_reader_can_be_given_a_budget(as_alice, bob, charlie):
    for user in (bob, charlie):
        member = Membership.objects.get(user=user)
        assert as_alice.post(f"{RULES}budget/", {"who": f"member:{member.pk}", "limit": "1"}).status_code == 422


def test_a_coach_sees_what_is_left_of_the_budget_before_ordering(as_carol, organization, alice, carol, settings):
    settings.OCHY_KEY = "a key"
    ledger.give(organization=organization, amount=9, reason="Start", by=alice)
    Budget.objects.create(organization=organization, member=Membership.objects.get(user=carol), limit=2)
    page = as_carol.get("/upload/").content.decode()
    assert "Uses 1 credit, 9 left. Of your 2 a month 2 are left." in page


def test_a_group_s_used_up_budget_is_told_before_ordering(as_carol, organization, alice, settings):
    settings.OCHY_KEY = "a key"
    ledger.give(organization=organization, amount=9, reason="Start", by=alice)
    runner, other = (Subject.objects.create(organization=organization, name=name) for name in ("Mara", "Ines"))
    juniors = Group.objects.create(organization=organization, name="Juniors")
    juniors.subjects.add(runner)
    budget = Budget.objects.create(organization=organization, group=juniors, limit=0)
    sentence = "This takes 1 credit; of the 0 a month for “Juniors” 0 are left. Ask an admin; your film is kept."
    assert sentence in as_carol.get("/upload/", {"runner": str(runner.code)}).content.decode()
    assert sentence in as_carol.get("/upload/price/", {"runner": str(runner.code)}).content.decode()
    assert sentence in as_carol.get("/upload/price/", {"group": str(juniors.code)}).content.decode()
    assert "Uses 1 credit, 9 left." in as_carol.get("/upload/price/", {"runner": str(other.code)}).content.decode()
    Budget.objects.filter(pk=budget.pk).update(limit=1)
    assert "Uses 1 credit, 9 left." in as_carol.get("/upload/price/", {"runner": str(runner.code)}).content.decode()


# ── two admins ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_large_gift_waits_for_another_admin(as_alice, as_dora, organization, two_admins):
    assert "Asked for 101 credits. They count when another admin agrees." in give(as_alice, 101).content.decode()
    assert ledger.balance(organization) == 0
    page = as_dora.get("/credits/").content.decode()
    assert "<strong>Alice</strong> asks to give 101 credits: Camp" in page
    assert "Agreed. It holds from now on." in answer(as_dora, "agree")
    entry = Ask.objects.get().entry
    assert (entry.amount, entry.reason, entry.by.name) == (101, "Camp", "Alice")
    assert ledger.balance(organization) == 101
    assert AuditEntry.objects.filter(action="credits_decided").get().about == "agreed: +101 · Camp"


def test_a_small_gift_needs_nobody(as_alice, organization, two_admins):
    assert "Gave 100 credits." in give(as_alice, 100).content.decode()


def test_two_halves_of_a_large_gift_need_another_admin_too(as_alice, organization, two_admins):
    give(as_alice, 60)
    assert "Asked for 41 credits." in give(as_alice, 41).content.decode()
    assert ledger.balance(organization) == 60


def test_what_was_agreed_does_not_count_as_given_alone(as_alice, as_dora, organization, two_admins):
    give(as_alice, 500)
    answer(as_dora, "agree")
    assert "Gave 100 credits." in give(as_alice, 100).content.decode()


def test_nobody_agrees_with_themselves(as_alice, organization, two_admins):
    give(as_alice, 500)
    assert "Another admin must answer this. You can withdraw it." in answer(as_alice, "agree")
    assert ledger.balance(organization) == 0


def test_the_database_refuses_one_person_in_both_parts(organization, alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        Ask.objects.create(
            organization=organization,
            kind="gift",
            amount=1,
            by=alice,
            answered_by=alice,
            answered_at=timezone.now(),
            agreed=True,
        )


def test_a_refusal_changes_nothing_and_is_the_end_of_it(as_alice, as_dora, organization, two_admins):
    give(as_alice, 500)
    assert "Refused. Nothing has changed." in answer(as_dora, "refuse")
    assert "This was answered already." in answer(as_dora, "agree")
    assert ledger.balance(organization) == 0


def test_the_one_who_asked_withdraws(as_alice, as_dora, organization, two_admins):
    give(as_alice, 500)
    assert "The request is withdrawn." in answer(as_alice, "withdraw")
    assert "This was answered already." in answer(as_dora, "agree")
    assert ledger.balance(organization) == 0


def test_nobody_withdraws_for_another(as_alice, as_dora, organization, two_admins):
    give(as_alice, 500)
    assert "This was answered already." in answer(as_dora, "withdraw")
    assert Ask.objects.open().count() == 1


def test_the_rule_needs_two_admins(as_alice, organization):
    page = as_alice.post(f"{RULES}change/", {"low_at": "5", "agreed_above": "100"})
    assert page.status_code == 422
    assert "Two admins are needed for this, and there is one. Invite another first." in page.content.decode()


def test_a_stricter_rule_holds_at_once(as_alice, organization, two_admins):
    assert "Saved." in change(as_alice, agreed_above="50").content.decode()
    assert Rules.of(organization).agreed_above == 50


@pytest.mark.parametrize(("typed", "above"), [("", None), ("1000", 1000)])
def test_a_looser_rule_waits_for_another_admin(as_alice, as_dora, organization, two_admins, typed, above):
    said = "Saved. The looser rule holds once another admin agrees."
    assert said in change(as_alice, agreed_above=typed).content.decode()
    assert Rules.of(organization).agreed_above == 100
    answer(as_dora, "agree")
    assert Rules.of(organization).agreed_above == above


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"low_at": "-1"}, "Type 0 or more."),
        ({"low_at": "few"}, "Type a whole number, such as 20."),
        ({"agreed_above": "-1"}, "Type 0 or more."),
    ],
)
def test_a_rule_that_cannot_be_says_why(as_alice, fields, said):
    page = change(as_alice, **fields)
    assert page.status_code == 422
    assert said in page.content.decode()
