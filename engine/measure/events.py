"""When each foot touches and leaves the ground, between the frames.

Detectors and their constants come from a comparison of eight on treadmill runs with force plates (20 N crossing);
docs/measures.md gives the table. Everything is read relative to the hips, so that a belt, a still camera and a panning
one need no different rule: a foot that stands still on the ground moves backwards under the hips at running speed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import find_peaks

from engine.measure.body import GRID_HZ, Runner
from engine.measure.signals import lowpass, repeats_every_s, rising
from engine.measure.track import SIDES, Array

# Strike on markers: the swinging lower leg has turned back, which it does when this share of a flight is over, long or
# short. On film: the foot's backward speed under the hips reaches half of the running speed. And on both: the hips fall
# fastest.
LEG_TURNS_AT = 0.80
STRIKE_SPEED_SHARE, STRIKE_SPEED_LATE_S = 0.50, -0.007
STRIKE_FALL_LATE_S = 0.035
# Toe-off on markers: the toe is 3 cm above where it stood in mid-stance. On film: the middle of heel and toe is 0.45 of
# the foot's length above it; the tip of the shoe is the point that a pose model places worst, the two together scatter
# by 5.5 ms from step to step where the toe alone scatters by 9. And on both: the toe rises at a fifth of the speed.
TOE_OFF_HEIGHT_M, TOE_OFF_HEIGHT_LATE_S = 0.03, 0.013
TOE_OFF_FOOT_SHARE, TOE_OFF_FOOT_LATE_S = 0.45, 0.005
TOE_OFF_SPEED_SHARE, TOE_OFF_SPEED_LATE_S = 0.20, -0.008
STRIKE_FROM_MS, STRIKE_TO_MS = 80, 150  # before and after the furthest reach: where strikes are looked for
MOSTLY_SEEN = 0.7  # of a contact, hips and foot must have been seen: a path across a long hole has no strike. Ours
EDGE_MS = 80  # a filter sees only half of its window this close to an end
EDGE_CONFIDENCE = 0.3
MAX_SPREAD_S = 0.060  # two detectors further apart than this are not looking at the same event


@dataclass(frozen=True)
class Fusion:
    """How much each pair of detectors counts on one kind of points, and by how much later strikes are found on it."""

    strike: tuple[float, float]  # turn of the leg or speed of the foot, fall of the hips
    toe_off: tuple[float, float]  # height of toe or foot, rise of the toe
    by_leg: bool  # the strike goes by the turn of the leg
    whole_foot: bool  # the height is that of the middle of heel and toe
    strike_late_s: float


# Markers: one detector says when the leg was made ready to land, the other what the landing did to the body; they count
# the same. A pose model places the hips too loosely for their fall to help: over 20 tuning films of the studio and two
# real ones the foot's speed alone scatters by 3 ms in a film and 3 ms between films, the fall of the hips by 20 and 20;
# and no film here has a truth for when a leg turns back (docs/validation.md).
ON_MARKERS = Fusion((0.5, 0.5), (0.7, 0.3), by_leg=True, whole_foot=False, strike_late_s=0.0)
ON_FILM = Fusion((1.0, 0.0), (0.8, 0.2), by_leg=False, whole_foot=True, strike_late_s=0.006)
# A contact this far from the usual one of the run has its toe-off on something else, most often on the other foot.
LEAST_OF_USUAL, MOST_OF_USUAL = 0.72, 1.35
MIN_USUAL = 4  # contacts that make a usual one
SHORTEST_CONTACT_S, LONGEST_CONTACT, SAME_FOOT_AGAIN = 0.08, 0.75, 0.6  # the last two of the stride; ours
# What a foot's way round under the hips encloses in a stride, in squares of the body's height: -0.09 to -0.026 in the
# eight marker trials, and as much above 0 when they are played in reverse. Ours: well above 0, where turning back lies.
WRONG_WAY = 0.01


@dataclass(frozen=True)
class Step:
    """One contact of one foot; times in seconds of the film, toe_off_s NaN when the film ends before it."""

    side: str
    strike_s: float
    toe_off_s: float
    strike_spread_s: float  # how far the detectors of the strike are apart
    toe_off_spread_s: float
    confidence: float  # 0-1
    edge: bool = False  # cut by an end of the film: told, but no part of any mean

    @property
    def contact_s(self) -> float:
        """Time on the ground, s; NaN when the toe-off was not seen."""
        return self.toe_off_s - self.strike_s

    @property
    def whole(self) -> bool:
        """Whether both ends of the contact were seen."""
        return bool(np.isfinite(self.toe_off_s))


@dataclass(frozen=True)
class Stride:
    """The landmarks of one swing and stance, as indices of the fine clock."""

    reach: int  # foot furthest ahead of the hips
    behind: int | None  # foot furthest behind the hips, after toe-off; None when the film ends long before
    seen_to: int  # the last sight of the foot
    edge: bool = False  # begun before the film, or not ended with it


def _ms(milliseconds: float) -> int:
    return round(milliseconds * GRID_HZ / 1000)


def period_s(runner: Runner) -> float:
    """The stride time by the legs' own repetition, s; NaN when they do not repeat."""
    return repeats_every_s(runner.at("left_ankle")[:, 0] - runner.at("right_ankle")[:, 0], GRID_HZ, 0.35)


