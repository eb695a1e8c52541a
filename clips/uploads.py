"""Receive a file through our own server: straight to the disk, and no further than its limit."""

from __future__ import annotations

from django.core.files.uploadhandler import FileUploadHandler, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from clips.rules import MAX_SIZE_BYTES

# What is a little too large is read to its end and thrown away: a browser that is still sending cannot hear an answer.
MAX_DISCARDED_BYTES = 100 * 1024 * 1024


class TooBig(Exception):
    """More bytes than a film may have."""


class Limit(FileUploadHandler):
    """Stop keeping a file once it is larger than allowed, whatever its Content-Length said."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.received = 0
        self.exceeded = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > MAX_SIZE_BYTES:
            self.exceeded = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def limit_upload(request: HttpRequest) -> Limit:
    """Set the request up so that its file goes to the disk under the limit. Raises TooBig before reading a byte.

    Must come before anything reads the form, the check against forged requests included.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_DISCARDED_BYTES:
        raise TooBig
    limit = Limit(request)
    request.upload_handlers = [limit, TemporaryFileUploadHandler(request)]
    return limit
