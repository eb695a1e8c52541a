"""Films of a wide range of light, as phones take them by default: their signal, as a usual film would hold it.

Shown as it is, such a picture is dull wherever a screen or a program does not know of it.
"""

from __future__ import annotations

import math

PQ, HLG = 16, 18  # codes of what a number of the signal means: the two ways of BT.2100
WIDE = (PQ, HLG)
USUAL = 1  # BT.709
SCREEN_GAMMA = 2.4
HLG_GAMMA = 1.2  # what a screen makes of the light of the scene: BT.2100, table 5
# White paper, where a usual film is white: 75 % in HLG, of its light 0.265; 203 cd/m² in PQ (BT.2408).
HLG_PAPER, PQ_PAPER = 0.265, 203.0
CURVE_POINTS = 65


def usual(signal: float, transfer: int) -> float:
    """The signal, 0-1, for the same light in a usual film; what is brighter than paper is white."""
    light = (_hlg_light(signal) / HLG_PAPER) ** HLG_GAMMA if transfer == HLG else _pq_light(signal) / PQ_PAPER
    return float(min(light, 1.0) ** (1 / SCREEN_GAMMA))


def curve(transfer: int) -> str:
    """`usual` for red, green and blue, as FFmpeg's filter `curves` has it."""
    steps = (step / (CURVE_POINTS - 1) for step in range(CURVE_POINTS))
    return "interp=pchip:all=" + " ".join(f"{step:.5f}/{usual(step, transfer):.5f}" for step in steps)


def _hlg_light(signal: float) -> float:
    """Light of the scene, 0-1: BT.2100, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return signal**2 / 3 if signal <= 0.5 else (math.exp((signal - c) / a) + b) / 12


def _pq_light(signal: float) -> float:
    """Light of the screen, cd/m²: BT.2100, table 4."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = signal ** (1 / m2)
    return float(10_000 * (max(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1))
