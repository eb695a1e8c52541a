"""What was measured of a runner, for the runner's own pages, which lie in a lower package."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import RequestContext

from analyses import history
from analyses.history import Spark
from subjects.models import Subject

register = template.Library()


@register.inclusion_tag("analyses/_history.html", takes_context=True)
def runner_history(context: RequestContext, runner: Subject) -> dict[str, Any]:
    """Show how it is going: a chart of each measure that matters, then what happened, day by day, newest first."""
    shown = {name: context.get(name) for name in ("request", "member", "csrf_token", "mark_form", "pain_levels")}
    return {**shown, "runner": runner, **history.of_runner(runner, page=context["request"].GET.get("page"))}


@register.simple_tag
def with_sparks(page: Page[Subject]) -> list[tuple[Subject, Spark]]:
    """Return the runners of a page, each with the way of their score and what waits to be done."""
    return history.sparks(list(page.object_list))
