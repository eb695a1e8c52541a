"""manage.py check_credits: compare every ledger with what it was spent on, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyses.reckoning import carry_out
from credits.models import Check


class Command(BaseCommand):
    help = "Compare every organisation's ledger with the analyses it paid for; fail where they differ."

    def handle(self, *args: Any, **options: Any) -> None:
        check = carry_out(Check())
        for sentence in check.differences:
            self.stdout.write(sentence)
        self.stdout.write(f"{check.entries} entries compared, {len(check.differences)} differences")
        if check.differences:
            raise CommandError("The ledger and the analyses do not agree. Keep the database as it is, and look.")
