"""Members, the audit log, and the switch, as an admin meets them."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts.models import AuditEntry, Membership, Organization, User

MEMBERS = "/members/"
INVITE = "/members/invite/"


def member(user: User) -> Membership:
    return Membership.objects.get(user=user)


@pytest.mark.parametrize("url", [MEMBERS, "/members/audit/"])
def test_only_an_admin_sees_who_works_here(as_alice, as_carol, as_bob, url):
    assert as_alice.get(url).status_code == 200
    assert as_carol.get(url).status_code == 403
    assert as_bob.get(url).status_code == 403


@pytest.mark.parametrize("name", ["change_role", "remove_member"])
def test_a_member_of_another_organisation_does_not_exist(as_alice, charlie, name):
    url = reverse(f"accounts:{name}", args=[member(charlie).pk])
    assert as_alice.post(url, {"role": "clinic"}).status_code == 404
    assert member(charlie).role == "admin"


def test_reading_where_something_changes_is_refused(as_alice, alice, organization):
    for url in (
        INVITE,
        reverse("accounts:change_role", args=[member(alice).pk]),
        reverse("accounts:remove_member", args=[member(alice).pk]),
        reverse("accounts:switch", args=[organization.code]),
    ):
        assert as_alice.get(url).status_code == 405


def test_a_role_is_changed_and_remembered(as_alice, bob):
    answer = as_alice.post(reverse("accounts:change_role", args=[member(bob).pk]), {"role": "coach"}, follow=True)
    assert "Bob is Coach now." in answer.content.decode()
    assert member(bob).role == "coach"
    assert "bob@example.com · Coach" in as_alice.get("/members/audit/").content.decode()


def test_a_role_that_does_not_exist_changes_nothing(as_alice, bob):
    answer = as_alice.post(reverse("accounts:change_role", args=[member(bob).pk]), {"role": "king"}, follow=True)
    assert "Choose one of the three roles." in answer.content.decode()
    assert member(bob).role == "clinic"


@pytest.mark.parametrize("name", ["change_role", "remove_member"])
def test_the_last_admin_stays(as_alice, alice, charlie, name):
    answer = as_alice.post(reverse(f"accounts:{name}", args=[member(alice).pk]), {"role": "coach"}, follow=True)
    assert "Somebody has to be admin here. Make another person admin first." in answer.content.decode()
    assert member(alice).is_admin


def test_who_removes_themselves_leaves_the_list(as_alice, alice, carol):
    Membership.objects.filter(user=carol).update(role="admin")
    answer = as_alice.post(reverse("accounts:remove_member", args=[member(alice).pk]))
    assert answer["Location"] == "/"
    assert not Membership.objects.filter(user=alice).exists()


def test_a_removed_member_sees_nothing_more(as_alice, as_bob, bob):
    as_alice.post(reverse("accounts:remove_member", args=[member(bob).pk]))
    answer = as_bob.get("/runners/")
    assert answer.status_code == 403
    assert "no organisation has added you" in answer.content.decode()
    assert AuditEntry.objects.get(action="member_removed").about == "bob@example.com"


def test_a_person_in_two_organisations_switches_between_them(as_carol, carol):
    other = Organization.objects.create(name="Another club")
    Membership.objects.create(organization=other, user=carol, role="admin")
    assert "Another club" in as_carol.get("/runners/").content.decode()
    assert as_carol.post(reverse("accounts:switch", args=[other.code])).status_code == 302
    assert as_carol.get(MEMBERS).status_code == 200


def test_nobody_switches_to_an_organisation_without_them(as_carol, charlie):
    other = charlie.memberships.get().organization
    assert as_carol.post(reverse("accounts:switch", args=[other.code])).status_code == 404


def test_the_list_of_members_says_who_has_a_second_factor(as_alice, bob):
    assert "Second factor</span>" not in as_alice.get(MEMBERS).content.decode()
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=bob, type=kind, data={})
    rows = as_alice.get(MEMBERS).content.decode().split("<tr>")
    assert ["bob@example.com" in row for row in rows if "Second factor</span>" in row] == [True]


def test_the_list_of_members_takes_the_same_few_queries_for_many(as_alice, organization, django_assert_num_queries):
    for number in range(60):
        user = User.objects.create_user(f"member{number}@example.com", name=f"Member {number}")
        Membership.objects.create(organization=organization, user=user, role="coach")
    as_alice.get(MEMBERS)
    with django_assert_num_queries(10):
        answer = as_alice.get(MEMBERS)
    assert "1–50 of 61" in answer.content.decode()


def test_the_record_of_deeds_takes_the_same_few_queries_for_many(
    as_alice, alice, organization, django_assert_num_queries
):
    for number in range(60):
        AuditEntry.objects.create(organization=organization, by=alice, action="exported", about=f"file {number}")
    as_alice.get("/members/audit/")
    with django_assert_num_queries(8):
        answer = as_alice.get("/members/audit/")
    assert "file 59" in answer.content.decode()
    assert "file 3<" not in answer.content.decode()
