"""The pages where tokens and webhooks are kept, and the interface itself under /api/v1/."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from api import problems
from api.problems import Problem
from api.v1 import v1
from api.views import endpoints, tokens

View = Callable[..., HttpResponseBase]


@csrf_exempt
def nothing_here(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """What a program gets for an address that there is not."""
    return problems.answer(problems.not_found())


def _told(view: View) -> View:
    """Answer a method that there is not as a problem, too."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        refused = Problem(405, "no_such_method", _("This cannot be done here."), headers={"Allow": response["Allow"]})
        return problems.answer(refused)

    return told


_patterns, _app, _namespace = v1.urls
for _pattern in _patterns:
    if (_view := getattr(_pattern, "callback", None)) is not None:
        _pattern.callback = _told(_view)

_pages = [
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:code>/end/", tokens.end_token, name="end_token"),
    path("webhooks/", endpoints.endpoints, name="endpoints"),
    path("webhooks/<uuid:code>/", endpoints.endpoint, name="endpoint"),
    path("webhooks/<uuid:code>/secret/", endpoints.rotate, name="rotate_endpoint"),
    path("webhooks/<uuid:code>/test/", endpoints.test, name="test_endpoint"),
    path("webhooks/<uuid:code>/switch/", endpoints.switch, name="switch_endpoint"),
    path("webhooks/<uuid:code>/remove/", endpoints.remove, name="remove_endpoint"),
    path("webhooks/<uuid:code>/again/", endpoints.replay_missed, name="replay_missed"),
    path("webhooks/calls/<uuid:code>/again/", endpoints.replay, name="replay"),
]
urlpatterns = [
    path("", include((_pages, "api"))),
    path("api/v1/", include((_patterns, _app), namespace=_namespace)),
    re_path(r"^api/v1/", nothing_here, name="api_v1_nothing"),
]