def backwards_share(runner: Runner, stride_s: float, height_m: float) -> float:
    """The share of the strides, begun at every moment, in which a foot goes round under the hips the wrong way.

    Running or walking, it goes back while it is low and ahead while it is high.
    """
    stride = int(stride_s * GRID_HZ)
    hips = runner.middle("hip")
    swept = []
    for side in SIDES:
        foot = runner.at(f"{side}_ankle") - hips
        x, y = foot[np.isfinite(foot).all(axis=1)].T
        starts = max(0, len(x) - stride + 1)
        way = np.concatenate([[0.0], np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1])])
        first, last = slice(starts), slice(stride - 1, stride - 1 + starts)
        swept.append((way[last] - way[first] + x[last] * y[first] - x[first] * y[last]) / 2)
    wrong = np.concatenate(swept) > WRONG_WAY * height_m**2
    return float(wrong.mean()) if len(wrong) else 0.0


def _find_strides(runner: Runner, side: str, stride_s: float) -> list[Stride]:
    """Cut one leg's movement into strides: forward reach and backward reach relative to the hips."""
    hips = runner.middle("hip")[:, 0]
    parts = ("left_hip", "right_hip", *(f"{side}_{part}" for part in ("ankle", "heel", "toe")))
    ankle, heel, toe = (runner.at(f"{side}_{part}")[:, 0] - hips for part in ("ankle", "heel", "toe"))
    known = np.flatnonzero(np.isfinite(ankle) & np.isfinite(heel) & np.isfinite(toe))
    if len(known) < stride_s * GRID_HZ:
        return []
    first, last = int(known[0]), int(known[-1]) + 1
    slow = lowpass(ankle[first:last], GRID_HZ, 4.0)
    back = lowpass(toe[first:last], GRID_HZ, 6.0)
    stride = int(stride_s * GRID_HZ)
    # A low sample in front lets a leg that is furthest ahead as the film begins count as a peak.
    before = np.concatenate([[float(slow.min())], slow])
    peaks, _ = find_peaks(before, distance=int(0.7 * stride), height=0.3 * float(slow.max()))
    found = []
    for peak in (int(padded) - 1 for padded in peaks):
        # The heel, less filtered, says more exactly when the leg turns back.
        start, stop = max(0, peak - _ms(70)), min(len(slow), peak + _ms(70))
        reach = start + int(np.argmax(heel[first:last][start:stop]))
        end = min(len(slow), peak + int(0.75 * stride))
        behind = peak + int(np.argmin(back[peak:end]))
        until = first + behind if behind > reach else first + end
        if runner.seen_share(parts, first + reach - _ms(STRIKE_FROM_MS), until) < MOSTLY_SEEN:
            continue
        complete = end - peak >= 0.45 * stride and behind - reach >= _ms(150)
        edge = not complete or reach < _ms(EDGE_MS)
        found.append(Stride(first + reach, first + behind if complete else None, last - 1, edge))
    return found


def _ground_speed_m_s(runner: Runner, strides: list[tuple[str, Stride]]) -> float:
    """The speed at which standing feet move back under the hips, m/s: the running speed over ground or on the belt."""
    hips = runner.middle_velocity("hip")[:, 0]
    speeds = []
    for side, stride in strides:
        foot = (runner.velocity(f"{side}_heel")[:, 0] + runner.velocity(f"{side}_toe")[:, 0]) / 2
        window = (hips - foot)[stride.reach + _ms(60) : stride.reach + _ms(140)]
        if len(window) and np.isfinite(window).any():
            speeds.append(float(np.nanmean(window)))
    return float(np.median(speeds)) if speeds else float("nan")


