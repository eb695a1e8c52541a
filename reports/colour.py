"""An organisation's own colour: whether text of it can be read on our grounds, and its shades for both schemes."""

from __future__ import annotations

from dataclasses import dataclass

AA = 4.5  # WCAG 2.2, 1.4.3: text against its ground
# The grounds of static/css/tokens.css: the page and what lies on it, by day and by night.
LIGHT = ("#f6f6f4", "#ffffff")
DARK = ("#111417", "#1a1e22")
OURS = "#0d5c63"  # the portal's own accent by day
SOFT = 0.08  # ours: as much of the colour as the portal's own soft ground has
STRONG = 0.25  # ours: a pressed button is told from one at rest
STEP = 0.02


@dataclass(frozen=True)
class Shades:
    """One scheme's colours: of text and buttons, of a pressed button, of a quiet ground, and of words on a button."""

    accent: str
    strong: str
    soft: str
    ink: str


def worst_contrast(colour: str, grounds: tuple[str, str] = LIGHT) -> float:
    """Return the contrast of text of this colour (#rrggbb) where it is worst: on a ground, or on its own soft one."""
    return min(_contrast(colour, ground) for ground in (*grounds, _mixed(colour, grounds[1], SOFT)))


def is_readable(colour: str) -> bool:
    """Whether it can be text on paper and on the light page; the dark page gets a paler shade (`by_night`)."""
    return worst_contrast(colour) >= AA


def nearest_readable(colour: str) -> str:
    """Return the colour, or the first shade darker that can be read on paper."""
    return _towards("#000000", colour, LIGHT)


def by_day(colour: str) -> Shades:
    return Shades(colour, _mixed("#000000", colour, STRONG), _mixed(colour, LIGHT[1], SOFT), "#ffffff")


def by_night(colour: str) -> Shades:
    """Return the colour as pale as it has to be to be read on the dark page."""
    pale = _towards("#ffffff", colour, DARK)
    return Shades(pale, _mixed("#ffffff", pale, STRONG), _mixed(pale, DARK[1], SOFT), DARK[0])


def _towards(end: str, colour: str, grounds: tuple[str, str]) -> str:
    # The end itself, black or white, can be read on its grounds.
    shades = (_mixed(end, colour, step * STEP) for step in range(round(1 / STEP)))
    return next((shade for shade in shades if worst_contrast(shade, grounds) >= AA), end)


def _mixed(colour: str, ground: str, share: float) -> str:
    """Return `ground` with this share of `colour` in it."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
