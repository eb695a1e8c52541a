"""Every sentence the engine says about a film, in the nine languages of the contract: one JSON file a language.

A key is `kind.name` or `kind.name.part`; placeholders in braces are filled by the caller. All files hold the same keys
and placeholders (tests/engine/test_answer_texts.py).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from engine.order import LANGUAGES, Refused

FOLDER = Path(__file__).parent
FALLBACK = "en"


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language; English for a language we do not speak."""
    name = language if language in LANGUAGES else FALLBACK
    loaded: dict[str, str] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def text(key: str, language: str, **values: object) -> str:
    """One text in one language, its placeholders filled; KeyError when there is no such text."""
    return catalogue(language)[key].format(**values)


def has(key: str) -> bool:
    """Whether there is such a text."""
    return key in catalogue(FALLBACK)


def refused(code: str, language: str, **values: object) -> Refused:
    """The refusal `code`, ready to be raised: why a film cannot be measured, and what to film or send instead."""
    return Refused(code, text(f"refusal.{code}", language, **values))


def warning(code: str, language: str) -> str:
    """What to mind in a result."""
    return text(f"warning.{code}", language)
