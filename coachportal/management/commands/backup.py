"""manage.py backup TARGET: everything a portal holds, into a new folder, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coachportal.backup import archive


class Command(BaseCommand):
    help = "Copy all rows, films and plain settings into a new folder. Secrets are not in it: keep FIELD_KEYS apart."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = archive.make(options["target"])
        except (archive.BackupError, OSError) as error:  # a folder that is somebody else's, a full disk
            raise CommandError(str(error)) from error
        for note in report.notes:
            self.stdout.write(note)
        megabytes = report.bytes / 1024**2
        self.stdout.write(
            f"{report.rows} rows of {report.tables} tables and {report.files} files ({megabytes:.1f} MB) are in "
            f"{options['target']}. It holds no secrets: keep FIELD_KEYS somewhere else."
        )
