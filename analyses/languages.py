"""The contract's nine languages and Django's names for them."""

from __future__ import annotations

# Django knows Chinese only by its script.
_SETTINGS_NAMES = {"zh": "zh-hans"}


def settings_language(contract_language: str) -> str:
    """Return Django's name for a language of the contract."""
    return _SETTINGS_NAMES.get(contract_language, contract_language)


def contract_language(settings_language: str) -> str:
    """Return the contract's name for a language of Django's."""
    return settings_language.split("-")[0]
