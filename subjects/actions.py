"""What is done with runners."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from subjects.models import Note, Subject


def archive_subject(*, subject: Subject) -> None:
    """Put a runner aside: out of the lists, nothing lost."""
    subject.archived_at = subject.archived_at or timezone.now()
    subject.save(update_fields=["archived_at", "updated_at"])


def restore_subject(*, subject: Subject) -> None:
    """Take a runner back into the lists."""
    subject.archived_at = None
    subject.save(update_fields=["archived_at", "updated_at"])


def write_note(*, subject: Subject, text: str, by: User) -> Note:
    """Add a note to a runner's history."""
    return Note.objects.create(organization=subject.organization, subject=subject, by=by, text=text)
