"""Where films lie and how they are reached: the only file that knows about buckets.

A key is random and says nothing about its film. Films leave only through links that are signed and expire: on the file
system ours (`views.film` answers them), on S3 the bucket's own.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename

BLOCK_BYTES = 1024 * 1024
# What any of these functions raises while the store does not answer or refuses; the same thing works later.
TROUBLE = (OSError, BotoCoreError, ClientError)
UPLOAD_FORM_LIFETIME_S = 3600  # a poor network may need long for 30 MB
# Links made within this time are the same, so that a browser keeps what it has already loaded.
LINK_STEP_S = 900
SALT = "clips.film"
BEGUN = ".begun-"  # how the name of a file begins that is still being written


@dataclass(frozen=True)
class UploadForm:
    """Where a browser sends a file: a POST of `fields`, then the file under the name `file`."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Linked:
    """What a signed link leads to."""

    key: str
    content_type: str
    filename: str  # offered as a download under this name; empty: shown in place


class LinkDead(Exception):
    """The link has expired or was not made here."""


def new_folder() -> str:
    """Return a folder of keys that nobody can guess."""
    return f"films/{secrets.token_hex(16)}"


def put(key: str, file: BinaryIO) -> None:
    """Store `file` from its beginning under `key`, replacing what was there; readers see the old or the new whole."""
    file.seek(0)
    if not _on_disk():
        default_storage.save(key, File(file, name=PurePosixPath(key).name))
        return
    root, target = _path(""), _path(key)
    root.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=root, prefix=BEGUN)
    try:
        with os.fdopen(handle, "wb") as out:
            shutil.copyfileobj(file, out, BLOCK_BYTES)
            out.flush()
            os.fsync(out.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(part).replace(target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def open_file(key: str) -> BinaryIO:
    """Open for reading with constant memory. Raises FileNotFoundError."""
    return cast(BinaryIO, default_storage.open(key, "rb"))


@contextmanager
def local_copy(key: str) -> Iterator[Path]:
    """A path on this machine's disk that holds the file, for as long as the context lasts. Raises FileNotFoundError."""
    if _on_disk():
        if not _path(key).is_file():
            raise FileNotFoundError(key)
        yield _path(key)
        return
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="film-") as copy:
        with open_file(key) as file:
            shutil.copyfileobj(file, copy, BLOCK_BYTES)
        copy.flush()
        yield Path(copy.name)


def path_on_disk(key: str) -> Path | None:
    """Where the file system keeps it; None when films lie in a bucket. Whether a file is there is not asked."""
    return _path(key) if _on_disk() else None


def delete(*keys: str) -> None:
    """Remove what is there; a key without a file, or an empty one, is no error."""
    for key in filter(None, keys):
        default_storage.delete(key)
        if _on_disk():
            _remove_empty_folder(_path(key).parent)


def begun_files() -> list[Path]:
    """Files that are being written just now, and those whose writer was killed; none where films lie in a bucket."""
    return list(_path("").glob(f"{BEGUN}*")) if _on_disk() else []


def every_key(prefix: str = "") -> Iterator[str]:
    """Yield the key of every file that begins with `prefix`, in no order, without holding them all."""
    if not _on_disk():
        for found in _bucket().bucket.objects.filter(Prefix=prefix):
            yield str(found.key)
        return
    root = _path("")
    # From the folder the prefix names: an export asks for each analysis, and a house has many films beside those.
    for path in (root / prefix.rpartition("/")[0]).rglob("*"):
        key = path.relative_to(root).as_posix()
        if key.startswith(prefix) and not key.startswith(BEGUN) and path.is_file():
            yield key


def size_bytes(key: str) -> int:
    """Return the size of a stored file. Raises FileNotFoundError."""
    return int(default_storage.size(key))


def written_at(key: str) -> datetime:
    """Return when a stored file was written last. Raises FileNotFoundError."""
    return default_storage.get_modified_time(key)


def move(old: str, new: str) -> None:
    """Give a stored file another key. Raises FileNotFoundError; done twice, the second time finds it moved."""
    if _on_disk():
        _path(new).parent.mkdir(parents=True, exist_ok=True)
        _path(old).replace(_path(new))
        _remove_empty_folder(_path(old).parent)
        return
    if not default_storage.exists(old):
        raise FileNotFoundError(old)
    bucket = _bucket().bucket
    bucket.Object(new).copy_from(CopySource={"Bucket": bucket.name, "Key": old})
    bucket.Object(old).delete()


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ── signed ways in and out ──────────────────────────────────────────────────────────────────────────────────────────


def upload_form(key: str, *, max_bytes: int) -> UploadForm | None:
    """Return the signed form that puts one file straight into the bucket; None where our own server receives it."""
    if _on_disk():
        return None
    bucket = _bucket(public=True)
    made: dict[str, Any] = bucket.connection.meta.client.generate_presigned_post(
        bucket.bucket_name,
        key,
        Conditions=[["content-length-range", 1, max_bytes]],
        ExpiresIn=UPLOAD_FORM_LIFETIME_S,
    )
    return UploadForm(url=made["url"], fields=made["fields"])


def allow_browser_uploads(origin: str) -> bool:
    """Tell the bucket that pages of `origin` may send films and read them; False where there is no bucket.

    Without it a browser keeps a film from every address but our own. Replaces the bucket's rules of this kind.
    """
    if _on_disk():
        return False
    bucket = _bucket()
    rule = {
        "AllowedMethods": ["GET", "HEAD", "POST"],
        "AllowedOrigins": [origin],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "Content-Range"],
        "MaxAgeSeconds": 3600,
    }
    client = bucket.connection.meta.client
    client.put_bucket_cors(Bucket=bucket.bucket_name, CORSConfiguration={"CORSRules": [rule]})
    return True


