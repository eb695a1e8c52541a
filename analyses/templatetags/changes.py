"""What changed since the last comparable film, for pages about one analysis."""

from __future__ import annotations

from django import template
from django.template import Context

from accounts.templatetags.units import units_of
from analyses.changes import SinceLast, since_last
from analyses.models import Analysis
from analyses.readout import Readout

register = template.Library()


@register.simple_tag(takes_context=True)
def changed_since_last(context: Context, analysis: Analysis, shown: Readout) -> SinceLast | None:
    """Compare what is shown of an analysis with the runner's last comparable film; None for a first film."""
    return since_last(analysis, shown, Analysis.objects.all(), units=units_of(context))
