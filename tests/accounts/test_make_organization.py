"""An operator makes the first organisation; its admin can sign in."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry, Membership, Organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    def typed(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


def test_the_admin_can_sign_in(client, typed, alice):
    typed("far away and long ago\n")
    told = io.StringIO()
    call_command("make_organization", "Running clinic", admin="Admin@Example.com", stdout=told)
    assert told.getvalue() == "admin@example.com is the admin of Running clinic and can sign in now.\n"
    membership = Membership.objects.get(organization__name="Running clinic")
    assert membership.role == Membership.Role.ADMIN
    assert client.login(email="admin@example.com", password="far away and long ago")
    assert AuditEntry.objects.filter(organization=membership.organization, action=AuditEntry.Action.MEMBER_ADDED)


def test_somebody_known_keeps_the_password(carol, typed):
    typed("")
    before = carol.password
    call_command("make_organization", "A second clinic", admin=carol.email, stdout=io.StringIO())
    carol.refresh_from_db()
    assert carol.password == before
    assert carol.memberships.count() == 2


@pytest.mark.parametrize(
    ("name", "admin", "password", "told"),
    [
        ("Track club", "admin@example.com", "x", "There is an organisation “Track club” already. Choose another name."),
        ("New club", "admin", "x", "“admin” is not an e-mail address. Check its spelling."),
        (
            "New club",
            "admin@example.com",
            "secret7",
            "This password is too short. It must contain at least 10 characters.",
        ),
    ],
)
def test_what_cannot_be_is_one_line_and_makes_nothing(organization, typed, name, admin, password, told):
    typed(f"{password}\n")
    with pytest.raises(CommandError) as stopped:
        call_command("make_organization", name, admin=admin, stdout=io.StringIO())
    assert str(stopped.value) == told
    assert list(Organization.objects.all()) == [organization]


@pytest.mark.parametrize(("name", "letters"), [("", 0), ("\u202e \x00", 0), ("x" * 121, 121)])
def test_what_nobody_could_read_is_no_name(organization, name, letters):
    with pytest.raises(CommandError, match=f"a name has 1 to 120 letters, not {letters}"):
        call_command("make_organization", name, "--admin=admin@example.com")
    assert list(Organization.objects.all()) == [organization]


def test_half_a_sign_from_the_shell_is_left_out(carol):
    call_command("make_organization", "Half \udcff a club", admin=carol.email, stdout=io.StringIO())
    assert carol.memberships.filter(organization__name="Half a club").exists()
