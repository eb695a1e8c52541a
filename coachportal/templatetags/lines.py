"""Analyses and runners as lines of lists, drawn by hand: a page of them as templates took longer than all else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.access import NOBODY
from accounts.addresses import address
from accounts.numbers import signed, with_unit
from accounts.templatetags.units import pace_of
from accounts.writing import date_format
from analyses.changes import Change, Choice
from analyses.compare import VERDICTS, Difference, Verdict
from analyses.history import Spark
from analyses.models import Analysis
from analyses.waiting import why_it_waits
from coachportal.templatetags.portal import icon, points
from subjects.models import Group, Subject

register = template.Library()
register.simple_tag(address)

Status = Analysis.Status


@register.simple_tag(takes_context=True)
def analysis_line(
    context: Context, analysis: Analysis, still: str, change: Change | None = None, *, with_runner: bool = True
) -> SafeString:
    """Draw an analysis that leads to its page: whose or which, how and when, its score, its state.

    `with_runner`: it stands among others' analyses and days, and who may write can take it out of the inbox.
    """
    words = _words(get_language())
    view = words.views[analysis.view]
    picture = f'<img src="{escape(still)}" alt="" width="44" height="44" loading="lazy">' if still else icon("film", 20)
    surface = f"{words.belt} {pace_of(context, analysis.pace_s_per_km)}" if analysis.treadmill else words.ground
    at = date_format(timezone.localtime(analysis.ordered_at), "DATETIME_FORMAT" if with_runner else "H:i")
    how = " · ".join(escape(one) for one in ([view, surface] if with_runner else [surface]))
    can_review = analysis.is_finished and not analysis.reviewed_at and context["member"].can_write and with_runner
    return mark_safe(  # noqa: S308 - every text in it is ours or escaped
        f'<div class="line{"" if with_runner else " short"}" data-line="{analysis.code}">\n'
        f'  <span class="still">{picture}</span>\n'
        f'  <div class="what">\n'
        f'    <a class="row-link" href="{address("analyses:detail", analysis.code)}">'
        f"<strong>{escape(analysis.subject.name if with_runner else view)}</strong></a>\n"
        f'    <div class="small second">{how} <span class="at">{escape(at)}</span></div>{_why(analysis)}\n'
        f"  </div>{_score(analysis, change)}\n"
        f'  <div class="state">{state_pill(analysis)}</div>{_review(context, analysis) if can_review else ""}\n'
        f"</div>"
    )


class Words(NamedTuple):
    """What every line says, in one language: looked up once, for line by line it takes a tenth of a page."""

    views: dict[str, str]
    belt: str
    ground: str
    review: str
    verdicts: Mapping[Verdict, str]


@lru_cache
def _words(_language: str | None) -> Words:
    views = {str(view): str(view.label) for view in Analysis.View}
    verdicts = {verdict: escape(str(word)) for verdict, word in VERDICTS.items()}
    return Words(views, _("treadmill"), _("over ground"), _("Mark %(name)s as reviewed"), verdicts)


@register.simple_tag
def film_choices(choices: Iterable[Choice], code: UUID) -> SafeString:
    """Draw the films that another can be compared with as what a menu offers: when, its score, and why it is not."""
    views = _words(get_language()).views
    before, _nobody, after = reverse("analyses:compare", args=[code, NOBODY]).rpartition(str(NOBODY))
    drawn = []
    for choice in choices:
        at = escape(date_format(timezone.localtime(choice.film.at), "DATETIME_FORMAT"))
        told = escape(views[choice.film.view]) + (f" · {escape(str(choice.reason))}" if choice.reason else "")
        chosen = ' aria-current="true"' if choice.is_chosen else ""
        drawn.append(
            f'<a href="{before}{choice.code}{after}"{chosen}>'
            f"<span>{at} · <strong>{points(choice.film.score)}</strong>"
            f'<br><small class="quiet">{told}</small></span></a>'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - every text in it is ours or escaped


def _why(analysis: Analysis) -> str:
    if not (analysis.needs_person or analysis.status in (Status.FAILED, Status.QUEUED)):
        return ""
    why = why_it_waits(analysis)
    return f'\n    <div class="small why">{escape(why)}</div>' if why else ""


def _score(analysis: Analysis, change: Change | None) -> str:
    if analysis.total_score is None:
        return ""
    moved = f"<br><small>{change_mark(change.score, short=True)}</small>" if change else ""
    shown = f"<strong>{points(analysis.total_score)}</strong>"
    return f'\n  <div class="points">{shown}<span class="small quiet"> /100</span>{moved}</div>'


def _review(context: Context, analysis: Analysis) -> str:
    label = _words(get_language()).review % {"name": escape(analysis.subject.name)}
    token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{context["csrf_token"]}">'
    button = f'<button class="btn bare tight" aria-label="{label}">{icon("check")}</button>'
    to = address("analyses:review", analysis.code)
    return f'\n  <form class="above" method="post" action="{to}" data-review>{token}{button}</form>'


@register.simple_tag
def state_pill(analysis: Analysis) -> SafeString:
    """Say where an analysis stands, in a word and a sign."""
    percentage = analysis.percentage if analysis.status == Status.RUNNING and not analysis.is_in_line else None
    return _pill(analysis.status, analysis.needs_person, bool(analysis.reviewed_at), percentage, get_language())


@lru_cache(maxsize=1024)
def _pill(
    status: str, needs_person: bool, is_reviewed: bool, percentage: int | None, _language: str | None
) -> SafeString:
    kind, sign, word = _state(Status(status), needs_person, is_reviewed, percentage)
    mark = f"{icon(sign, 14)} " if sign else ""
    return mark_safe(f'<span class="pill{kind and " " + kind}">{mark}{word}</span>')  # noqa: S308 - our own words


def _state(status: Status, needs_person: bool, is_reviewed: bool, percentage: int | None) -> tuple[str, str, str]:
    if needs_person:
        return "okay", "triangle-alert", _("Please decide")
    if status == Status.SUCCEEDED:
        return ("", "check", _("Reviewed")) if is_reviewed else ("good", "circle-check", _("New"))
    if status == Status.FAILED:
        return "bad", "octagon-x", _("Failed")
    if status == Status.REMOVED:
        return "", "", str(status.label)
    if status == Status.RUNNING:
        word = _("Waiting for its turn") if percentage is None else with_unit(str(percentage), "%")
        return "accent", "hourglass", word
    return "accent", "hourglass", str(status.label)


@register.simple_tag
def change_mark(change: Difference | None, *, short: bool = False) -> SafeString:
    """Say how far a measure moved and whether that is real; nothing where only one film has it.

    `short`: the word for it is left to a screen reader.
    """
    if change is None or change.difference is None:
        return SafeString("")
    arrow = f'<span aria-hidden="true">{"▲" if change.difference > 0 else "▼"}</span> ' if change.is_real else ""
    shown = f"<strong>{signed(change.difference, change.measure.decimals)}</strong>"
    word = _words(get_language()).verdicts[change.verdict]
    if change.reason:
        why = escape(str(change.reason))
        seen = "" if short else f'<span class="word" aria-hidden="true">{word}</span>'
        title, said = f' title="{why}"', f'<span class="visually-hidden">{why}</span>{seen}'
    else:
        title, said = "", f'<span class="{"visually-hidden" if short else "word"}">{word}</span>'
    whole = f'<span class="change {change.verdict}"{title}>{arrow}{shown} {said}</span>'
    return mark_safe(whole)  # noqa: S308 - every text in it is escaped above


@register.simple_tag
def runner_row(runner: Subject, spark: Spark, groups: Iterable[Group]) -> SafeString:
    """Draw a runner as a row that leads to their page: name, groups, last film, the way of the score, what to do."""
    pills = "".join(f'<span class="pill">{escape(group.name)}</span> ' for group in groups)
    return mark_safe(  # noqa: S308 - every text in it is ours or escaped
        f'<tr>\n  <th scope="row"><a class="row-link" href="{address("subjects:detail", runner.code)}">'
        f"{escape(runner.name)}</a></th>\n"
        f'  <td class="second small wide-only">{pills}</td>\n'
        f'  <td class="second small">{_filmed(runner)}</td>\n'
        f'  <td class="score">{_way(spark)}</td>\n'
        f'  <td class="next">{_to_do(spark)}</td>\n</tr>'
    )


def _filmed(runner: Subject) -> str:
    if runner.filmed_at is None:
        return '<span class="quiet">' + _("no film yet") + "</span>"
    return date_format(timezone.localdate(runner.filmed_at))


def _way(spark: Spark) -> str:
    if spark.last is None:
        return ""
    dot = f'<path d="{spark.path}"/><circle cx="{spark.x}" cy="{spark.y}" r="3"/>'
    drawn = f'<svg class="spark" viewBox="-3 -4 70 28" aria-hidden="true">{dot}</svg>' if spark.path else ""
    return f"<strong>{points(spark.last)}</strong>{drawn}"


def _to_do(spark: Spark) -> str:
    failed, new = {"n": spark.failed}, {"n": spark.new}
    pills = [
        ("bad", "octagon-x", ngettext("%(n)s failed", "%(n)s failed", spark.failed) % failed if spark.failed else ""),
        (
            "good",
            "circle-check",
            ngettext("%(n)s new result", "%(n)s new results", spark.new) % new if spark.new else "",
        ),
        ("accent", "hourglass", _("Under way") if spark.under_way else ""),
    ]
    return "".join(f'<span class="pill {kind}">{icon(sign, 14)} {word}</span>' for kind, sign, word in pills if word)
