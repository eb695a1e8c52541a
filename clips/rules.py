"""May this film be sent? Pure functions over facts; the limits are the contract's unless they say *ours*."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.numbers import number
from accounts.writing import in_turn
from clips.facts import Facts

Level = Literal["good", "warn", "no"]

# The contract does not say which megabyte it means; the smaller one is safe with either.
MAX_SIZE_BYTES = 30_000_000
MAX_DURATION_S = 10.0
# ours: a film cut to ten seconds ends with the picture after the cut, and clocks of containers are rounded
DURATION_TOLERANCE_S = 0.05
MAX_TRIMMABLE_S = 60.0  # ours
# ours: below, fewer than five steps can be seen; a runner crossing the picture takes about 3 s
FEW_STEPS_BELOW_S = 2.0
MIN_FPS = 30.0
GOOD_FPS = 60.0
# ours: 29.97 is what cameras call 30, and phones that vary their rate average a little less
FPS_TOLERANCE = 1.0
MAX_SHORTER_SIDE_PX = 1080
# ours: on a film half the recommended size a foot is a few pixels
FEW_PIXELS_BELOW_PX = 480
ACCEPTED = ("mp4", "mov", "avi", "webm")
NAMES = {"mp4": "MP4", "mov": "MOV", "avi": "AVI", "webm": "WEBM", "mkv": "MKV"}


@dataclass(frozen=True)
class Claims:
    """What a browser says of a film before sending it; None where it cannot tell."""

    size_bytes: int | None = None
    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True)
class Verdict:
    """One line of the check list. `cure` is empty when all is well."""

    level: Level
    code: str
    sentence: str
    cure: str = ""
    # A warning a person must accept by a tick before anything is sent; the others only inform.
    needs_tick: bool = False

    @property
    def text(self) -> str:
        return in_turn((self.sentence, self.cure))


def verdicts(facts: Facts, *, view: str, treadmill: bool, strict_orientation: bool) -> list[Verdict]:
    """Judge a film for a view ("side_view", "back_view", "" while nobody has said) and a surface; the worst come first,
    and of the warnings the one that needs a tick.

    `strict_orientation`: with a service that costs a credit a wrong orientation is a "no", for it may cost the credit
    and give nothing; with a free one it is a warning that a person may accept.
    """
    found = [
        _container(facts.container),
        _size(facts.size_bytes),
        _duration(facts.duration_s),
        _frame_rate(facts.fps),
        _resolution(facts.width_px, facts.height_px),
    ]
    if view:
        found.append(_orientation(facts.width_px, facts.height_px, view, treadmill, strict_orientation))
    return _worst_first(found, _("No credit was used."))


def first_verdicts(claims: Claims, *, view: str, treadmill: bool, strict_orientation: bool) -> list[Verdict]:
    """Judge what a browser says of a film it has not sent yet: all that can be known, as in `verdicts`."""
    found = []
    if claims.size_bytes is not None:
        found.append(_size(claims.size_bytes))
    if claims.duration_s is not None:
        found.append(_duration(claims.duration_s))
    if claims.width_px and claims.height_px:
        found.append(_resolution(claims.width_px, claims.height_px))
        if view:
            found.append(_orientation(claims.width_px, claims.height_px, view, treadmill, strict_orientation))
    return _worst_first(found, _("Nothing was sent, no credit was used."))


def _worst_first(found: list[Verdict], unharmed: str) -> list[Verdict]:
    """Sort what was found; the last "no" says, for all of them, that nothing is lost."""
    found = sorted(found, key=lambda verdict: (("no", "warn", "good").index(verdict.level), not verdict.needs_tick))
    refused = sum(verdict.level == "no" for verdict in found)
    if refused:
        found[refused - 1] = replace(found[refused - 1], cure=in_turn((found[refused - 1].cure, unharmed)))
    return found


def may_be_sent(found: list[Verdict], *, ticked: bool = False) -> bool:
    """Nothing forbids it, and what needs a person's tick has it."""
    return not any(verdict.level == "no" or (verdict.needs_tick and not ticked) for verdict in found)


def needs_tick(found: list[Verdict]) -> bool:
    """Whether a person must accept a warning before this film may be sent."""
    return any(verdict.needs_tick for verdict in found)


def is_trimmable(duration_s: float) -> bool:
    """Too long to be measured, and short enough that a person can find the best ten seconds in it."""
    return MAX_DURATION_S + DURATION_TOLERANCE_S < duration_s <= MAX_TRIMMABLE_S


def only_too_long(found: list[Verdict]) -> bool:
    """Whether its length alone forbids it."""
    return {verdict.code for verdict in found if verdict.level == "no"} == {"duration"}


