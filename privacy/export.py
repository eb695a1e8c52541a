"""Everything about a runner as one ZIP, made while it is sent: memory stays small however many films there are.

Inside: pages to read (index.html, and one beside each result), the numbers as a table, every row as JSON, every film
and file, and what the record says about the runner. Secrets of the house (sealed keys, digests of links) are left out.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tables import table
from analyses.models import Analysis, Measurement
from clips import storage
from clips.models import Clip
from privacy.belongings import Belongings, belongings_of
from privacy.export_pages import folder_of, has_page, result_page, runner_page
from privacy.scans import ENDINGS
from reports.models import Report
from subjects.models import Consent, Subject

STYLES = ("tokens.css", "export.css")
BLOCK_BYTES = 256 * 1024
NUMBER_COLUMNS = ("analysis", "date", "view", "measure", "side", "phase", "value", "unit", "uncertainty_95", "steps")
SECRET = ("sealed_", "token", "webhook_")


class _Pipe(io.RawIOBase):
    """What the ZIP is written into; what was written is taken out and sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def export_of(subject: Subject) -> Iterator[bytes]:
    """Yield the ZIP in pieces. What is missing in the storage is named in missing.txt, and the rest is given."""
    found = belongings_of(subject)
    pipe, missing = _Pipe(), []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        films = sorted(name for name, _ in _films(found))
        archive.writestr("index.html", runner_page(subject, films=films, entries=_entries(subject)))
        for name in STYLES:
            archive.writestr(f"style/{name}", (settings.BASE / "static" / "css" / name).read_text())
        yield pipe.take()
        for analysis in filter(has_page, found.rows(Analysis)):
            archive.writestr(f"{folder_of(analysis)}/index.html", result_page(analysis))
            yield pipe.take()
        for name, rows in _tables(subject, found):
            with archive.open(name, "w", force_zip64=True) as target:
                for text in rows:
                    target.write(text.encode())
                    if data := pipe.take():
                        yield data
            yield pipe.take()
        for name, key in _files(found):
            try:
                yield from _copy(archive, pipe, name, key)
            except FileNotFoundError:
                missing.append(name)
        if missing:
            archive.writestr("missing.txt", "These files are no longer in the storage:\n" + "\n".join(missing) + "\n")
    yield pipe.take()


def _copy(archive: zipfile.ZipFile, pipe: _Pipe, name: str, key: str) -> Iterator[bytes]:
    """Put one file in as it is: films do not become smaller by packing."""
    with storage.open_file(key) as file:
        entry = zipfile.ZipInfo(name, date_time=timezone.localtime().timetuple()[:6])
        entry.compress_type = zipfile.ZIP_STORED
        with archive.open(entry, "w", force_zip64=True) as target:
            while block := file.read(BLOCK_BYTES):
                target.write(block)
                yield pipe.take()
    yield pipe.take()


def _entries(subject: Subject) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(organization=subject.organization_id).of_runner(subject.code)
    return entries.select_related("by").order_by("number")


def _tables(subject: Subject, found: Belongings) -> Iterator[tuple[str, Iterable[str]]]:
    yield "numbers.csv", _numbers(found)
    yield "record.csv", _record(subject)
    for model in found.models:
        if model._meta.app_label != "admin":
            yield f"data/{model._meta.model_name}.json", _json(found, model)


def _json(found: Belongings, model: type[models.Model]) -> Iterator[str]:
    fields = [
        one for one in model._meta.concrete_fields if not one.name.startswith(SECRET) and "digest" not in one.name
    ]
    yield "["
    for number, row in enumerate(found.rows(model)):
        told = {field.name: field.value_from_object(row) for field in fields}
        yield (",\n" if number else "\n") + json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
    yield "\n]\n"


def _numbers(found: Belongings) -> Iterator[str]:
    analyses = {one.pk: one for one in found.rows(Analysis)}

    def row_of(one: Measurement) -> tuple[object, ...]:
        analysis = analyses[one.analysis_id]
        at = f"{timezone.localtime(analysis.ordered_at):%Y-%m-%d %H:%M}"
        number = (one.key, one.side, one.phase, one.value, one.unit, one.uncertainty_95, one.count)
        return (analysis.code, at, analysis.view, *number)

    return table(NUMBER_COLUMNS, map(row_of, found.rows(Measurement)))


def _record(subject: Subject) -> Iterator[str]:
    rows = (
        (f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}", str(one.by or ""), one.get_action_display(), one.about)
        for one in _entries(subject).iterator(chunk_size=500)
    )
    return table(("when", "who", "what", "about"), rows)


def _films(found: Belongings) -> Iterator[tuple[str, str]]:
    for clip in found.rows(Clip):
        if not clip.has_original:
            continue  # kept as long as the organisation keeps films
        day = timezone.localdate(clip.created_at)
        yield f"films/{day}-{str(clip.code)[:8]}-{clip.download_name}", clip.original_key


def _files(found: Belongings) -> Iterator[tuple[str, str]]:
    """Yield every stored file of the runner as (name in the ZIP, key)."""
    yield from _films(found)
    for analysis in found.rows(Analysis):
        prefix = f"results/{analysis.code}/"
        for key in sorted(storage.every_key(prefix)):
            yield f"{folder_of(analysis)}/{key.removeprefix(prefix)}", key
    for report in found.rows(Report):
        yield f"reports/{timezone.localdate(report.made_at)}-{str(report.code)[:8]}.pdf", report.key
    for consent in found.rows(Consent):
        if consent.scan_key:
            ending = ENDINGS[consent.scan_type]
            yield f"consents/{consent.given_on:%Y-%m-%d}-{str(consent.code)[:8]}.{ending}", consent.scan_key
