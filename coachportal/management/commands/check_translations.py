"""manage.py check_translations: does every catalogue hold every text, translated?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import to_locale

from coachportal.translations import gaps, messages_in

SHOWN = 20  # gaps of one language; the first ones are enough to begin


class Command(BaseCommand):
    help = "Report texts that a catalogue in locale/ misses, leaves empty or only guesses; 1 when there are any."
    requires_system_checks: list[str] = []  # it only reads files

    def handle(self, *args: Any, **options: Any) -> None:
        messages = messages_in(settings.BASE)
        languages = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        catalogues = [settings.BASE / "locale" / to_locale(code) / "LC_MESSAGES" / "django.po" for code in languages]
        incomplete = 0
        for catalogue in catalogues:
            if not catalogue.exists():
                raise CommandError(f"There is no {catalogue.relative_to(settings.BASE)}.")
            found = gaps(messages, catalogue)
            incomplete += bool(found)
            for gap in found[:SHOWN]:
                self.stdout.write(f"{catalogue.parent.parent.name}: {gap}")
            if len(found) > SHOWN:
                self.stdout.write(f"{catalogue.parent.parent.name}: and {len(found) - SHOWN} more")
        self.stdout.write(f"{len(messages)} texts, {len(catalogues)} languages besides English")
        if incomplete:
            raise CommandError(f"{incomplete} of {len(catalogues)} languages are incomplete.")
