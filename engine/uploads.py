"""A film on its way in: to the disk as it arrives, never whole in memory, and no further than the limit."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from engine.http import MAX_DRAINED_BYTES

MAX_FILM_BYTES = 30_000_000  # the contract's 30 MB


class ReceivedFilm(TemporaryUploadedFile):
    """A film in the folder for incoming files; `size` is what was sent, even where the end was not kept."""

    suffix = ""
    sha256 = ""

    @property
    def path(self) -> Path:
        """Where it lies while the request lasts."""
        return Path(self.temporary_file_path())

    def keep_as(self, path: Path) -> None:
        """Move it where it outlives the request."""
        self.path.rename(path)


class FilmUpload(FileUploadHandler):
    """Write each uploaded file to the disk under a name of our own: the sender's may be long or odd."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()
        self.file = ReceivedFilm("film", self.content_type or "", 0, self.charset)
        self.file.suffix = PurePath(self.file_name or "").suffix.lower()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start > MAX_DRAINED_BYTES:
            raise StopUpload(connection_reset=True)
        self.digest.update(raw_data)
        if start <= MAX_FILM_BYTES:
            self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> ReceivedFilm:
        self.file.seek(0)  # writes out what is buffered, for readers of the path
        self.file.size = file_size
        self.file.sha256 = self.digest.hexdigest()
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
