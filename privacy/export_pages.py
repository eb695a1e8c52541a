"""The pages to read inside a runner's export: one about the runner, and one for each result beside its files."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import AuditEntry
from analyses.models import Analysis
from analyses.readout import readout
from reports.shared import points_of
from subjects.models import Consent, Note, Subject


def folder_of(analysis: Analysis) -> str:
    return f"results/{timezone.localdate(analysis.ordered_at)}-{analysis.view}-{str(analysis.code)[:8]}"


def runner_page(subject: Subject, *, films: Sequence[str], entries: QuerySet[AuditEntry]) -> str:
    """Write the first page; `films` are their names in the export, `entries` what the record says of the runner."""
    analyses = Analysis.objects.filter(subject=subject).select_related("account").order_by("-ordered_at")
    shown = {
        "runner": subject,
        "made_at": timezone.now(),
        "analyses": [(one, folder_of(one) if has_page(one) else "") for one in analyses],
        "notes": Note.objects.filter(subject=subject).select_related("by"),
        "consents": Consent.objects.filter(subject=subject),
        "entries": entries,
        "films": films,
    }
    return render_to_string("privacy/export.html", shown)


def has_page(analysis: Analysis) -> bool:
    """Whether there are numbers to read: it did not fail, and they were not kept long enough and removed."""
    return analysis.status == Analysis.Status.SUCCEEDED


def result_page(analysis: Analysis) -> str:
    """Write what the portal's own page says of a result: the score, what stands out, and every number."""
    result = readout(analysis)
    kept = (analysis.result.film_key, analysis.result.raw_key)
    film, raw = (key.rpartition("/")[2] for key in kept)
    shown = {"analysis": analysis, "result": result, "points": points_of(result), "film": film, "raw": raw}
    return render_to_string("privacy/export_result.html", shown)
