"""manage.py fuzz_uploads: send thousands of hostile files through the portal. Started by ./portal fuzz-uploads."""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test import Client

from accounts.actions import add_member
from accounts.models import Membership, Organization, User
from clips.fuzz.drive import Outcome, run
from clips.fuzz.films import make_films
from clips.fuzz.mutations import MUTATIONS, draw

TELL_EVERY = 500


class Command(BaseCommand):
    help = "Send hostile files through probe and worker. Only in an empty portal: it wants its folders for itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, default=10_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--first", type=int, default=0, help="number of the first file, to go on where one ended")
        parser.add_argument("--seconds", type=float, default=3600, help="end after so long, whatever was done")

    def handle(self, *args: Any, **options: Any) -> None:
        if Organization.objects.exclude(name="Fuzz").exists():
            raise CommandError("This portal is in use. ./portal fuzz-uploads makes one of its own.")
        # What every refused film writes into the log is of no use ten thousand times.
        logging.disable(logging.CRITICAL)
        started = time.monotonic()

        def files() -> Any:
            with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
                films = make_films(Path(folder))
            for number in range(options["first"], options["first"] + options["count"]):
                if time.monotonic() - started > options["seconds"]:
                    self.stdout.write(f"Ended before file {number}: the time was up.")
                    return
                yield draw(options["seed"], number, films)

        def tell(number: int) -> None:
            if number % TELL_EVERY == 0:
                self.stdout.write(f"{number} files, {time.monotonic() - started:.0f} s")
                self.stdout.flush()

        outcomes = run(_signed_in(), files(), tell)
        self._print(outcomes, time.monotonic() - started)
        faults = [fault for outcome in outcomes.values() for fault in outcome.faults]
        if faults:
            raise CommandError("\n".join([f"{len(faults)} faults:", *faults[:50]]))

    def _print(self, outcomes: dict[str, Outcome], took_s: float) -> None:
        row = "{:<22}{:>7}{:>10}{:>9}{:>8}{:>9}{:>9}{:>8}"
        head = ("kind", "files", "accepted", "refused", "copied", "no copy", "decoder", "faults")
        self.stdout.write(row.format(*head) + "  slowest")
        total = [0] * 7
        for kind in MUTATIONS:
            if (one := outcomes.get(kind)) is None:
                continue
            numbers = _numbers(one)
            total = [sum(pair) for pair in zip(total, numbers, strict=True)]
            self.stdout.write(row.format(kind, *numbers) + f"  {one.slowest_s:.2f} s")
        self.stdout.write(row.format("all", *total) + f"  {took_s:.0f} s in all")
        codes = {code for one in outcomes.values() for code in one.refused}
        reasons = {code: sum(one.refused[code] for one in outcomes.values()) for code in sorted(codes)}
        self.stdout.write("refused: " + ", ".join(f"{code} {count}" for code, count in reasons.items()))
        self.stdout.write("decoder: ended without an answer, in its own process")


def _numbers(one: Outcome) -> list[int]:
    ready = one.copies["ready"]
    refused, no_copy = one.refused.total(), one.copies.total() - ready
    return [one.files, one.accepted, refused, ready, no_copy, one.decoder_ended, len(one.faults)]


def _signed_in() -> Client:
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.UPLOADS_AN_HOUR = 10**9
    organization, _ = Organization.objects.get_or_create(name="Fuzz")
    user = User.objects.filter(email="fuzz@example.com").first()
    if user is None:
        coach = Membership.Role.COACH
        user = add_member(
            organization=organization, email="fuzz@example.com", name="Fuzz", role=coach, password=None, by=None
        ).user
    client = Client()
    client.force_login(user)
    return client