def find_steps(runner: Runner, stride_s: float, *, toe_is_tip: bool) -> list[Step]:
    """Find every contact of both feet, in the order of time."""
    strides = [(side, stride) for side in SIDES for stride in _find_strides(runner, side, stride_s)]
    speed = _ground_speed_m_s(runner, strides)
    if not np.isfinite(speed) or speed <= 0:
        return []
    # A foot has left the ground when it is above the ground's own line in the picture, not above a level one.
    fusion = ON_FILM if toe_is_tip else ON_MARKERS
    seen = _Seen(runner, runner.turned(runner.ground_deg), speed, _foot_m(runner), fusion)
    if fusion.by_leg:
        seen = replace(seen, flight_s=_flight_s(seen, strides, stride_s))
    steps = [_step(seen, side, stride) for side, stride in strides]
    kept = [step for step in steps if step is not None]
    return _usual(_plausible(sorted(kept, key=lambda step: step.strike_s), stride_s))


@dataclass(frozen=True)
class _Seen:
    """What all contacts of a run are read against."""

    runner: Runner
    above: Runner  # the same, standing on level ground
    speed_m_s: float  # of the ground under the hips
    foot_m: float  # heel to toe
    fusion: Fusion
    flight_s: float = float("nan")  # the usual one of the run, where strikes go by the leg


def _foot_m(runner: Runner) -> float:
    """The length of the foot from heel to toe, m: the mean of both feet's usual ones."""
    lengths = [np.linalg.norm(runner.at(f"{side}_toe") - runner.at(f"{side}_heel"), axis=1) for side in SIDES]
    return float(np.mean([np.nanmedian(length) for length in lengths if np.isfinite(length).any()]))


def _leg_turns_s(runner: Runner, side: str, stride: Stride) -> float:
    """When the swinging lower leg, the line from knee to foot, turns back before a strike, s."""
    knee, heel, toe = (f"{side}_{part}" for part in ("knee", "heel", "toe"))
    line = (runner.at(heel) + runner.at(toe)) / 2 - runner.at(knee)
    swing = (runner.velocity(heel) + runner.velocity(toe)) / 2 - runner.velocity(knee)
    back = line[:, 1] * swing[:, 0] - line[:, 0] * swing[:, 1]
    turn = rising(back, 0.0, stride.reach - _ms(STRIKE_FROM_MS), stride.reach + _ms(STRIKE_TO_MS))
    return float(turn / GRID_HZ + runner.time_s[0])


def _flight_s(seen: _Seen, strides: list[tuple[str, Stride]], stride_s: float) -> float:
    """The usual flight, s, by how long the other foot has been off the ground when a leg turns back."""
    to_toe_off = [
        _fuse(_toe_off_votes(seen, side, stride), seen.fusion.toe_off)[0] - _leg_turns_s(seen.runner, side, stride)
        for side, stride in strides
    ]
    known = np.array(to_toe_off)[np.isfinite(to_toe_off)]
    return float(stride_s / 2 - np.median(known)) / LEG_TURNS_AT if len(known) else float("nan")


def _strike_votes(seen: _Seen, side: str, stride: Stride) -> Array:
    """What each detector says of one strike, s: (turn of the leg or speed of the foot, fall of the hips)."""
    runner = seen.runner
    hips = runner.middle_velocity("hip")
    start, stop = stride.reach - _ms(STRIKE_FROM_MS), stride.reach + _ms(STRIKE_TO_MS)
    if seen.fusion.by_leg:
        first_s = _leg_turns_s(runner, side, stride) + (1 - LEG_TURNS_AT) * seen.flight_s
    else:
        slip = hips[:, 0] - (runner.velocity(f"{side}_heel")[:, 0] + runner.velocity(f"{side}_toe")[:, 0]) / 2
        by_speed = rising(slip, STRIKE_SPEED_SHARE * seen.speed_m_s, start, stop)
        first_s = by_speed / GRID_HZ - STRIKE_SPEED_LATE_S + runner.time_s[0]
    fall_from = max(stride.reach - _ms(60), 0)
    fall = hips[fall_from:stop, 1]
    by_fall = fall_from + float(np.argmin(fall)) if len(fall) and np.isfinite(fall).all() else float("nan")
    return np.array([first_s, by_fall / GRID_HZ - STRIKE_FALL_LATE_S + runner.time_s[0]])


