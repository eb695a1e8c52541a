"""Let the portal's pages send films straight into the bucket: once, after the bucket was made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clips import storage


class Command(BaseCommand):
    help = "Let browsers on PUBLIC_URL send films straight into the S3 bucket (its CORS rules are replaced)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not storage.allow_browser_uploads(settings.PUBLIC_URL):
            raise CommandError("Films lie on the disk; there is no bucket to tell. Set S3_BUCKET first.")
        self.stdout.write(f"Pages of {settings.PUBLIC_URL} may now send films straight into the bucket.")
