"""manage.py register_webhook: tell each organisation's provider where to call."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from analyses import actions
from analyses.remote import account_of
from providers.base import ProviderError


class Command(BaseCommand):
    help = "Register our webhook at the provider of one organisation, or of all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", help="its name; without it all are registered")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["organization"]
        found = Organization.objects.filter(name=name) if name else Organization.objects.all()
        if name and not found:
            raise CommandError(f"There is no organisation “{name}”.")
        failed = [organization for organization in found if not self._register(organization)]
        if failed:
            raise CommandError(f"{len(failed)} not registered; polling goes on for them.")

    def _register(self, organization: Organization) -> bool:
        account = account_of(organization)
        if not actions.can_be_called(account):
            self.stderr.write(f"{organization}: PUBLIC_URL must begin with https:// for {account} to call us")
            return False
        try:
            actions.register_webhook(account=account)
        except ProviderError as error:
            self.stderr.write(f"{organization}: {error}")
            return False
        self.stdout.write(f"{organization}: {account} calls us from now on")
        return True
