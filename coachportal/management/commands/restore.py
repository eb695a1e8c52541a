"""manage.py restore SOURCE: fill an empty portal from a backup and compare every row and every file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coachportal.backup import archive


class Command(BaseCommand):
    help = "Fill this empty portal from a backup. Settings come from the environment; settings.env tells the old ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            archive.read_manifest(options["source"])
            call_command("migrate", verbosity=0)
            report = archive.restore(options["source"])
        except archive.BackupError as error:
            raise CommandError(str(error)) from error
        for note in report.notes:
            self.stdout.write(note)
        self.stdout.write(
            f"{report.rows} rows of {report.tables} tables and {report.files} files are back; each was compared with "
            "the backup."
        )
