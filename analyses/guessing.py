"""How a film was made, by its name, its shape and the runner's last one; only where that is clear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from analyses.models import Analysis
from subjects.names import plain

SIDE, BACK = Analysis.View.SIDE, Analysis.View.BACK
# Words of the nine languages in the names of files; those of East Asia stand without spaces.
VIEWS: Final = {
    SIDE: "side sideview sagittal lateral lateralview seite seitlich seitenansicht profil profile profilo cote lado "
    "lateralmente lato fianco perfil 侧面 侧 側面 横 横から 옆 옆모습 측면",
    BACK: "back backview rear rearview behind posterior posterieur hinten ruckansicht rucken ruckseite dedos derriere "
    "arriere espalda atras detras costas tras retro dietro schiena 背面 后面 后 背 後ろ 後方 뒤 뒷모습 후면",
}
SURFACES: Final = {
    True: "treadmill tread belt tm laufband band tapis tapisroulant cinta caminadora esteira tappeto 跑步机 跑台 "
    "トレッドミル ランニングマシン 러닝머신 런닝머신 트레드밀",
    False: "overground ground outdoor outside track road bahn draussen strasse piste exterieur dehors pista exterior "
    "calle rua strada aperto 户外 跑道 屋外 路上 トラック 야외 지면 트랙",
}
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Way:
    """How a film was made; None where nobody can tell."""

    view: str | None = None
    treadmill: bool | None = None


def guess_way(file_name: str, *, width_px: int, height_px: int, last: Way | None = None) -> Way:
    """Guess view and surface; `last` is how the runner was filmed the last time.

    A wide picture is how a runner who passes by is filmed, from the side; an upright one, a runner who stays in place
    (rules.wants_portrait).
    """
    said = _said(file_name)
    if said.view and said.treadmill is not None:
        return said
    wide = width_px > height_px
    if wide and said.view != BACK and said.treadmill is not True:
        return Way(SIDE, False)
    if last is not None and not wide and (last.view == BACK or last.treadmill):
        return Way(said.view or last.view, last.treadmill if said.treadmill is None else said.treadmill)
    if said.view == SIDE and not wide:
        return Way(SIDE, True)
    return said


def _said(file_name: str) -> Way:
    stem = plain(file_name.rpartition(".")[0] or file_name)
    views = [view for view, words in VIEWS.items() if _has(stem, words)]
    surfaces = [surface for surface, words in SURFACES.items() if _has(stem, words)]
    return Way(views[0] if len(views) == 1 else None, surfaces[0] if len(surfaces) == 1 else None)


def _has(stem: str, words: str) -> bool:
    found = WORD.findall(stem)
    # Two words as one, for "de dos": alone, dos is the Spanish two.
    parts = {*found, *map("".join, pairwise(found))}
    return any(word in parts if word.isascii() else word in stem for word in words.split())
