"""How large two films are drawn beside each other: a page keeps that room free before the picture has come."""

from __future__ import annotations

HEIGHT_PX = 720
MAX_WIDTH_PX = 860  # of one of the two
GAP_PX = 4

Size = tuple[int, int]  # width, height in px, of a picture that stands upright


def fitted(size: Size) -> Size:
    """Return the size a film is drawn in: HEIGHT_PX high, or lower where it would be too wide. Even, as codecs ask."""
    width, height = size
    factor = min(HEIGHT_PX / height, MAX_WIDTH_PX / width)
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def joined(left: Size, right: Size) -> Size:
    """Return the size of the picture of two fitted films."""
    return left[0] + GAP_PX + right[0], max(left[1], right[1])
