"""The noise of a pose model on perfect key points: white, or correlated from frame to frame as tracking errors are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.measure.track import Array, Track

CORRELATION = 0.6  # from frame to frame, of the correlated noise (the same as in the choice of the event detectors)


def unit_noise(rng: np.random.Generator, shape: tuple[int, ...], *, correlated: bool) -> Array:
    """Noise of SD 1, independent in every point and axis; along the first axis white or correlated."""
    noise = rng.normal(0, 1, shape)
    if correlated:
        for frame in range(1, shape[0]):
            noise[frame] = CORRELATION * noise[frame - 1] + np.sqrt(1 - CORRELATION**2) * noise[frame]
    return np.asarray(noise)


def shaken(track: Track, noise_mm: float, px_per_mm: float, *, seed: int) -> Track:
    """The same track, every point off by correlated noise of this SD."""
    noise = unit_noise(np.random.default_rng(seed), track.points_px.shape, correlated=True)
    return replace(track, points_px=track.points_px + noise_mm * px_per_mm * noise, from_film=False)
