"""Secrets at rest: encrypted where they are read again, such as a provider's key; else a digest to know them by."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _box() -> MultiFernet:
    # The first key seals, every key opens: put a new one in front and the old ones still read.
    keys = [hashlib.sha256(key.encode()).digest() for key in settings.FIELD_KEYS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def seal(text: str) -> str:
    """Encrypt `text` for the database."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what `seal` was given. Raises cryptography's InvalidToken when no key of FIELD_KEYS fits."""
    return _box().decrypt(sealed.encode()).decode()


def digest_of_token(token: str) -> str:
    """Return what is kept of a token of ours: it is random enough that a plain digest cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def reseal(sealed: str) -> str:
    """Return the same text sealed with the first key of FIELD_KEYS. Raises InvalidToken when no key fits."""
    return _box().rotate(sealed.encode()).decode()
