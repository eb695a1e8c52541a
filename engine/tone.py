"""Films of a wide range of light, as phones take them by default: their luma, as a usual film would hold it.

Read as a usual one, such a picture is dull, and the darker half of a body duller still.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

USUAL, PQ, HLG = 1, 16, 18  # codes of what a number of the luma means: BT.709, and the two ways of BT.2100
WIDE = (PQ, HLG)
BLACK, RANGE = 16, 219  # luma of video range
SCREEN_GAMMA = 2.4
HLG_GAMMA = 1.2  # what a screen makes of the light of the scene: BT.2100, table 5
# White paper, where a usual film is white: 75 % in HLG, of its light 0.265; 203 cd/m² in PQ (BT.2408).
HLG_PAPER, PQ_PAPER = 0.265, 203.0


@cache
def usual_luma(transfer: int) -> NDArray[np.uint8]:
    """For each luma of 0-255 the one for the same light in a usual film; what is brighter than paper is white."""
    told = np.clip((np.arange(256) - BLACK) / RANGE, 0, 1)
    light = (_hlg_light(told) / HLG_PAPER) ** HLG_GAMMA if transfer == HLG else _pq_light(told) / PQ_PAPER
    return np.rint(BLACK + RANGE * np.minimum(light, 1) ** (1 / SCREEN_GAMMA)).astype(np.uint8)


def _hlg_light(told: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of the scene, 0-1, for HLG's signal: BT.2100, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.asarray(np.where(told <= 0.5, told**2 / 3, (np.exp((told - c) / a) + b) / 12))


def _pq_light(told: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of the screen, cd/m², for PQ's signal: BT.2100, table 4."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = told ** (1 / m2)
    return np.asarray(10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1))
