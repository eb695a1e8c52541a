"""docs/security.md names the file or the test behind each claim; all of them are there."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

PAGE = (Path(settings.BASE) / "docs" / "security.md").read_text()


def test_every_file_it_names_is_there():
    named = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:[a-z_]+\.(?:py|md))?)`", PAGE))
    assert len(named) > 15
    assert [name for name in sorted(named) if not (Path(settings.BASE) / name).exists()] == []


def test_it_says_what_is_not_covered():
    assert "## What is not covered" in PAGE
