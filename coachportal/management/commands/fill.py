"""./portal manage fill: an organisation as full as years of use would make it, for measuring and looking."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import add_member
from accounts.models import Membership, Organization
from accounts.wall import only
from coachportal.filling import Amount, fill

PEOPLE = (
    ("admin@full.example", "Admin", Membership.Role.ADMIN),
    ("coach@full.example", "Coach", Membership.Role.COACH),
    ("reader@full.example", "Reader", Membership.Role.CLINIC),
)


class Command(BaseCommand):
    """Make the organisation, its people, runners, films and results."""

    help = "Make an organisation with many runners and analyses, from one really measured answer"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("answer", type=Path, help="what `./portal engine measure FILE --json` printed")
        parser.add_argument("--name", default="Full clinic")
        parser.add_argument("--runners", type=int, default=10_000)
        parser.add_argument("--analyses", type=int, default=100_000)
        parser.add_argument("--password", required=True, help="of the three people who can sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        if Organization.objects.filter(name=options["name"]).exists():
            raise CommandError(f"There is an organisation called {options['name']} already.")
        try:
            answer = json.loads(options["answer"].read_text())
        except (OSError, ValueError):
            answer = None
        if not isinstance(answer, dict) or not {"results", "calculated"} <= answer.keys():
            raise CommandError(f"{options['answer']} holds no measured answer.")
        began = time.monotonic()
        organization = Organization.objects.create(name=options["name"])
        with only(organization.pk):
            for email, name, role in PEOPLE:
                add_member(
                    organization=organization, email=email, name=name, role=role, password=options["password"], by=None
                )
            by = organization.memberships.get(role=Membership.Role.COACH).user
            amount = Amount(options["runners"], options["analyses"])
            fill(organization=organization, by=by, amount=amount, answer=answer)
        spent = time.monotonic() - began
        self.stdout.write(f"{amount.runners} runners and {amount.analyses} analyses in {spent:.0f} s")
