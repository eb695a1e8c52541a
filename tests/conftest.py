"""The cast: Alice runs an organisation, Bob may only read in it, Charlie is a stranger with his own."""

from __future__ import annotations

import gc
import io
import shutil
import signal
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone, translation
from xdist.scheduler import LoadFileScheduling

from accounts import append_only, wall
from accounts.models import Membership, Organization, User
from analyses import actions
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.models import Clip
from credits import append_only as the_ledger_s
from credits import ledger
from subjects.models import Group, Subject
from tests import migrated
from tests.driving import chromium  # noqa: F401 - a fixture

FILM = b"film " * 40_000
# What runs on the same servers, by the name of a scope.
SHARED_SERVERS = {
    "real servers": ("tests/services/",),
    "measuring server": ("tests/engine/server/", "tests/contract/", "tests/providers/test_against_engine.py"),
}


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that of several processes none waits for the other at the end.

    That is the real servers, then the browser, then the measuring server, and of the fast ones those in this folder:
    they walk every address.
    """
    folder = Path(__file__).parent
    items.sort(
        key=lambda item: (
            not item.get_closest_marker("services"),
            not item.get_closest_marker("browser"),
            not ("engine_server" in item.fixturenames and item.get_closest_marker("slow")),
            item.path.parent != folder,
        )
    )


class _ServersOnce(LoadFileScheduling):
    """File by file, but what runs on the same servers in one process: each would start them for itself."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        if file == "tests/services/test_local_only.py":  # in a network of its own, where nobody else's servers are
            return file
        return next((servers for servers, parts in SHARED_SERVERS.items() if file.startswith(parts)), file)


def pytest_xdist_make_scheduler(config, log):
    return _ServersOnce(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish():
    """Have the collector pass over what was loaded for all tests: it would look through it for nothing, each time."""
    gc.freeze()


# Tests make and compare rows of all organisations; the requests they send begin with none in sight all the same.
wall.open_for("the tests look from above")


@pytest.fixture(autouse=True)
def _from_above():
    with wall.everything("the tests look from above"):
        yield


@pytest.fixture(autouse=True)
def _in_english():
    """A request leaves its language behind in the thread; the next test begins without it."""
    with translation.override("en"):
        yield


@pytest.fixture
def signals():
    """A program that runs within a test answers signals its own way; afterwards Ctrl-C ends the tests again."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def copy_migrated(request, tmp_path_factory):
    """Copy a database that has gone through all migrations: once for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    return lambda path: shutil.copy(migrated.once(shared / "migrated"), path)


@pytest.fixture(scope="session")
def empty_portal(copy_migrated):
    """Make a data folder in which the database stands ready, with nothing in it."""

    def make(var: Path) -> Path:
        var.mkdir(parents=True, exist_ok=True)
        copy_migrated(var / migrated.NAME)
        return var

    return make


@pytest.fixture(scope="session")
def django_db_keepdb(request, django_db_keepdb, django_db_use_migrations):
    """Several processes that need the migrations begin with a copy; one alone goes through them by itself."""
    return django_db_keepdb or (django_db_use_migrations and hasattr(request.config, "workerinput"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_keepdb, copy_migrated, tmp_path_factory):
    """Give each run of the tests a database file of its own: two runs at once must not meet."""
    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.sqlite3":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        if django_db_keepdb:
            copy_migrated(path)
        database["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path, monkeypatch):
    """Every test writes films into its own folder and needs no collected static files."""
    monkeypatch.setattr("os.fsync", lambda file: None)  # no test's film outlives a power cut
    settings.STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    # Limits count for one test alone.
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _member(organization: Organization, name: str, role: str) -> User:
    user = User.objects.create_user(f"{name}@example.com", "a long password", name=name.title())
    Membership.objects.create(organization=organization, user=user, role=role, seen_at=timezone.now())
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
def read_only(db):
    """From here on the database takes nothing new, as a copy that stands in for it."""
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        yield
        cursor.execute("PRAGMA query_only = OFF")


@pytest.fixture
def engine_account(organization):
    return ProviderAccount.objects.create(organization=organization, kind="engine")


@pytest.fixture
def account(organization):
    """A service outside, where an order costs a credit."""
    return ProviderAccount.objects.create(organization=organization, kind="ochy")


@pytest.fixture
def credits(organization, alice):
    ledger.give(organization=organization, amount=5, reason="start", by=alice)


@pytest.fixture
def asks_for_consent(organization):
    """Before a film or a result leaves the house."""
    organization.consent_for = Organization.ConsentFor.LEAVING
    organization.save()


@pytest.fixture
def juniors(organization):
    return Group.objects.create(organization=organization, name="Juniors")


@pytest.fixture
def walled(organization, juniors, carol):
    """Coaches see only their groups; Carol looks after the juniors."""
    organization.coaches_see_groups = True
    organization.save()
    juniors.members.add(Membership.objects.get(user=carol))
    return juniors


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


@pytest.fixture(autouse=True, scope="session")
def _tests_may_empty_the_record():
    """SQLite empties a table row by row, which record and ledger refuse; the next migrate signal guards them again."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_all(self, sql_list):
        if self.connection.vendor == "sqlite":
            with self.connection.cursor() as cursor:
                append_only.remove_from_sqlite(cursor)
                the_ledger_s.remove_from_sqlite(cursor)
        return flush(self, sql_list)

    BaseDatabaseOperations.execute_sql_flush = flush_all
    yield
    BaseDatabaseOperations.execute_sql_flush = flush
