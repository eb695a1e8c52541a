"""The cast: Alice runs an organisation, Bob may only read in it, Charlie is a stranger with his own."""

from __future__ import annotations

import io

import pytest
from django.test import Client

from accounts import wall
from accounts.models import Membership, Organization, User
from analyses import actions
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.models import Clip
from subjects.models import Subject

FILM = b"film " * 40_000


@pytest.fixture(autouse=True)
# Tests make and compare rows of all organisations; the requests they send begin with none in sight all the same.
wall.open_for("the tests look from above")


@pytest.fixture(autouse=True)
def _from_above():
    with wall.everything("the tests look from above"):
        yield


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


@pytest.fixture
def clip(organization):
    clip = Clip.objects.create(
        organization=organization,
        original_name="run.mp4",
        folder=storage.new_folder(),
        status=Clip.Status.PROBED,
        size_bytes=len(FILM),
        container="mp4",
        codec="h264",
        duration_s=6.0,
        fps=60,
        frame_count=360,
        rotation_deg=0,
        width_px=1080,
        height_px=1920,
    )
    storage.put(clip.original_key, io.BytesIO(FILM))
    return clip


@pytest.fixture
def engine_account(organization):
    return ProviderAccount.objects.create(organization=organization, kind="engine")


@pytest.fixture
def order(clip, runner, engine_account, alice):
    """Order the side view of the film on a treadmill; free unless another account is named."""

    def make(**changes) -> Analysis:
        fields = {
            "clip": clip,
            "subject": runner,
            "account": engine_account,
            "view": "side_view",
            "treadmill": True,
            "pace_s_per_km": 360,
            "by": alice,
        }
        return actions.order_analysis(**{**fields, **changes})

    return make
