"""What is about to be erased, in words a person can check."""

from __future__ import annotations

from django.utils.translation import gettext as _

from analyses.models import Analysis
from clips.models import Clip
from privacy.belongings import Belongings
from reports.models import Report, ShareLink
from subjects.models import Consent, Note


def counted(found: Belongings) -> list[tuple[str, int]]:
    """Return the kinds a coach knows, with how many there are."""
    kinds = (
        (Clip, _("Films")),
        (Analysis, _("Analyses")),
        (Note, _("Notes")),
        (Report, _("Reports")),
        (ShareLink, _("Shared links")),
        (Consent, _("Consents")),
    )
    return [(label, len(found.pks.get(model, ()))) for model, label in kinds]
