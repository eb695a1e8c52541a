"""What the clock asks of the room of runners."""

from __future__ import annotations

from django.utils import timezone

from subjects import imports


def forget_imports() -> int:
    """Forget lists of runners nobody imported, and what only an undo needed; return how many rows. For the clock."""
    return imports.forget_imports(now=timezone.now())