def wants_portrait(view: str, *, treadmill: bool) -> bool:
    """A runner who stays in place fills an upright picture; one who crosses it needs a wide one."""
    return view == "back_view" or treadmill


def _container(container: str) -> Verdict:
    if container in ACCEPTED:
        return Verdict("good", "container", _("%(name)s film") % {"name": NAMES[container]})
    return Verdict(
        "no",
        "container",
        _("%(name)s films cannot be measured.") % {"name": NAMES[container]},
        _("Export it as MP4 and choose it again."),
    )


def _size(size_bytes: int) -> Verdict:
    # Rounded up: what is too large must not read as the 30 MB that would do.
    size = number(math.ceil(size_bytes / 100_000) / 10, 1)
    if size_bytes <= MAX_SIZE_BYTES:
        return Verdict("good", "size", _("%(size)s MB") % {"size": size})
    return Verdict(
        "no",
        "size",
        _("The film has %(size)s MB; 30 MB is the most that can be sent.") % {"size": size},
        _("Film in 1080p, or cut it on your phone to the best 10 s."),
    )


def _duration(duration_s: float) -> Verdict:
    length = _seconds(duration_s)
    if duration_s > MAX_DURATION_S + DURATION_TOLERANCE_S:
        return Verdict(
            "no",
            "duration",
            _("The film is %(length)s long; 10 s is the most that can be measured.") % {"length": length},
            _("Cut it on your phone to the best 10 s."),
        )
    if duration_s < FEW_STEPS_BELOW_S:
        return Verdict(
            "warn",
            "duration",
            _("The film is %(length)s long; few steps can be seen.") % {"length": length},
            _("Film 5 to 10 s for numbers that repeat."),
        )
    return Verdict("good", "duration", _("%(length)s long") % {"length": length})


def _seconds(duration_s: float) -> str:
    """One decimal where it matters: "14 s", "10.2 s", "9.8 s", never a "10 s" that is too long."""
    return _("%(n)s s") % {"n": number(round(duration_s, 1), -1)}


def _frame_rate(fps: float) -> Verdict:
    rate = round(fps)
    sentence = ngettext("%(rate)s frame a second", "%(rate)s frames a second", rate) % {"rate": rate}
    if fps < MIN_FPS - FPS_TOLERANCE:
        return Verdict(
            "no",
            "frame_rate",
            _("The film has %(rate)s frames a second; 30 is the least that can be measured.") % {"rate": rate},
            _("Set the camera to 60 frames a second and film again."),
        )
    if fps < GOOD_FPS - FPS_TOLERANCE:
        return Verdict("warn", "frame_rate", sentence + ".", _("60 show each landing twice as sharply."))
    return Verdict("good", "frame_rate", sentence)


def _resolution(width_px: int, height_px: int) -> Verdict:
    size = f"{width_px} × {height_px}"
    if min(width_px, height_px) > MAX_SHORTER_SIDE_PX:
        return Verdict(
            "no",
            "resolution",
            _("The film has %(size)s pixels; 1920 × 1080 is the most that can be measured.") % {"size": size},
            _("Set the camera to 1080p, or export the film in 1080p."),
        )
    if min(width_px, height_px) < FEW_PIXELS_BELOW_PX:
        return Verdict(
            "warn",
            "resolution",
            _("The film has only %(size)s pixels; the feet are hard to see.") % {"size": size},
            _("Film in 1080p."),
        )
    return Verdict("good", "resolution", _("%(size)s pixels") % {"size": size})


def _orientation(width_px: int, height_px: int, view: str, treadmill: bool, strict: bool) -> Verdict:
    portrait = wants_portrait(view, treadmill=treadmill)
    if height_px > width_px if portrait else width_px > height_px:
        return Verdict("good", "orientation", _("Upright") if portrait else _("Landscape"))
    sentence = _wrong_orientation(width_px, height_px, view, portrait)
    if strict:
        cure = _("Film again with the phone upright.") if portrait else _("Film again with the phone held sideways.")
        return Verdict("no", "orientation", sentence, cure)
    cure = _("It can be measured all the same, less precisely; better film again.")
    return Verdict("warn", "orientation", sentence, cure, needs_tick=True)


def _wrong_orientation(width_px: int, height_px: int, view: str, wants_portrait: bool) -> str:
    shape = _("upright") if height_px > width_px else _("landscape") if width_px > height_px else _("square")
    if view == "back_view":
        return _("The film is %(shape)s; a back view needs an upright one.") % {"shape": shape}
    if wants_portrait:
        return _("The film is %(shape)s; a side view on a treadmill needs an upright one.") % {"shape": shape}
    return _("The film is %(shape)s; a side view over ground needs a landscape one.") % {"shape": shape}
