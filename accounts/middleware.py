"""What stands around every request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import Context, copy_context

import structlog
from django.db import DatabaseError
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.http.response import HttpResponseRedirectBase
from django_htmx.http import HttpResponseClientRefresh
from django_structlog.middlewares import RequestMiddleware

from accounts import access, wall
from accounts.manner import manner_at_home

Answer = Callable[[HttpRequest], HttpResponseBase]
END = object()


class WallMiddleware:
    """Begin every request with no organisation in sight (accounts/wall.py); operators on the admin site see all."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with wall.nothing():
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
                # Its rows are read after this has ended: they are read within what the view had in sight.
                response.streaming_content = _within(copy_context(), iter(response))
            return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        match = request.resolver_match
        user = getattr(request, "user", None)
        if match is not None and "admin" in match.app_names and user is not None and user.is_staff:
            wall.open_for("operators keep all organisations; the admin site asks for their right itself")


class MannerMiddleware:
    """Show the pages of the sign-in library, which do not pass our gate, in the language of who is signed in.

    Our own pages carry a namespace; the gate decides for them with what it has read anyway (access.py).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        match = request.resolver_match
        if match is not None and not match.namespaces and request.user.is_authenticated:
            access.speak(request, manner_at_home(request.user, browser=request.LANGUAGE_CODE).language)


class WholePageMiddleware:
    """Where a part of a page is asked for and not shown any more, have the browser open its page anew.

    Else the sign-in one is sent to would stand in the part's place, and a part that asks for itself again and again,
    such as how far a film is, would be refused for ever. The page anew is sent there itself, or says why it is not
    shown.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.headers.get("HX-Request"):
            if isinstance(response, HttpResponseRedirectBase):
                return HttpResponseClientRefresh()
            if request.method == "GET" and response.status_code in (403, 404):
                response["HX-Refresh"] = "true"
        return response


class RequestLog(RequestMiddleware):
    """Log each request with who sent it; where the database cannot say who, without.

    Else the reason why a page broke would be lost to the second fault, while its line is written.
    """

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        try:
            RequestMiddleware.bind_user_id(request)
        except DatabaseError:
            structlog.contextvars.bind_contextvars(user_id=None)


def _within(context: Context, parts: Iterator[bytes]) -> Iterator[bytes]:
    while (part := context.run(next, parts, END)) is not END:
        yield part  # type: ignore[misc]
