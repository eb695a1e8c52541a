"""A logo as it was uploaded in, a small clean picture out: drawn anew, so that nothing hidden in the file stays."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 2 * 1024 * 1024
MAX_SIDE_PX = 3000  # it is unpacked in the web process: 36 MB of pixels at most, three times over
MIN_SIDE_PX = 120  # of the longer side: on paper it is 40 mm wide, and 75 dots an inch already look blurred
KEPT_PX = (800, 320)  # 40 mm at 500 dots an inch
FORMATS = ("PNG", "JPEG", "WEBP")  # never SVG: it can hold scripts
INVISIBLE = 235  # of 255: grey this pale is not seen on paper


class NotALogo(Exception):
    """The file cannot be the logo; the message says why and what to do."""


@dataclass(frozen=True)
class Logo:
    """A PNG without anything but its pixels."""

    content: bytes
    width_px: int
    height_px: int


def read_logo(content: bytes) -> Logo:
    """Draw the first picture of a PNG, JPEG or WebP anew within KEPT_PX. Raises NotALogo."""
    if len(content) > MAX_BYTES:
        raise NotALogo(_("This file is larger than 2 MB. Save the logo 800 pixels wide and upload that."))
    picture = _trimmed(_decoded(content))
    picture.thumbnail(KEPT_PX, Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return Logo(out.getvalue(), *clean.size)


def _decoded(content: bytes) -> Image.Image:
    try:
        # Opening reads the head alone: how large the picture is, before memory is spent on it.
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            _check_size(*found.size)
            # 16 bits a pixel in grey: the one kind that cannot be turned into colours directly.
            plain = found.point(lambda value: value / 256, "L") if found.mode.startswith("I;16") else found
            return ImageOps.exif_transpose(plain).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotALogo(_too_large()) from error
    except UnidentifiedImageError as error:
        text = _("This is not a PNG, JPEG or WebP picture. Save the logo as PNG and upload that.")
        raise NotALogo(text) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises for a damaged file
        raise NotALogo(_("This picture is damaged. Save it once more and upload that.")) from error


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE_PX:
        raise NotALogo(_too_large())
    if max(width, height) < MIN_SIDE_PX:
        text = _("This picture is only %(width)s × %(height)s pixels large. Upload one at least 120 pixels wide.")
        raise NotALogo(text % {"width": width, "height": height})


def _trimmed(picture: Image.Image) -> Image.Image:
    """Cut off the empty edge. Raises NotALogo for what would not be seen on white."""
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    darkest, _palest = paper.convert("L").getextrema()
    box = picture.getchannel("A").getbbox()
    if box is None or not isinstance(darkest, int | float) or darkest > INVISIBLE:
        raise NotALogo(_("This logo cannot be seen on white paper. Upload its version for light backgrounds."))
    return picture.crop(box)


def _too_large() -> str:
    return _("This picture has too many pixels. Save the logo 800 pixels wide and upload that.")
