"""The address of an analysis and the words of an answer, for the tests that read pages."""

from __future__ import annotations

from django.urls import reverse

from analyses.models import Analysis


def page(analysis: Analysis, name: str = "detail") -> str:
    return reverse(f"analyses:{name}", args=[analysis.code])
