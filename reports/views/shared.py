"""A shared result, for whoever holds its link. No sign-in, no cookie, no way to anything else.

A link that never was, has expired, was ended or is another's gets one and the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import wall
from accounts.limits import Limit, caller
from clips import storage
from clips.ranges import film_response
from reports import actions
from reports.models import Look, ShareLink
from reports.shared import beside_key, film_key, page_of, poster_key
from reports.views.look import stylesheet

OPENINGS = Limit("shared-pages", 60, 60)  # of one link
FILMS = Limit("shared-films", 300, 60)  # of one link; phones ask for a film in parts
# From one address. A token has 256 random bits, so guessing is hopeless; this keeps it cheap. Right links are never
# held up by somebody else's wrong ones.
WRONG = Limit("wrong-links", 30, 60)
FILM_KEPT_S = 600
KINDS = {"still": "image/jpeg", "earlier-still": "image/jpeg", "beside": "image/png"}
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[..., HttpResponseBase | None]
HttpView = Callable[..., HttpResponseBase]
# Messengers fetch a page to draw its preview: that is no runner who opened it.
PREVIEWS = re.compile(r"bot|crawl|spider|preview|facebookexternalhit|whatsapp|telegram|slack|discord|skype", re.I)


def _of_its_holder(limit: Limit) -> Callable[[View], HttpView]:
    """Give a view the link that its token stands for and that organisation's rows alone; None is "nothing here"."""

    def around(view: View) -> HttpView:
        @require_safe
        @wraps(view)
        def answer(request: HttpRequest, token: str, **rest: str) -> HttpResponseBase:
            link = _link(token)
            if link is None:
                return _nothing(request)
            if not limit.passes(str(link.pk)):
                return _too_often(request, limit)
            with wall.only(link.organization_id):
                found = view(request, link, **rest)
            return _nothing(request) if found is None else _quiet(found)

        return answer

    return around


@never_cache
@_of_its_holder(OPENINGS)
def page(request: HttpRequest, link: ShareLink) -> HttpResponse:
    with translation.override(link.language):
        if request.method == "GET" and not _is_ours(request) and not _is_preview(request):
            actions.note_opening(link=link, at=timezone.now())
        return render(request, "reports/shared.html", page_of(link) | {"token": link.token})


@_of_its_holder(FILMS)
def film(request: HttpRequest, link: ShareLink, which: str) -> HttpResponseBase | None:
    """Give the film, the still, or the picture of both of a link that shows it."""
    key = _key(link, which)
    if not key:
        return None
    path = storage.path_on_disk(key)
    kind = KINDS.get(which, "video/mp4")
    if path is None:
        return redirect(storage.link(key, content_type=kind))
    try:
        return film_response(request, path, content_type=kind, filename="", max_age_s=FILM_KEPT_S)
    except FileNotFoundError:
        return None


@_of_its_holder(FILMS)
def look(request: HttpRequest, link: ShareLink) -> HttpResponse:
    """Give the organisation's own colour to the page of this link."""
    return stylesheet(Look.of(link.organization), "reports/look.css")


@_of_its_holder(FILMS)
def logo(request: HttpRequest, link: ShareLink) -> HttpResponse | None:
    """Lead to the organisation's logo by a link that is signed and expires."""
    key = Look.of(link.organization).logo_key
    return redirect(storage.link(key, content_type="image/png")) if key else None


def _link(token: str) -> ShareLink | None:
    with wall.everything("a shared link is found by its secret, before it is known whose it is"):
        return actions.find_link(token=token)


def _key(link: ShareLink, which: str) -> str:
    if which in ("film", "still") and link.shows(ShareLink.Content.FILM):
        return film_key(link.analysis) if which == "film" else poster_key(link.analysis)
    earlier = link.before if link.shows(ShareLink.Content.EARLIER_FILM) else None
    if which in ("earlier-film", "earlier-still") and earlier is not None:
        return film_key(earlier) if which == "earlier-film" else poster_key(earlier)
    if which == "beside" and link.before is not None and link.shows(ShareLink.Content.BESIDE):
        return beside_key(link.analysis, link.before)
    return ""


def _is_ours(request: HttpRequest) -> bool:
    """Somebody who is signed in here looks at what they sent; that is not the runner."""
    return bool(request.user.is_authenticated)


def _is_preview(request: HttpRequest) -> bool:
    return bool(PREVIEWS.search(request.headers.get("User-Agent", "")))


def _nothing(request: HttpRequest) -> HttpResponse:
    if not WRONG.passes(caller(request)):
        return _too_often(request, WRONG)
    return _quiet(render(request, "reports/link_ended.html", status=404))


def _too_often(request: HttpRequest, limit: Limit) -> HttpResponse:
    response = _quiet(render(request, "reports/too_often.html", status=429))
    response["Retry-After"] = str(limit.retry_after_s)
    return response


def _quiet(response: Answer) -> Answer:
    """Keep the address to those who were sent it: no search engine, and no page it leads to, is told."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response
