"""manage.py forget_again [--from FILE] [--list]: what was erased stays erased after a restore."""

from __future__ import annotations

import json
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
        found = forget_again(lists=_lines_of(options["file"]) if options["file"] else ())
        self.stdout.write(
            f"{found.tombstones} tombstones; erased again: {found.runners} runners, {found.films} films, "
            f"{found.files} files."
        )


def _lines_of(file: str) -> list[str]:
    """Return the lines of such a list: all of it, or nothing is erased by it."""
    try:
        lines = [line for line in Path(file).read_text().splitlines() if line]
        for line in lines:
            json.loads(line)["erased_at"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CommandError(f"{file} is not what --list printed. Check the path, and whether it is whole.") from error
    return lines
