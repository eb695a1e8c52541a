"""What a shared page shows: of each part what was chosen, and nothing else leaves this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analyses.changes import own_of, side_of
from analyses.compare import Comparison, compare
from analyses.models import Analysis, Beside
from analyses.readout import PartView, Readout, readout, weakest
from clips import fitting
from reports.models import Look, ShareLink

Content = ShareLink.Content
POINTS = 3


@dataclass(frozen=True)
class Point:
    """One of the three points, whoever judged: what was seen, and what to do."""

    title: str
    side: str
    verdict: str
    text: str
    cue: str


def page_of(link: ShareLink) -> dict[str, Any]:
    """Return the template's values; a part that was not chosen is absent."""
    shown: dict[str, Any] = {"link": link, "analysis": link.analysis, "runner": link.subject}
    shown |= {"look": Look.of(link.organization), "organization": link.organization}
    result = readout(link.analysis)
    if link.shows(Content.SCORE):
        shown |= {"score": result.score, "verdict": result.verdict, "has_score": True}
    if link.shows(Content.FINDINGS):
        shown |= {"points": points_of(result), "nothing_found": result.nothing_found, "has_points": True}
    if link.shows(Content.FILM):
        shown["film"] = bool(film_key(link.analysis))
    if link.shows(Content.NUMBERS):
        shown["groups"] = result.groups
    if link.shows(Content.CURVES):
        shown |= {"curves": result.curves, "over_stance": result.over_stance}
    if link.before is not None:
        shown |= _earlier(link, link.before, result)
    return shown


def _earlier(link: ShareLink, before: Analysis, result: Readout) -> dict[str, Any]:
    shown: dict[str, Any] = {"before": before}
    if link.shows(Content.CHANGE):
        shown["comparison"] = compared(link.analysis, before, result, units=link.organization.units)
    if link.shows(Content.EARLIER_FILM):
        shown["earlier_film"] = bool(film_key(before))
    if link.shows(Content.BESIDE):
        shown["beside"] = bool(beside_key(link.analysis, before))
        shown["beside_width_px"], shown["beside_height_px"] = beside_size_px(link.analysis, before)
    return shown


def compared(now: Analysis, before: Analysis, result: Readout, *, units: str) -> Comparison:
    """Judge two results of one runner; what they wore is asked for here. `result` is what `now` shows."""
    pair = Analysis.objects.with_shoes().filter(pk__in=(now.pk, before.pk)).select_related("clip", "account", "result")
    by_key = {one.pk: one for one in pair}
    side = side_of(by_key[now.pk], result)
    # By the house's own repeatability where it has one, or the runner would read another verdict than the coach.
    own = own_of(now.organization_id, side)
    earlier = side_of(by_key[before.pk], readout(by_key[before.pk]))
    return compare(side, earlier, own=own, units=units)


def points_of(result: Readout) -> list[Point]:
    """Return the largest losses as read out by the service, or else the weakest parts."""
    if result.findings:
        return [
            Point(finding.title, "", verdict, finding.text, finding.cue)  # its title names the leg, too
            for finding, verdict in result.findings[:POINTS]
        ]
    return [_point(one) for one in weakest(result)]


def _point(one: PartView) -> Point:
    part = one.part
    cue = part.recap[0] if part.recap else ""
    return Point(part.title or part.key, part.side or "", one.verdict, part.position, cue)


def film_key(analysis: Analysis) -> str:
    """Where the film lies that a runner is shown: the annotated one, else the copy a browser plays; empty if none."""
    result = getattr(analysis, "result", None)
    return (result.film_key if result else "") or analysis.clip.review_key


def beside_key(now: Analysis, before: Analysis) -> str:
    """Where the picture of both lies; empty until it is made."""
    made = Beside.objects.filter(now=now, before=before, status=Beside.Status.READY).first()
    return made.picture_key if made else ""


def beside_size_px(now: Analysis, before: Analysis) -> fitting.Size:
    """Return how large the picture of both is: the earlier film stands on the left."""
    sizes = [(one.clip.width_px or 1, one.clip.height_px or 1) for one in (before, now)]
    return fitting.joined(*[fitting.fitted(size) for size in sizes])


def poster_key(analysis: Analysis) -> str:
    result = getattr(analysis, "result", None)
    return (result.thumbnail_key if result else "") or analysis.clip.thumbnail_key