def link(key: str, *, content_type: str = "", filename: str = "") -> str:
    """Return an address that gives the file to whoever holds it, until it expires; empty for an empty key.

    `filename`: offered as a download under that name. Without `content_type` the key's ending tells.
    """
    if not key:
        return ""
    content_type = content_type or mimetypes.guess_type(key)[0] or "application/octet-stream"
    filename = get_valid_filename(filename) if filename else ""
    if _on_disk():
        expires_at = (int(time.time()) // LINK_STEP_S + 1) * LINK_STEP_S + settings.FILM_LINK_LIFETIME_S
        token = signing.Signer(salt=SALT).sign_object([key, expires_at, content_type, filename])
        return reverse("clips:film", args=[token, filename or PurePosixPath(key).name])
    told = {"ResponseContentType": content_type}
    # As the header has it for names in any script: a bucket refuses what is not Latin there.
    if filename and (disposition := content_disposition_header(True, filename)):
        told["ResponseContentDisposition"] = disposition
    address: str = _bucket(public=True).url(key, parameters=told, expire=settings.FILM_LINK_LIFETIME_S)
    return address


def follow(token: str) -> Linked:
    """Return what a link of ours leads to. Raises LinkDead."""
    try:
        key, expires_at, content_type, filename = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise LinkDead from error
    if time.time() >= expires_at:
        raise LinkDead
    return Linked(key=key, content_type=content_type, filename=filename)


# ── which storage ───────────────────────────────────────────────────────────────────────────────────────────────────


def _on_disk() -> bool:
    return isinstance(default_storage, FileSystemStorage)


def _path(key: str) -> Path:
    return Path(default_storage.path(key))


def _remove_empty_folder(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # not empty, or another worker removed it
        return


def _bucket(*, public: bool = False) -> Any:
    """The bucket as our servers reach it or, for signatures that hold the host, as a browser does."""
    if public and settings.S3_PUBLIC_URL:
        return _public_bucket(settings.S3_PUBLIC_URL)
    return default_storage


@lru_cache(maxsize=2)
def _public_bucket(url: str) -> Storage:
    configured: Any = settings.STORAGES["default"]
    made: Storage = default_storage.__class__(**{**configured["OPTIONS"], "endpoint_url": url})
    return made
