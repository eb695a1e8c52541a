"""The measuring server for gunicorn: `engine.wsgi:application`."""

import os
from collections.abc import Iterable
from tempfile import TemporaryFile
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.core.wsgi import get_wsgi_application

MOST_BYTES = 40_000_000  # beyond the contract's 30 MB, so that a film too large is told so
PIECE_BYTES = 1 << 16

# Set, not defaulted: the portal's environment names the portal's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "engine.settings"

server = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a request. Of a body that comes in chunks Django would read nothing: nobody has said how long it is."""
    if "HTTP_TRANSFER_ENCODING" not in environ:
        return server(environ, start_response)
    with TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as body:
        while body.tell() <= MOST_BYTES and (piece := environ["wsgi.input"].read(PIECE_BYTES)):
            body.write(piece)
        length = body.tell()
        body.seek(0)
        return server(environ | {"wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)
