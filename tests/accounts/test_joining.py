"""Somebody is invited, follows the link, and works here; nobody else gets in by it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import LastAdmin, accept, invite, leave, withdraw
from accounts.models import AuditEntry, Invitation, Membership, User
from subjects.models import Group

INVITE = "/members/invite/"
NEW = {"name": "Dana", "password": "far away and long ago"}


@pytest.fixture
def invited(as_alice, settings):
    """Invite somebody; return the path of the link."""

    def invited(email="Dana@Example.com", role="coach") -> str:
        page = as_alice.post(INVITE, {"email": email, "role": role}).content.decode()
        return re.search(r"data-link>([^<]+)<", page)[1].removeprefix(settings.PUBLIC_URL)

    return invited


def test_who_follows_the_link_chooses_a_password_and_works_here(invited, client, organization, mailoutbox):
    link = invited()
    assert mailoutbox[0].to == ["dana@example.com"]
    assert link in mailoutbox[0].body
    assert mailoutbox[0].subject == "Track club invites you to Coachportal"
    assert "Join Track club" in client.get(link).content.decode()
    answer = client.post(link, NEW, follow=True)
    assert "Welcome to Track club." in answer.content.decode()
    assert organization.memberships.get(user__email="dana@example.com").role == "coach"
    assert AuditEntry.objects.filter(action="member_added", about="dana@example.com · coach").count() == 1


def test_who_has_just_chosen_a_password_is_not_asked_for_it_to_set_up_a_second_factor(invited, client):
    client.post(invited(), NEW)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_the_link_works_once(invited, client):
    link, other = invited(), invited("eve@example.com")
    client.post(link, NEW)
    answer = client.get(link)
    assert answer.status_code == 404
    assert "If you have joined, sign in; if not, ask for a new one." in answer.content.decode()
    assert client.get(other).status_code == 200


def test_after_seven_days_it_is_dead(invited, client):
    link = invited()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(link).status_code == 404
    assert client.post(link, NEW).status_code == 404
    assert not User.objects.filter(email="dana@example.com").exists()


def test_a_new_link_ends_the_old_one(invited, as_alice, client):
    old = invited()
    again = as_alice.post(f"/members/invitations/{Invitation.objects.get().code}/again/").content.decode()
    assert client.get(old).status_code == 404
    assert client.get(re.search(r"data-link>https?://[^/]+([^<]+)<", again)[1]).status_code == 200


def test_a_withdrawn_link_is_dead_and_another_s_is_not(invited, as_alice, client):
    link, other = invited(), invited("eve@example.com")
    code = Invitation.objects.get(email="dana@example.com").code
    done = as_alice.post(f"/members/invitations/{code}/withdraw/", follow=True)
    assert "The link of dana@example.com no longer works." in done.content.decode()
    assert client.get(link).status_code == 404
    assert client.get(other).status_code == 200
    again = as_alice.post(f"/members/invitations/{code}/again/", follow=True)
    assert "This invitation is settled already." in again.content.decode()


def test_the_secret_is_kept_nowhere(invited):
    token = invited().split("/")[2]
    assert token not in str(Invitation.objects.values().get())


def test_a_password_that_is_too_short_is_refused_in_place(invited, client):
    answer = client.post(invited(), {"name": "Dana", "password": "short"})
    assert answer.status_code == 422
    text = "This password is too short. It must contain at least 10 characters."
    assert text in answer.content.decode()


def test_a_password_that_is_missing_is_told_once(invited, client):
    answer = client.post(invited(), {"name": "Dana", "password": ""})
    assert answer.context["form"].errors == {"password": ["This field is required."]}


def test_somebody_with_an_account_signs_in_first_and_keeps_the_password(invited, as_charlie, client, charlie):
    link = invited("charlie@example.com", role="clinic")
    assert client.get(link)["Location"] == f"/accounts/login/?next={link}"
    assert as_charlie.post(link).status_code == 302
    charlie.refresh_from_db()
    assert charlie.check_password("a long password")
    assert charlie.memberships.filter(organization__name="Track club", role="clinic").exists()


def test_nobody_else_can_use_it(invited, as_charlie, as_bob, charlie, bob):
    answer = as_bob.post(invited("charlie@example.com"))
    assert answer.status_code == 403
    assert "It is for charlie@example.com. Sign out, then follow the link again." in answer.content.decode()
    assert charlie.memberships.count() == 1


def test_a_link_withdrawn_a_moment_ago_makes_nobody_a_member(organization, alice):
    read_before, _ = invite(organization=organization, email="dana@example.com", role="admin", by=alice)
    withdraw(invitation=read_before)
    assert accept(invitation=read_before, user=None, **NEW) is None
    assert not User.objects.filter(email="dana@example.com").exists()


@pytest.mark.parametrize(
    ("email", "text"),
    [
        ("CAROL@example.com", "carol@example.com is a member already. Change the role in the list."),
        ("dana@example.com", "dana@example.com is invited already. Send that invitation again."),
    ],
)
def test_nobody_is_invited_twice(as_alice, carol, invited, email, text):
    invited()
    answer = as_alice.post(INVITE, {"email": email, "role": "admin"})
    assert answer.status_code == 422
    assert text in answer.content.decode()


def test_without_mail_the_page_says_to_pass_the_link_on(as_alice, monkeypatch):
    def no_server(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr("accounts.views.joining.send_mail", no_server)
    page = as_alice.post(INVITE, {"email": "dana@example.com", "role": "coach"}).content.decode()
    assert "The mail could not be sent. Pass the link on yourself; it is shown only now." in page


def test_a_suspended_member_sees_nothing_until_readmitted(as_alice, as_bob, bob):
    place = f"/members/{Membership.objects.get(user=bob).pk}"
    said = as_alice.post(f"{place}/suspend/", follow=True).content.decode()
    assert "Bob sees nothing here until you readmit them." in said
    assert as_bob.get("/runners/").status_code == 403
    as_alice.post(f"{place}/readmit/")
    assert as_bob.get("/runners/").status_code == 200


def test_the_last_admin_cannot_be_suspended_nor_leave(as_alice, alice):
    text = "Somebody has to be admin here. Make another person admin first."
    place = f"/members/{Membership.objects.get(user=alice).pk}/suspend/"
    assert text in as_alice.post(place, follow=True).content.decode()
    assert text in as_alice.post("/members/leave/", follow=True).content.decode()
    assert Membership.objects.get(user=alice).suspended_at is None


def test_who_became_the_last_admin_a_moment_ago_stays(alice):
    read_before = Membership.objects.get(user=alice)
    read_before.role = Membership.Role.COACH
    with pytest.raises(LastAdmin):
        leave(membership=read_before)
    assert Membership.objects.get(user=alice).is_admin


def test_an_admin_who_cannot_sign_in_any_more_does_not_count(alice, bob):
    Membership.objects.filter(user=bob).update(role=Membership.Role.ADMIN)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(LastAdmin):
        leave(membership=Membership.objects.get(user=alice))


def test_who_is_a_member_by_another_way_stays_what_they_are(invited, as_charlie, charlie, organization):
    link = invited(charlie.email, "clinic")
    Membership.objects.create(organization=organization, user=charlie, role="admin", suspended_at=timezone.now())
    as_charlie.post(link)
    member = organization.memberships.get(user=charlie)
    assert member.is_admin
    assert member.suspended_at, "only an admin readmits"


def test_who_leaves_is_gone(as_carol, carol):
    as_carol.post("/members/leave/")
    assert as_carol.get("/runners/").status_code == 403
    assert not carol.memberships.exists()


def test_when_a_member_was_last_here_is_known_to_ten_minutes(as_carol, carol, alice):
    Membership.objects.update(seen_at=None)
    as_carol.get("/runners/")
    seen = Membership.objects.get(user=carol).seen_at
    assert timezone.now() - seen < timedelta(minutes=1)
    as_carol.get("/runners/")
    assert Membership.objects.get(user=carol).seen_at == seen
    with time_machine.travel(seen + timedelta(minutes=11)):
        as_carol.get("/runners/")
    assert Membership.objects.get(user=carol).seen_at - seen > timedelta(minutes=10)
    assert Membership.objects.get(user=alice).seen_at is None


@pytest.mark.django_db(transaction=True)
def test_pages_are_shown_while_the_database_takes_nothing_new(as_carol, read_only):
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert as_carol.get("/runners/").status_code == 200


def test_where_a_second_factor_is_asked_for_nobody_sees_anything_without_one(as_alice, as_carol, carol):
    said = as_alice.post("/members/second-factor/", {"needed": "1"}, follow=True)
    assert "Everybody needs a second factor from now on." in [str(one) for one in said.context["messages"]][:1]
    answer = as_carol.get("/runners/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    page = as_carol.get("/accounts/2fa/").content.decode()
    assert "Track club asks for a second factor. Set one up to go on." in page


def test_with_an_authenticator_app_they_go_on(as_alice, as_carol, carol):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    as_alice.post("/members/second-factor/", {"needed": "1"})
    TOTP.activate(carol, generate_totp_secret())
    assert as_carol.get("/runners/").status_code == 200


@pytest.mark.parametrize("page", ["/accounts/2fa/", "/accounts/sessions/"])
def test_the_pages_about_one_s_own_sign_in_open(as_carol, page):
    assert as_carol.get(page).status_code == 200


def test_who_is_invited_with_groups_looks_after_them(as_alice, client, organization, settings):
    group = Group.objects.create(organization=organization, name="Juniors")
    page = as_alice.post(INVITE, {"email": "dana@example.com", "role": "coach", "groups": [group.pk]}).content.decode()
    assert AuditEntry.objects.get(action="member_invited").about == "dana@example.com · coach · Juniors"
    assert "Coach · Juniors" in as_alice.get("/members/").content.decode()
    client.post(re.search(r"data-link>([^<]+)<", page)[1].removeprefix(settings.PUBLIC_URL), NEW)
    assert [one.user.name for one in group.members.all()] == ["Dana"]


def test_nobody_is_invited_into_a_group_of_others(as_alice, charlie):
    theirs = Group.objects.create(organization=charlie.memberships.get().organization, name="Theirs")
    answer = as_alice.post(INVITE, {"email": "dana@example.com", "role": "coach", "groups": [theirs.pk]})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()
