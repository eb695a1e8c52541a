"""manage.py forget_again [--from FILE] [--list]: what was erased stays erased after a restore."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.actions import forget_again, kept_lists


class Command(BaseCommand):
    help = "Erase again whoever was erased before and came back with a restored backup; run it before anybody signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="Print the tombstones, one a line; erase nothing.")
        parser.add_argument("--from", dest="file", metavar="FILE", default="", help="Also obey what --list printed.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for line in kept_lists():
                self.stdout.write(line)
            return
        try:
            lines = Path(options["file"]).read_text().splitlines() if options["file"] else []
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read. Check the path.") from error
        found = forget_again(lists=filter(None, lines))
        self.stdout.write(
            f"{found.tombstones} tombstones; erased again: {found.runners} runners, {found.films} films, "
            f"{found.files} files."
        )
