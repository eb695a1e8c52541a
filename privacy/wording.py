"""The words runners agree to: an organisation's own in one language, else those that are shipped in all nine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import translation

from accounts.models import Organization
from privacy.models import Wording
from subjects import consents
from subjects.models import Consent

SERVICE = "[service]"  # stands for the name of the outside service, in a text that is edited


@dataclass(frozen=True)
class Words:
    """What is agreed to, and by what it is known later."""

    text: str
    version: str


def words_of(organization: Organization, purpose: str, service: str = "", *, on: date | None = None) -> Words:
    """Return the words in the language in use: today's, or those that counted `on` a day."""
    language = _language()
    last = newest_of(organization, purpose, language, on=on)
    if last is None or not last.text:
        return Words(consents.text_of(purpose, service), shipped_version(language))
    return Words(last.text.replace(SERVICE, service), last.version)


def shipped_text(purpose: str, language: str) -> str:
    with translation.override(language):
        return consents.text_of(purpose, SERVICE)


def shipped_version(language: str) -> str:
    return f"{consents.TEXT_VERSION}-{language}"


def newest_of(organization: Organization, purpose: str, language: str, *, on: date | None = None) -> Wording | None:
    """Return the last own wording, or the last that counted `on` a day; None where there never was one."""
    found = Wording.objects.filter(organization=organization, purpose=purpose, language=language)
    if on is not None:
        found = found.filter(made_at__date__lte=on)
    return found.select_related("made_by").first()


def is_outdated(consent: Consent) -> bool:
    """Whether other words count now than those that were agreed to, in the same language."""
    language = next((code for code, _ in settings.LANGUAGES if consent.text_version.endswith(f"-{code}")), "")
    if not language:
        return False
    last = newest_of(consent.organization, consent.purpose, language)
    return consent.text_version != (last.version if last and last.text else shipped_version(language))


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE
