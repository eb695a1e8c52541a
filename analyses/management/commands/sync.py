"""manage.py sync: compare our books with each organisation's service, as the clock does once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyses import actions
from analyses.models import Drift, ProviderAccount
from providers.base import ProviderError


class Command(BaseCommand):
    help = "Compare our runners and analyses with those of each service, and list what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = 0
        for account in ProviderAccount.objects.select_related("organization").order_by("organization__name", "kind"):
            try:
                count = actions.sync_account(account=account)
            except ProviderError as error:
                failed += 1
                self.stderr.write(f"{account.organization} · {account}: {error}")
                continue
            self.stdout.write(f"{account.organization} · {account}: {count} differences")
            for drift in Drift.objects.filter(account=account, settled=""):
                self.stdout.write(f"  {drift.get_kind_display()}: {drift.remote_id}")
        if failed:
            raise CommandError(f"{failed} services did not answer; the next comparison goes on from here.")
