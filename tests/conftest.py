"""The cast: Alice runs an organisation, Bob may only read in it, Charlie is a stranger with his own."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Membership, Organization, User
from subjects.models import Subject


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Every test writes films into its own folder and needs no collected static files."""
    settings.STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _member(organization: Organization, name: str, role: str) -> User:
    user = User.objects.create_user(f"{name}@example.com", "a long password", name=name.title())
    Membership.objects.create(organization=organization, user=user, role=role)
    return user


@pytest.fixture
def organization(db):
    return Organization.objects.create(name="Track club")


@pytest.fixture
def alice(organization):
    return _member(organization, "alice", Membership.Role.ADMIN)


@pytest.fixture
def carol(organization):
    """A coach: writes, but manages nothing."""
    return _member(organization, "carol", Membership.Role.COACH)


@pytest.fixture
def bob(organization):
    return _member(organization, "bob", Membership.Role.CLINIC)


@pytest.fixture
def charlie(db):
    return _member(Organization.objects.create(name="Elsewhere"), "charlie", Membership.Role.ADMIN)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice):
    return _signed_in(alice)


@pytest.fixture
def as_carol(carol):
    return _signed_in(carol)


@pytest.fixture
def as_bob(bob):
    return _signed_in(bob)


@pytest.fixture
def as_charlie(charlie):
    return _signed_in(charlie)


@pytest.fixture
def runner(organization):
    return Subject.objects.create(organization=organization, name="Runner 01", height_m=1.75, weight_kg=68)
