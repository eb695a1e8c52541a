"""A backup of a running portal can be restored into an empty one, row by row and file by file."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import append_only
from accounts.models import Organization, User
from analyses.models import ProviderAccount
from clips import storage
from clips.models import Clip
from coachportal.backup import archive, rows
from credits import append_only as the_ledger_s
from door import ROOT
from door.place import from_environment
from subjects.models import Group, Subject

pytestmark = pytest.mark.slow


@pytest.fixture
def things(organization, runner, clip, alice, engine_account, settings):
    """Rows of every kind of field, and a film."""
    settings.AFTER_RESTORE = []
    engine_account.key = "a key that nobody may read"
    engine_account.save()
    runner.groups.add(Group.objects.create(organization=organization, name="Tuesday — 火曜日"))
    runner.notes = 'quotes " and \\ and\nlines'
    runner.save()


def empty() -> None:
    """Take away what `migrate` did not make, as in a new portal."""
    for key in list(storage.every_key()):
        storage.delete(key)
    with connection.cursor() as cursor:
        # The guards stand in the way of a test alone: a new portal has no record and no ledger.
        append_only.remove_from_sqlite(cursor)
        the_ledger_s.remove_from_sqlite(cursor)
    with transaction.atomic():
        for model in rows.tables():
            model._base_manager.all()._raw_delete(using="default")
    append_only.install()
    the_ledger_s.install()


def content(key: str) -> bytes:
    with storage.open_file(key) as file:
        return file.read()


def make(tmp_path) -> Path:
    archive.make(tmp_path / "backup")
    return tmp_path / "backup"


@pytest.mark.django_db(transaction=True)
class TestBackup:
    def test_everything_comes_back_as_it_was(self, things, tmp_path):
        backup = make(tmp_path)
        before = {rows.name_of(model): list(rows.lines(model)) for model in rows.tables()}
        film = content(Clip.objects.get().original_key)
        empty()
        assert not User.objects.exists()
        report = archive.restore(backup)
        assert {rows.name_of(model): list(rows.lines(model)) for model in rows.tables()} == before
        assert report.rows == sum(map(len, before.values())) > 5
        assert report.files == 1
        assert content(Clip.objects.get().original_key) == film
        assert ProviderAccount.objects.get().key == "a key that nobody may read"
        # New rows get new numbers.
        assert Subject.objects.create(organization=Organization.objects.get(), name="Runner 02").pk

    def test_no_secret_is_in_it(self, things, tmp_path, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", "the secret that signs")
        monkeypatch.setenv("DATABASE_URL", "postgres://portal:hunter2@db/portal")
        monkeypatch.setenv("TIME_ZONE", "Europe/Berlin")
        backup = make(tmp_path)
        everything = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
        for secret in (b"the secret that signs", b"hunter2", b"a key that nobody may read"):
            assert secret not in everything
        for key in django_settings.FIELD_KEYS:
            assert key.encode() not in everything
        assert "TIME_ZONE=Europe/Berlin\n" in (backup / "settings.env").read_text()
        assert oct(backup.stat().st_mode & 0o777) == "0o700"

    def test_it_is_refused_where_somebody_lives(self, things, tmp_path):
        backup = make(tmp_path)
        with pytest.raises(archive.BackupError) as refused:
            archive.restore(backup)
        assert str(refused.value) == "This portal has organisations or people already. Restore into an empty one."

    def test_a_damaged_one_changes_nothing(self, things, tmp_path):
        backup = make(tmp_path)
        (path,) = (backup / "files").rglob("original")
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        empty()
        with pytest.raises(archive.BackupError) as refused:
            archive.restore(backup)
        key = path.relative_to(backup / "files")
        assert str(refused.value) == (
            f"The backup is damaged: files/{key} is missing or has another sum than the list says."
        )
        assert rows.is_empty()
        assert list(storage.every_key()) == []

    def test_one_of_another_version_is_refused(self, things, tmp_path):
        backup = make(tmp_path)
        manifest = json.loads((backup / "manifest.json").read_text())
        manifest["migrations"].append("zzz.9999_of_tomorrow")
        (backup / "manifest.json").write_text(json.dumps(manifest))
        empty()
        with pytest.raises(archive.BackupError) as refused:
            archive.restore(backup)
        assert str(refused.value) == (
            "The backup was made by another version (zzz.9999_of_tomorrow). Restore with that one, then upgrade."
        )

    def test_a_file_outside_its_folder_is_never_written(self, things, tmp_path):
        backup = make(tmp_path)
        manifest = json.loads((backup / "manifest.json").read_text())
        manifest["files"][0]["key"] = "../outside"
        (backup / "manifest.json").write_text(json.dumps(manifest))
        empty()
        with pytest.raises(archive.BackupError, match=r"names a file outside its folder: \.\./outside"):
            archive.restore(backup)

    def test_a_storage_that_is_in_use_is_refused(self, things, tmp_path):
        backup = make(tmp_path)
        empty()
        storage.put("films/somebody/original", io.BytesIO(b"film"))
        with pytest.raises(archive.BackupError) as refused:
            archive.restore(backup)
        assert str(refused.value) == (
            "The storage of this portal is not empty: films/somebody/original. Restore into an empty one."
        )

    def test_with_other_field_keys_it_says_what_cannot_be_read(self, things, tmp_path, settings):
        backup = make(tmp_path)
        empty()
        settings.FIELD_KEYS = ["another key altogether"]
        report = archive.restore(backup)
        assert report.notes[0] == (
            "FIELD_KEYS is not the one the backup was made with: the providers' keys cannot be read here."
        )

    def test_the_comparison_finds_what_differs(self, things, tmp_path):
        backup = make(tmp_path)
        Subject.objects.update(name="Another")
        default_storage.delete(Clip.objects.get().original_key)
        with pytest.raises(archive.BackupError) as found:
            archive.compare(backup)
        assert "subjects.subject: 1 rows differ" in str(found.value)
        assert f"{Clip.objects.get().original_key} differs or is missing" in str(found.value)

    def test_what_must_not_come_back_is_told_to_go(self, things, tmp_path, settings, monkeypatch):
        backup = make(tmp_path)
        empty()
        settings.AFTER_RESTORE = ["tests.operation.test_backup.nothing_to_forget"]
        assert archive.restore(backup).notes == ["tests.operation.test_backup.nothing_to_forget: nothing"]

    def test_it_sees_one_moment_while_others_write(self, things, tmp_path):
        if connection.vendor != "sqlite":
            pytest.skip("on PostgreSQL the services tests look at this")
        import sqlite3

        other = sqlite3.connect(connection.settings_dict["NAME"], timeout=5)
        with rows.snapshot():
            before = list(rows.lines(Subject))
            other.execute("UPDATE subjects_subject SET name = 'written meanwhile'")
            other.commit()  # not held up by the backup
            assert list(rows.lines(Subject)) == before
        assert "written meanwhile" in next(rows.lines(Subject))
        other.close()


def nothing_to_forget() -> str:
    return "nothing"


def test_each_backup_needs_a_folder_of_its_own(db, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "manifest.json").write_text("{}")
    with pytest.raises(archive.BackupError) as refused:
        archive.make(tmp_path / "old")
    assert str(refused.value) == f"{tmp_path / 'old'} is not empty. Each backup needs a folder of its own."


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="Not a directory"):
        call_command("backup", str(tmp_path / "file" / "today"))


def test_a_backup_that_did_not_end_is_none(tmp_path):
    with pytest.raises(archive.BackupError) as refused:
        archive.read_manifest(tmp_path)
    assert str(refused.value) == f"{tmp_path} holds no finished backup: manifest.json is missing or damaged."


def test_the_drill_restores_an_empty_portal_elsewhere(empty_portal, tmp_path, monkeypatch, capfd):
    from door import drill

    # The environment the tests run in is set up already.
    monkeypatch.setattr(drill, "set_up", lambda: None)
    monkeypatch.setattr(drill, "from_environment", lambda: from_environment({"VAR": str(tmp_path / "var")}))
    monkeypatch.setenv("VAR", str(tmp_path / "var"))
    manage = drill._manage

    def migrated_already(command, environment):
        return empty_portal(Path(environment["VAR"])) if command[0] == "migrate" else manage(command, environment)

    monkeypatch.setattr(drill, "_manage", migrated_already)
    here = drill.test_environment(str(empty_portal(tmp_path / "var")))
    organization = ["make_organization", "Track club", "--admin", "alice@example.com"]
    subprocess.run(
        [sys.executable, "manage.py", *organization],
        cwd=ROOT,
        env=here,
        check=True,
        input="a long password\n",
        text=True,
    )
    assert drill.restore_drill([]) == 0
    said = capfd.readouterr().out
    assert "each was compared with the backup" in said
    gone = "found in 3 files after the restore of an older backup, and in none after forget_again."
    assert gone in said
    assert "The drill is over; the copy is gone." in said
