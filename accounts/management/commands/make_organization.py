"""manage.py make_organization NAME --admin EMAIL: the first organisation of an installation, or one more."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts.actions import add_member
from accounts.models import Membership, Organization, User
from accounts.names import from_command_line


class Command(BaseCommand):
    help = "Make an organisation and its first admin; the admin adds everybody else in the portal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", type=from_command_line)
        parser.add_argument("--admin", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        name, email = options["name"], options["admin"].strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{email}” is not an e-mail address. Check its spelling.") from error
        if Organization.objects.filter(name=name).exists():
            raise CommandError(f"There is an organisation “{name}” already. Choose another name.")
        known = User.objects.filter(email__iexact=email).exists()
        password = None if known else self._password(email)
        with transaction.atomic():
            organization = Organization.objects.create(name=name)
            add_member(
                organization=organization, email=email, name="", role=Membership.Role.ADMIN, password=password, by=None
            )
        self.stdout.write(f"{email} is the admin of {name} and can sign in now.")

    def _password(self, email: str) -> str:
        """Ask without showing it at a terminal, twice; else take the first line of the input."""
        if not sys.stdin.isatty():
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = getpass.getpass(f"A password for {email}: ")
            if getpass.getpass("Once more: ") != password:
                raise CommandError("The two passwords differ. Run the command again.")
        try:
            validate_password(password, User(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password
