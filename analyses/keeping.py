"""What is said of numbers that were kept as long as their organisation keeps numbers."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import ngettext

from accounts.writing import date_format
from analyses.models import Analysis


def removal_notice(analysis: Analysis) -> str:
    """Return when and why the numbers of a removed analysis went, as a sentence."""
    if analysis.removed_at is None:
        return ""
    months = analysis.kept_months or 0
    text = ngettext(
        "The numbers were removed on %(day)s, as your organisation keeps them for %(n)s month.",
        "The numbers were removed on %(day)s, as your organisation keeps them for %(n)s months.",
        months,
    )
    return text % {"day": date_format(timezone.localtime(analysis.removed_at), "DATE_FORMAT"), "n": months}
