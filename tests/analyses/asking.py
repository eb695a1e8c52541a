"""The addresses of an analysis, for the tests that read its pages."""

from __future__ import annotations

from django.urls import reverse

from analyses.models import Analysis


def page(analysis: Analysis, name: str = "detail") -> str:
    return reverse(f"analyses:{name}", args=[analysis.code])
