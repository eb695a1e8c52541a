"""Credits of analyses that failed after they were started: a person decides whether they come back.

What had not been started gives its credit back by itself. Whether a service refunds what it began and could not
measure is not documented.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from analyses.models import Analysis, AnalysisQuerySet
from credits.models import Entry


def undecided(rows: AnalysisQuerySet) -> AnalysisQuerySet:
    """Return those of these analyses that failed, were paid, and of whose credit nothing was decided."""
    paid = Entry.objects.filter(paid_for=OuterRef("code")).used().filter(decision=None)
    return rows.filter(Exists(paid), status=Analysis.Status.FAILED, price__gt=0)
