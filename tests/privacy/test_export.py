"""Everything about a runner in one file, made while it is sent."""

from __future__ import annotations

import io
import json
import posixpath
import re
import tracemalloc
import zipfile
from codecs import BOM_UTF8
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry
from analyses.actions import cancel_order
from analyses.models import Analysis
from clips import storage
from privacy.export import export_of
from tests.privacy.conftest import EMAIL, NAME


@pytest.fixture
def url(everything):
    return f"/privacy/runners/{everything.code}/export/"


def opened(answer):
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_it_holds_films_numbers_notes_consents_and_the_record(as_alice, url, everything, clip):
    as_alice.get(f"/runners/{everything.code}/")
    archive = opened(as_alice.post(url))
    assert archive.testzip() is None
    names = archive.namelist()
    [film] = [name for name in names if name.startswith("films/")]
    with storage.open_file(clip.original_key) as original:
        assert archive.read(film) == original.read()
    assert [name.rpartition("/")[2] for name in names if name.startswith("results/")] == [
        "index.html",
        "annotated.mp4",
        "raw.json",
        "thumbnail.jpg",
    ]
    [scan] = [name for name in names if name.startswith("consents/")]
    assert archive.read(scan) == b"%PDF-1.7 signed"
    numbers = archive.read("numbers.csv")
    assert numbers.startswith(BOM_UTF8), "else a spreadsheet reads é as Ã©"
    assert "cadence_spm" in numbers.decode()
    record = archive.read("record.csv").decode()
    assert "Looked at a runner" in record
    assert "Recorded a consent" in record
    [row] = json.loads(archive.read("data/subject.json"))
    assert (row["name"], row["email"]) == (NAME, EMAIL)
    page = archive.read("index.html").decode()
    assert NAME in page
    assert f"{NAME} runs again" in page
    assert "You may film me running" in page
    assert film in page
    for style in ("style/tokens.css", "style/export.css"):
        assert style in page
        assert archive.read(style)


def test_a_result_is_read_in_it_without_the_portal(as_alice, alice, url, measured, order, known):
    failed = order(subject=known)
    cancel_order(analysis=failed, by=alice)
    archive = opened(as_alice.post(url))
    names = archive.namelist()
    [page] = [name for name in names if name.startswith("results/") and name.endswith("/index.html")]
    first, read = archive.read("index.html").decode(), archive.read(page).decode()
    assert f'<a href="{page}">Numbers</a>' in first
    assert "You took the order back." in first
    for words in (NAME, "What stands out", "<td>Cadence</td>", "mean ± what we are unsure of (95 %)"):
        assert words in read
    folder = page.removesuffix("index.html")
    links = re.findall(r'(?:href|src)="([^"]+)"', read)
    assert {posixpath.normpath(folder + link) for link in links} <= set(names)


def test_days_are_those_of_the_portals_own_time(as_alice, url, everything):
    Analysis.objects.update(ordered_at=datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    with timezone.override("Asia/Seoul"):
        archive = opened(as_alice.post(url))
        assert ",2026-11-22 08:30," in archive.read("numbers.csv").decode()
    assert any(name.startswith("results/2026-11-22-") for name in archive.namelist())


def test_nothing_in_the_record_becomes_a_formula(as_alice, url, everything, alice):
    alice.name = "=HYPERLINK(1)"
    alice.save()
    record(organization=everything.organization, by=alice, action="exported", about="|calc", runner=everything.code)
    text = opened(as_alice.post(url)).read("record.csv").decode()
    assert ",'=HYPERLINK(1)," in text
    assert ",'|calc" in text


def test_every_kind_of_row_is_in_it(as_alice, url, everything):
    archive = opened(as_alice.post(url))
    data = {name for name in archive.namelist() if name.startswith("data/")}
    assert data >= {
        f"data/{kind}.json" for kind in ("subject", "note", "consent", "clip", "analysis", "move", "result")
    }
    for name in data:
        assert json.loads(archive.read(name))


def test_a_secret_of_the_house_is_not_in_it(as_alice, url, measured, known, alice):
    from reports.actions import share

    link = share(analysis=measured, before=None, contents=["score"], language="en", by=alice)
    archive = opened(as_alice.post(url))
    text = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    assert link.token_hash not in text
    assert link.sealed_token not in text


def test_that_it_was_taken_out_is_on_record(as_alice, alice, url, everything):
    opened(as_alice.post(url))
    entry = AuditEntry.objects.of_runner(everything.code).get(action="exported")
    assert (entry.by, entry.about) == (alice, "everything as one file")


def test_a_film_that_is_gone_is_named_and_the_rest_given(as_alice, url, clip):
    storage.delete(clip.original_key)
    archive = opened(as_alice.post(url))
    assert archive.read("missing.txt").decode().startswith("These files are no longer in the storage:\nfilms/")


@pytest.mark.parametrize("who", ["as_bob", "as_carol"])
def test_only_an_admin_takes_everything_out(url, who, request):
    assert request.getfixturevalue(who).post(url).status_code == 403


def test_memory_stays_small_however_long_the_films(everything, clip):
    storage.put(clip.original_key, io.BytesIO(bytes(24 * 1024 * 1024)))
    everything.refresh_from_db()
    assert Analysis.objects.exists()
    tracemalloc.start()
    size = sum(map(len, export_of(everything)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 24 * 1024 * 1024
    assert peak < 6 * 1024 * 1024
