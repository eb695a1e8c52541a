"""What a browser calls itself, in two words a person knows: the browser and the device."""

from __future__ import annotations

# The first that is found counts: every browser also names those it descends from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
IN_THE_HAND = ("iPhone", "iPad", "Android")


def device_of(user_agent: str) -> str:
    """Return "Chrome · Linux", one of the two, or the first word of what is unknown."""
    found = [_first(user_agent, BROWSERS), _first(user_agent, DEVICES)]
    return " · ".join(word for word in found if word) or user_agent.split("/")[0][:40]


def is_mobile(user_agent: str) -> bool:
    return any(word in user_agent for word in IN_THE_HAND)


def _first(user_agent: str, words: tuple[tuple[str, str], ...]) -> str:
    return next((name for word, name in words if word in user_agent), "")
