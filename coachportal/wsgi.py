"""The portal as a WSGI application."""

import gc
import os
from collections.abc import Iterable
from tempfile import TemporaryFile
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve

MOST_BYTES = 40_000_000  # as deploy/Caddyfile has it
PIECE_BYTES = 1 << 16

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachportal.settings")
portal = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request. Of a body that comes in chunks Django would read nothing: nobody has said how long it is."""
    if "HTTP_TRANSFER_ENCODING" not in environ:
        return portal(environ, start_response)
    with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as body:
        while body.tell() <= MOST_BYTES and (piece := environ["wsgi.input"].read(PIECE_BYTES)):
            body.write(piece)
        length = body.tell()
        body.seek(0)
        return portal(environ | {"wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)


def settle() -> None:
    """Have the pages' code loaded, and the collector leave alone what stays for as long as the process lives.

    Else the first visitor of each process waits for the loading, and now and then one for the collector to look
    through all of it: 0.1 to 0.2 s.
    """
    resolve("/")  # loads every view
    gc.collect()
    gc.freeze()


settle()
