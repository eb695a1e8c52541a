"""A backup is a folder: manifest.json, settings.env, rows/<table>.jsonl, files/<key>; the manifest has every sum."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.sealed import seal, unseal
from clips import storage
from coachportal.backup import rows

FORMAT = 1
PROBE = "coachportal"
BLOCK_BYTES = 1024 * 1024
SECRET = re.compile(r"KEY|SECRET|PASSWORD|TOKEN")
CREDENTIALS = re.compile(r"://[^/\s]*@")
PASSING = "health/"  # written by /readyz for a moment
MAY_STAY = "tombstones/"  # in a portal that is otherwise empty: who must stay erased


class BackupError(Exception):
    """What keeps a backup from being made or restored, in words for the operator."""


@dataclass
class Report:
    """What was copied or compared."""

    rows: int = 0
    tables: int = 0
    files: int = 0
    bytes: int = 0
    notes: list[str] = field(default_factory=list)


def make(target: Path) -> Report:
    """Copy rows and files into the new folder `target` while the portal runs. Raises BackupError."""
    _begin(target)
    report = Report()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    with rows.snapshot():
        migrations = rows.migrations()
        tables = {rows.name_of(model): _write_rows(model, target / "rows", report) for model in rows.tables()}
    # After the rows: a film that came meanwhile is one too many, never one too few.
    files = _copy_out(target / "files", report)
    _write(target / "settings.env", "".join(f"{name}={value}\n" for name, value in plain_settings()))
    manifest = {
        "format": FORMAT,
        "made_at": made_at,
        "database": connection.vendor,
        "migrations": migrations,
        "sealed": seal(PROBE),
        "rows": tables,
        "files": files,
    }
    # Last: a folder without it is a backup that did not end.
    _write(target / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
    return report


def restore(source: Path) -> Report:
    """Fill this empty portal from `source`, then compare all of it. Raises BackupError, before anything is changed
    where that can be known before.
    """
    manifest = read_manifest(source)
    _check_sums(source, manifest)
    _check_place(manifest)
    rows.load(source / "rows")
    for entry in manifest["files"]:
        with (source / "files" / entry["key"]).open("rb") as file:
            storage.put(entry["key"], file)
    report = compare(source)
    report.notes += _unreadable_seals(manifest)
    for path in settings.AFTER_RESTORE:
        report.notes.append(f"{path}: {import_string(path)()}")
    return report


def compare(source: Path) -> Report:
    """Compare every row and every file here with a backup. Raises BackupError naming the first differences."""
    manifest, report, wrong = read_manifest(source), Report(), []
    with rows.snapshot():
        for model in rows.tables():
            name = rows.name_of(model)
            report.tables += 1
            differing, count = _differing(source / "rows" / f"{name}.jsonl", rows.lines(model))
            report.rows += count
            if differing:
                wrong.append(f"{name}: {differing} rows differ")
    there = set(_keys())
    for entry in manifest["files"]:
        report.files += 1
        report.bytes += entry["bytes"]
        if entry["key"] not in there or _sum_of_stored(entry["key"]) != entry["sha256"]:
            wrong.append(f"{entry['key']} differs or is missing")
    if wrong:
        raise BackupError(f"{len(wrong)} differences:\n" + "\n".join(wrong[:20]))
    return report


def read_manifest(source: Path) -> dict[str, Any]:
    """Return what a backup says of itself. Raises BackupError."""
    try:
        manifest: dict[str, Any] = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BackupError(f"{source} holds no finished backup: manifest.json is missing or damaged.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"This backup has the format {manifest.get('format')}; this portal reads {FORMAT}.")
    return manifest


def plain_settings() -> Iterator[tuple[str, str]]:
    """The settings of this portal that are no secrets, by the names in .env.example."""
    example = (settings.BASE / ".env.example").read_text(encoding="utf-8")
    for name in re.findall(r"^#?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE):
        value = os.environ.get(name)
        if value and not SECRET.search(name) and not CREDENTIALS.search(value) and "\n" not in value:
            yield name, value


def _begin(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"{target} is not empty. Each backup needs a folder of its own.")
    for folder in (target, target / "rows", target / "files"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.chmod(0o700)


def _write_rows(model: Any, folder: Path, report: Report) -> dict[str, Any]:
    digest, count = hashlib.sha256(), 0
    with (folder / f"{rows.name_of(model)}.jsonl").open("w", encoding="utf-8") as file:
        for line in rows.lines(model):
            file.write(line + "\n")
            digest.update(line.encode() + b"\n")
            count += 1
    report.rows += count
    report.tables += 1
    return {"columns": rows.header(model), "rows": count, "sha256": digest.hexdigest()}


def _keys() -> Iterator[str]:
    return (key for key in storage.every_key() if not key.startswith(PASSING))


def _copy_out(folder: Path, report: Report) -> list[dict[str, Any]]:
    copied = []
    for key in sorted(_keys()):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with storage.open_file(key) as file, path.open("wb") as out:
                shutil.copyfileobj(file, out, BLOCK_BYTES)
        except FileNotFoundError:
            # Erased since the list was made: so it shall be.
            path.unlink(missing_ok=True)
            report.notes.append(f"{key} was removed meanwhile")
            continue
        size = path.stat().st_size
        copied.append({"key": key, "bytes": size, "sha256": storage.sha256(path)})
        report.files += 1
        report.bytes += size
    return copied


def _check_sums(source: Path, manifest: dict[str, Any]) -> None:
    """Read the whole backup before the first change. Raises BackupError."""
    expected = {f"rows/{name}.jsonl": table["sha256"] for name, table in manifest["rows"].items()}
    for entry in manifest["files"]:
        if ".." in PurePosixPath(entry["key"]).parts or entry["key"].startswith("/"):
            raise BackupError(f"The backup names a file outside its folder: {entry['key']}")
        expected[f"files/{entry['key']}"] = entry["sha256"]
    for name, wanted in expected.items():
        path = source / name
        if not path.is_file() or storage.sha256(path) != wanted:
            raise BackupError(f"The backup is damaged: {name} is missing or has another sum than the list says.")


def _check_place(manifest: dict[str, Any]) -> None:
    if not rows.is_empty():
        raise BackupError("This portal has organisations or people already. Restore into an empty one.")
    if (left := next((key for key in _keys() if not key.startswith(MAY_STAY)), None)) is not None:
        raise BackupError(f"The storage of this portal is not empty: {left}. Restore into an empty one.")
    ours = set(rows.migrations())
    theirs = set(manifest["migrations"])
    if ours != theirs:
        other = sorted(ours ^ theirs)[0]
        raise BackupError(f"The backup was made by another version ({other}). Restore with that one, then upgrade.")


def _unreadable_seals(manifest: dict[str, Any]) -> list[str]:
    try:
        unseal(manifest["sealed"])
    except InvalidToken:
        return ["FIELD_KEYS is not the one the backup was made with: the providers' keys cannot be read here."]
    return []


def _differing(path: Path, here: Iterator[str]) -> tuple[int, int]:
    """How many lines differ, and how many there are."""
    differing = count = 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            count += 1
            differing += line.rstrip("\n") != next(here, None)
    return differing + sum(1 for _ in here), count


def _sum_of_stored(key: str) -> str:
    with storage.local_copy(key) as path:
        return storage.sha256(path)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
