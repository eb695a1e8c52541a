"""What is said of a film that was kept as long as its organisation keeps films."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import ngettext

from accounts.writing import date_format
from clips.models import Clip


def film_notice(clip: Clip) -> str:
    """Return what went of a film, when and why, as a sentence; empty while all of it is here."""
    if clip.copies_removed_at and clip.original_removed_at:
        at = max(clip.copies_removed_at, clip.original_removed_at)
        months = clip.copies_kept_months if at == clip.copies_removed_at else clip.original_kept_months
        text = ngettext(
            "The film was removed on %(day)s, as your organisation keeps films for %(n)s month; the numbers stay.",
            "The film was removed on %(day)s, as your organisation keeps films for %(n)s months; the numbers stay.",
            months or 0,
        )
    elif clip.copies_removed_at:
        at, months = clip.copies_removed_at, clip.copies_kept_months
        text = ngettext(
            "The copies to look at were removed on %(day)s, as your organisation keeps them for %(n)s month; "
            "the film as it came and the numbers stay.",
            "The copies to look at were removed on %(day)s, as your organisation keeps them for %(n)s months; "
            "the film as it came and the numbers stay.",
            months or 0,
        )
    elif clip.original_removed_at:
        at, months = clip.original_removed_at, clip.original_kept_months
        text = ngettext(
            "The film as it came was removed on %(day)s, as your organisation keeps it for %(n)s month; "
            "the copy to look at and the numbers stay.",
            "The film as it came was removed on %(day)s, as your organisation keeps it for %(n)s months; "
            "the copy to look at and the numbers stay.",
            months or 0,
        )
    else:
        return ""
    return text % {"day": date_format(timezone.localtime(at), "DATE_FORMAT"), "n": months}
