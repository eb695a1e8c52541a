"""Filters, gaps and crossings: what every measure needs before it measures. Arrays in, arrays out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.signal import butter, find_peaks, sosfiltfilt

from engine.measure.track import Array, Mask

# Two passes of a 2nd-order Butterworth move the -3 dB point: the design cut-off is divided by this to put it back
# (Winter 2009, Biomechanics and Motor Control of Human Movement, ch. 2).
TWO_PASS = 0.802
EVEN_GAIN = (1 + 2 * (4 / 6) ** 2 + 2 * (1 / 6) ** 2) ** 0.5  # of noise in a distance from the cubic, frames even
SHORTEST_STRIDE_S, CLEARLY = 0.35, 0.6  # and the correlation after which a shorter time is believed; ours
STANDS = 1e-6  # of whatever is measured: what moves less repeats only its own rounding
MAX_GAP_S = 0.100  # longest hole that is filled and believed; ours: 3 frames at 30 fps, a quarter of a contact


def lowpass(values: Array, rate_hz: float, cutoff_hz: float) -> Array:
    """Smooth along the first axis without delay; NaN anywhere raises ValueError.

    The cut-off is the final one, of both passes. At low rates it is held under 0.45 of the rate, where the filter
    would otherwise have no room.
    """
    if not np.isfinite(values).all():
        raise ValueError("a signal with holes cannot be filtered")
    design = min(cutoff_hz / TWO_PASS, 0.45 * rate_hz)
    sections = _sections(design / (rate_hz / 2))
    padding = min(int(3 * rate_hz / design) + 1, len(values) - 1)
    return np.asarray(sosfiltfilt(sections, values, axis=0, padlen=padding), dtype=np.float64)


@lru_cache  # every point of a body is smoothed alike
def _sections(share_of_nyquist: float) -> Array:
    return np.asarray(butter(2, share_of_nyquist, output="sos"))


def fill_gaps(times_s: Array, values: Array) -> tuple[Array, Mask]:
    """Bridge the holes of a path (n,) or (n, k) and say which frames to believe.

    Returned are the path without inner holes and a mask: True where the frame was seen, or lies in a hole no longer
    than MAX_GAP_S. Longer holes are bridged too, so that a filter can run across, but stay False. Nothing is made up
    before the first or after the last seen frame: there the path keeps NaN.
    """
    seen: Mask = np.asarray(np.isfinite(values.reshape(len(values), -1)).all(axis=1))
    where = np.flatnonzero(seen)
    filled, believed = np.array(values, dtype=np.float64), seen.copy()
    if len(where) < 2:
        return filled, believed
    inner = np.arange(where[0], where[-1] + 1)
    holes = inner[~seen[inner]]
    if len(holes):
        filled[holes] = PchipInterpolator(times_s[where], values[where])(times_s[holes])
        before = where[np.searchsorted(where, holes) - 1]
        after = where[np.searchsorted(where, holes)]
        believed[holes] = times_s[after] - times_s[before] <= MAX_GAP_S + 1.5 * np.median(np.diff(times_s))
    return filled, believed


def drop_spikes(path: Array, floor: float, at: Array | None = None) -> Array:
    """Return the path (n, 2) with NaN where one frame jumps out of line with its neighbours.

    A frame is judged by how far it lies from the cubic through the two seen frames on either side, so that a fast foot
    is not mistaken for a jump, as a median filter would (Hampel: ours instead, because at 30 fps seven frames of a
    running foot are not level). Frames beside a hole are judged too, across it: or a jump there would stand, and its
    good neighbour go. The limit is six times the usual deviation, at least `floor`. `at` (n,) is when each frame was
    taken, in frame intervals, where that is not one after the other.
    """
    cleaned = np.array(path)
    places = np.arange(len(path), dtype=np.float64) if at is None else at
    for _ in range(max(2, len(path) // 15)):
        seen = np.flatnonzero(np.isfinite(cleaned).all(axis=1))
        if len(seen) < 5:
            break
        off = _off_the_cubic(places[seen], cleaned[seen])
        worst = int(off.argmax())
        if off[worst] <= max(floor, 6 * float(np.median(off))):
            break
        cleaned[seen[worst + 2]] = np.nan
    return cleaned


def _off_the_cubic(places: Array, path: Array) -> Array:
    """How far each point but the outer two (m - 4,) lies from the cubic through its two neighbours on either side.

    `places` (m,) are the times of `path` (m, 2) in frame intervals. Where they are uneven, noise of the neighbours
    weighs more in the cubic: the distance is put in the measure of even frames, so that a jump stands out from what it
    pulls along.
    """
    at = np.stack([places[i : len(places) - 4 + i] for i in (0, 1, 3, 4)]) - places[2:-2]
    weights = np.stack(
        [
            np.prod([-at[other] / (at[one] - at[other]) for other in range(4) if other != one], axis=0)
            for one in range(4)
        ]
    )
    nodes = np.stack([path[i : len(path) - 4 + i] for i in (0, 1, 3, 4)])
    off = np.linalg.norm(path[2:-2] - (weights[:, :, None] * nodes).sum(axis=0), axis=1)
    return np.asarray(off * EVEN_GAIN / np.sqrt(1 + (weights**2).sum(axis=0)))


def repeats_every_s(curve: Array, rate_hz: float, alike: float) -> float:
    """The time between 0.15 and 4 s after which a curve (n,) is itself again, s; NaN when it never is.

    `alike` is the least correlation. No stride is as short as 0.35 s; those of a film that is played too fast are, and
    must not pass for half of a longer one. They repeat more clearly than smoothed noise does.
    """
    known = curve[np.isfinite(curve)]
    if len(known) < rate_hz * 0.8 or np.ptp(known) < STANDS:
        return float("nan")
    known = lowpass(known, rate_hz, 4.0)
    known = known - known.mean()
    spectrum = np.fft.rfft(known, 2 * len(known))
    match = np.fft.irfft(spectrum * spectrum.conj())[: len(known)] / np.arange(len(known), 0, -1)
    low, high = int(0.15 * rate_hz), min(int(4.0 * rate_hz), int(0.8 * len(known)))
    least = np.where(np.arange(low, high) < SHORTEST_STRIDE_S * rate_hz, CLEARLY, alike)
    peaks, _ = find_peaks(match[low:high], height=least * match[0])
    return float(low + peaks[0]) / rate_hz if len(peaks) else float("nan")


def rising(values: Array, level: float, start: int, stop: int, *, last: bool = False) -> float:
    """The first (or last) upward crossing of a level inside [start, stop), as a fractional index; NaN if none."""
    window = values[max(start, 0) : stop]
    steps = np.flatnonzero((window[:-1] < level) & (window[1:] >= level))
    if not len(steps):
        return float("nan")
    at = int(steps[-1 if last else 0])
    return max(start, 0) + at + float((level - window[at]) / (window[at + 1] - window[at]))


def trimmed_mean(values: Array) -> float:
    """The mean of the middle half of the finite values; NaN when there are none."""
    kept = np.sort(values[np.isfinite(values)])
    cut = len(kept) // 4
    kept = kept[cut : len(kept) - cut]
    return float(kept.mean()) if len(kept) else float("nan")