def _toe_off_votes(seen: _Seen, side: str, stride: Stride) -> Array:
    """What each detector says of one toe-off, s: (height of toe or foot, rise of the toe)."""
    if stride.behind is None:
        return np.full(2, np.nan)
    toe, rise = seen.above.at(f"{side}_toe")[:, 1], seen.above.velocity(f"{side}_toe")[:, 1]
    height, level, late_s = toe, TOE_OFF_HEIGHT_M, TOE_OFF_HEIGHT_LATE_S
    if seen.fusion.whole_foot:
        height = (seen.above.at(f"{side}_heel")[:, 1] + toe) / 2
        level, late_s = TOE_OFF_FOOT_SHARE * seen.foot_m, TOE_OFF_FOOT_LATE_S
    # True toe-off lies 75-157 ms before the backward reach: the search opens early in stance and ends there.
    open_at = stride.reach + int(0.35 * (stride.behind - stride.reach))
    middle = stride.reach + int(0.70 * (stride.behind - stride.reach))
    early = max(open_at - _ms(30), 0)
    lowest = early + int(np.argmin(toe[early:middle]))
    stood = height[stride.reach + _ms(80) : stride.reach + _ms(130)].mean()
    # The last crossing: a foot that was taken for the other one comes down again.
    opens = early if seen.fusion.whole_foot else lowest  # the heel rises before the toe is lowest
    by_height = rising(height - stood, level, opens, stride.behind + 1, last=True)
    by_rise = rising(rise, TOE_OFF_SPEED_SHARE * seen.speed_m_s, lowest, stride.behind + 1)
    votes = [by_height / GRID_HZ - late_s, by_rise / GRID_HZ - TOE_OFF_SPEED_LATE_S]
    return np.asarray(np.array(votes) + seen.above.time_s[0])


def _step(seen: _Seen, side: str, stride: Stride) -> Step | None:
    strike, strike_spread = _fuse(_strike_votes(seen, side, stride), seen.fusion.strike)
    toe_off, toe_off_spread = _fuse(_toe_off_votes(seen, side, stride), seen.fusion.toe_off)
    if stride.behind is not None and stride.seen_to - stride.behind < 2 and not _well_before_end(seen, stride, toe_off):
        # The film ends while the foot still goes back: a toe-off so near to its end is not told.
        stride, toe_off = replace(stride, behind=None, edge=True), float("nan")
    if not np.isfinite(strike) or (stride.behind is not None and not np.isfinite(toe_off)):
        return None
    doubt = (strike_spread + toe_off_spread) / (2 * MAX_SPREAD_S)
    confidence = EDGE_CONFIDENCE if stride.edge else float(np.clip(1 - doubt, 0.1, 1))
    strike = strike - seen.fusion.strike_late_s
    return Step(side, strike, toe_off, strike_spread, toe_off_spread, confidence, stride.edge)


def _well_before_end(seen: _Seen, stride: Stride, moment_s: float) -> bool:
    """Whether a moment lies so long before the foot's last sight that the filter saw its whole window."""
    return bool(moment_s <= seen.runner.time_s[0] + (stride.seen_to - _ms(EDGE_MS)) / GRID_HZ)


def _fuse(votes: Array, weights: tuple[float, float]) -> tuple[float, float]:
    """Weigh two detectors; the first alone when they disagree beyond reason or the second is silent."""
    first, second = float(votes[0]), float(votes[1])
    if not np.isfinite(first):
        return second, MAX_SPREAD_S
    if not np.isfinite(second) or abs(first - second) > MAX_SPREAD_S:
        return first, MAX_SPREAD_S
    return weights[0] * first + weights[1] * second, abs(first - second)


def _plausible(steps: list[Step], stride_s: float) -> list[Step]:
    """Drop contacts no runner makes: far too short, longer than a walking stance, or twice by the same foot."""
    kept: list[Step] = []
    for step in steps:
        if step.whole and not SHORTEST_CONTACT_S < step.contact_s < LONGEST_CONTACT * stride_s:
            continue
        same = [other for other in kept if other.side == step.side]
        if same and step.strike_s - same[-1].strike_s < SAME_FOOT_AGAIN * stride_s:
            if step.confidence > same[-1].confidence:
                kept[kept.index(same[-1])] = step
            continue
        kept.append(step)
    return sorted(kept, key=lambda step: step.strike_s)


def _usual(steps: list[Step]) -> list[Step]:
    """Take back the toe-offs of contacts far from the run's usual one; the strikes stand."""
    contacts = [step.contact_s for step in steps if step.whole and not step.edge]
    if len(contacts) < MIN_USUAL:
        return steps
    usual_s = float(np.median(contacts))
    low, high = LEAST_OF_USUAL * usual_s, MOST_OF_USUAL * usual_s
    return [
        replace(step, toe_off_s=float("nan"), confidence=EDGE_CONFIDENCE)
        if step.whole and not low < step.contact_s < high
        else step
        for step in steps
    ]
