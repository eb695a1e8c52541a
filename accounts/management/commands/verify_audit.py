"""manage.py verify_audit [--organization NAME] [--head DIGEST]: is the audit log whole?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import wall
from accounts.append_only import is_installed
from accounts.models import Organization
from accounts.record import verify


class Command(BaseCommand):
    help = "Follow the chain of every organisation's record; fail where an entry was changed or is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="NAME", default="")
        parser.add_argument(
            "--head",
            metavar="DIGEST",
            default="",
            help="A digest noted earlier: it must be there.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name, head = options["organization"], options["head"]
        organizations = Organization.objects.filter(name=name) if name else Organization.objects.all()
        if name and not organizations.exists():
            raise CommandError(f"There is no organisation “{name}”. Check its spelling.")
        if head and not name:
            raise CommandError("Say with --organization whose digest it is.")
        faults = 0 if is_installed() else 1
        if faults:
            self.stdout.write("The database does not guard the record. Run manage.py migrate.")
        for organization in organizations:
            faults += self._verify(organization, head)
        if faults:
            raise CommandError(f"{faults} faults. Keep this database as it is, and compare with a backup.")

    def _verify(self, organization: Organization, head: str) -> int:
        with wall.only(organization.pk):
            found = verify(organization, head=head)
        self.stdout.write(f"{organization}: {found.count} entries, {found.struck} with their words taken out")
        self.stdout.write(f"  digest of the newest: {found.head or 'none'}")
        for fault in found.faults:
            self.stdout.write(f"  {fault}")
        return len(found.faults)
