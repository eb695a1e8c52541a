"""Compile the translations: `python -m coachportal.catalogues`, for every catalogue that is newer than what was made.

Babel's own command refuses "5 % in", which it takes for a placeholder; check_translations compares the true ones.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_catalogues() -> None:
    """Write the .mo files that are missing or older than their .po files."""
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as texts:
            catalogue = read_po(texts)
        part = compiled.with_suffix(".part")
        with part.open("wb") as made:
            write_mo(made, catalogue)
        part.replace(compiled)


if __name__ == "__main__":
    compile_catalogues()
