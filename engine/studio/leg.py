"""One leg: the shoe rolls over the ground without sliding, the chain above follows it and swings on to the next.

The plane of the leg holds the running direction and the line from hip to ankle; angles are measured in it, in radians:
thigh and shank from straight down, distal end forward positive; knee flexion positive; foot pitch toes up positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq

from engine.measure.track import Array
from engine.studio.scene import BadScene, Scene, Side
from engine.studio.stride import GRAVITY_M_S2, PELVIS_TURN_DEG, SWAY_M, WALK_RISE_M, Clockwork, Contact

# Lengths as shares of body height: Winter 2009, Biomechanics and Motor Control.
THIGH, SHANK, ANKLE_HEIGHT, FOOT_LENGTH, HIP_HALF_WIDTH = 0.245, 0.246, 0.039, 0.152, 0.055
SOLE_M = 0.022  # thickness of the shoe's sole; ours
SHOE_PER_FOOT = 1.07  # ours
ANKLE_ALONG, BALL_ALONG = 0.26, 0.74  # from the heel, share of the shoe; ours
TOE_OUT_DEG = 6.0  # ours

# How the shoe rolls, u = share of stance, shaped on the marker trials of docs/validation.md: flat by a fifth of the
# stance, heel off before the half, the toe bent by 26° at the end, and the ball rising at about 0.9 m/s when it leaves.
FLAT_AT, HEEL_OFF_AT, TOE_OFF_BENDS_AT = 0.21, 0.43, 0.78
PITCH_AT_TOE_OFF_DEG, TOE_PITCH_AT_TOE_OFF_DEG = -53.0, -27.0
# Shoe, sole and heel give way as the foot takes up weight: for some hundredths of a second it creeps on, from half the
# speed against the ground (same trials), and sinks in, before it stands still. Muscles slow a leg, no wall does: the
# same trials' knees bend least 10 to 30 ms before strike and by 90 to 400, in the mean 236 degrees a second at strike.
# So the foot comes down just as fast as leaves the knee that rate.
CREEP_SHARE, CREEP_S = 0.5, 0.035
KNEE_RATE_AT_STRIKE_DEG_S, WALKING_KNEE_RATE_DEG_S = 236.0, 150.0  # walking: ours
EVERSION_AT, EVERSION_DEG = (0.0, 0.4, 1.0), (-6.0, 5.0, -3.0)  # u, heel tilt: about 11° of pronation, Bramah 2018
_STEP_S = 1e-3  # for derivatives at the ends of stance
# What places a leg at an instant: three angles of its chain, then the lower heel corner, pitch, toe pitch and eversion.
ROWS = ("thigh", "knee", "tilt", "x", "y", "z", "pitch", "toe", "eversion")
SETTLE_ROUNDS = 4  # of placing hip and foot and of asking how fast it sinks; two settle it to a millimetre


def _hermite(x: list[float], y: list[float], slope: list[float]) -> CubicHermiteSpline:
    return CubicHermiteSpline(np.array(x), np.array(y), np.array(slope))


@dataclass(frozen=True)
class Foot:
    """Where the shoe is, each (n,): its lower heel corner, the pitch of its rear and of its toe part, and its tilt.

    Points of the shoe lie on a line turned out by TOE_OUT_DEG: z = heel_z + (x - heel_x) turn.
    """

    heel_x: Array
    heel_y: Array
    heel_z: Array
    pitch: Array
    toe_pitch: Array
    eversion: Array
    turn: float  # tangent of the toe-out angle, signed

    def at(self, rows: slice) -> Foot:
        """Some of the instants."""
        x, y, z = self.heel_x[rows], self.heel_y[rows], self.heel_z[rows]
        return Foot(x, y, z, self.pitch[rows], self.toe_pitch[rows], self.eversion[rows], self.turn)


@dataclass(frozen=True)
class LegPose:
    """The chain at n instants: joint centres (n, 3) in m, and the shoe."""

    hip: Array
    knee: Array
    ankle: Array
    foot: Foot


class Build:
    """The lengths of one runner, m."""

    def __init__(self, height_m: float) -> None:
        self.thigh, self.shank = THIGH * height_m, SHANK * height_m
        self.shoe = FOOT_LENGTH * SHOE_PER_FOOT * height_m
        self.ankle_y = ANKLE_HEIGHT * height_m + SOLE_M
        self.hip_half = HIP_HALF_WIDTH * height_m

    def reach(self, knee_flexion_deg: float) -> float:
        """Distance from hip to ankle at this knee flexion."""
        cosine = np.cos(np.deg2rad(knee_flexion_deg))
        return float(np.sqrt(self.thigh**2 + self.shank**2 + 2 * self.thigh * self.shank * cosine))

    def ankle_from_heel(self, pitch: Array) -> tuple[Array, Array]:
        """Ankle centre from the lower heel corner, (x, y)."""
        x, y = ANKLE_ALONG * self.shoe, self.ankle_y
        return x * np.cos(pitch) - y * np.sin(pitch), x * np.sin(pitch) + y * np.cos(pitch)


@dataclass(frozen=True)
class Placement:
    """How hip and foot of one leg stand to each other."""

    hip_height_m: float  # of the mid-hip at strike
    heel_print_x_m: float  # where the heel stands in mid-stance, against the mid-hip
    sink_m_s: float  # how fast the foot sinks in when it strikes


class Leg:
    """One leg of one runner, over all strides of the clockwork."""

    def __init__(self, scene: Scene, clock: Clockwork, side: Side) -> None:
        self.scene, self.clock, self.side = scene, clock, side
        self.sign = 1.0 if side == "right" else -1.0
        self.toe_out = self.sign * np.tan(np.deg2rad(TOE_OUT_DEG))  # tangent, as a Foot has it
        self.build = Build(scene.height_m)
        self.contacts = clock.of(side)
        self._placement = self._placed()
        self._curves: dict[float, dict[str, CubicHermiteSpline]] = {}  # by the time of the strike they lead to

    # -- the shoe on the ground ---------------------------------------------------------------------------------------

    def _roll(self) -> tuple[CubicHermiteSpline, CubicHermiteSpline]:
        """Pitch of the rear shoe and of its toe over u."""
        start = np.deg2rad(self.scene.pitch_at_strike_deg)
        end, toe_end = np.deg2rad(PITCH_AT_TOE_OFF_DEG), np.deg2rad(TOE_PITCH_AT_TOE_OFF_DEG)
        if self.scene.walk:
            end = np.deg2rad(-58.0)
        pitch = _hermite(
            [0, FLAT_AT, HEEL_OFF_AT, 1],
            [start, 0, 0, end],
            [-1.2 * start / FLAT_AT, 0, 0, 1.4 * end / (1 - HEEL_OFF_AT)],
        )
        toe = _hermite([0, TOE_OFF_BENDS_AT, 1], [0, 0, toe_end], [0, 0, 1.6 * toe_end / (1 - TOE_OFF_BENDS_AT)])
        return pitch, toe

    def _stance_foot(self, contact: Contact, time_s: Array, placement: Placement) -> Foot:
        """The shoe during this contact: once it has settled, one point of it stands still on the ground at any time."""
        u = (time_s - contact.strike_s) / contact.contact_s
        roll, bend = self._roll()
        pitch, toe_pitch = roll(u), bend(u)
        heel_print = placement.heel_print_x_m - self.scene.speed_m_s * (
            time_s - (contact.strike_s + contact.contact_s / 2)
        )
        settling = np.clip(1 - (time_s - contact.strike_s) / CREEP_S, 0, 1)
        heel_print = heel_print - CREEP_SHARE * self.scene.speed_m_s * CREEP_S / 2 * settling**2
        give = placement.sink_m_s * CREEP_S / 2 * settling**2
        ball, toe = BALL_ALONG * self.build.shoe, (1 - BALL_ALONG) * self.build.shoe
        # Toes up: it stands on the heel. Heel up: on the flat toe, and at the end on the tip alone.
        tip_x = heel_print + self.build.shoe
        x = np.where(pitch >= 0, heel_print, tip_x - toe * np.cos(toe_pitch) - ball * np.cos(pitch))
        y = give + np.where(pitch >= 0, 0.0, -toe * np.sin(toe_pitch) - ball * np.sin(pitch))
        z = self.sign * self.scene.step_width_m / 2 + (x - heel_print - ANKLE_ALONG * self.build.shoe) * self.toe_out
        eversion = np.deg2rad(np.interp(u, EVERSION_AT, EVERSION_DEG))
        return Foot(x, y, z, pitch, np.where(pitch > 0, pitch, toe_pitch), eversion, self.toe_out)

    def ankle_of(self, foot: Foot) -> Array:
        """Ankle centre of a shoe, (n, 3)."""
        x, y = self.build.ankle_from_heel(foot.pitch)
        z = foot.heel_z + x * self.toe_out + self._inwards(foot.eversion)
        return np.asarray(np.stack([foot.heel_x + x, foot.heel_y + y, z], axis=1))

    def _inwards(self, eversion: Array) -> Array:
        """How far an everted heel puts the ankle inwards, (n,) m along z."""
        return np.asarray(-self.sign * self.build.ankle_y * np.tan(eversion))

    # -- the hip ------------------------------------------------------------------------------------------------------

    def hip_at(self, time_s: Array) -> Array:
        """Hip centre, (n, 3)."""
        clock = self.clock
        rise = clock.rise_m(time_s) + self._placement.hip_height_m
        return self._hip(rise, clock.turn_rad(time_s), clock.drop_rad(time_s), clock.sway_m(time_s))

    def _hip(self, rise: Array, turn: Array, drop: Array, sway: Array) -> Array:
        half = self.build.hip_half
        return np.stack(
            [
                -self.sign * half * np.sin(turn),
                rise - self.sign * half * np.sin(drop),
                sway + self.sign * half * np.cos(turn) * np.cos(drop),
            ],
            axis=1,
        )

    def _placed(self) -> Placement:
        """Place hip and foot by how far the knee is bent at strike and at toe-off, and how fast at strike."""
        knee_at_strike, knee_at_toe_off = (12.0, 44.0) if self.scene.walk else (12.0, 15.0)
        # The foot that stays longer reaches farther both ways: an uneven runner keeps his knees a little more bent.
        uneven_ms = abs(self.scene.asymmetry_contact_ms)
        knee_at_strike, knee_at_toe_off = knee_at_strike + 0.2 * uneven_ms, knee_at_toe_off + 0.4 * uneven_ms
        # One stride of a body without wobble, of the left foot: only the geometry of its two ends is used.
        phase = np.array([0.0, _STEP_S / self.scene.step_s, self.scene.contact_s / self.scene.step_s])
        hip = self._nominal_hip(phase)
        contact = Contact(self.side, 0.0, self.scene.contact_s)
        ends_s = np.array([0.0, _STEP_S, self.scene.contact_s])
        gap = self.ankle_of(self._stance_foot(contact, ends_s, Placement(0.0, 0.0, 0.0))) - hip
        speed = (gap[1] - gap[0]) / _STEP_S
        if not self.scene.walk:
            speed[1] += GRAVITY_M_S2 * (self.scene.step_s - self.scene.contact_s) / 2  # the fall from the flight before
        sink, reaches = 0.0, (self.build.reach(knee_at_strike), self.build.reach(knee_at_toe_off))
        for _ in range(SETTLE_ROUNDS):
            ends = gap[[0, 2]] + np.array([[0, sink * CREEP_S / 2, 0], [0, 0, 0]])
            height, forward = self._place(ends, *reaches)
            leg = ends[0] + np.array([forward, -height, 0])
            sink = self._sink(leg, speed, knee_at_strike)
        return Placement(height, forward, sink)

    def _place(self, gap: Array, near: float, far: float) -> tuple[float, float]:
        """Height of the mid-hip and place of the heel at which the leg reaches `near` at strike and `far` at toe-off.

        `gap` holds the ankle against the hip at both, for a height and a place of 0.
        """

        def forward(height: float) -> float:
            down = np.hypot(height - gap[0, 1], gap[0, 2])
            return float(np.sqrt(max(near**2 - down**2, 0.0)) - gap[0, 0])

        def miss(height: float) -> float:
            rest = gap[1] + np.array([forward(height), -height, 0])
            return float(np.linalg.norm(rest) - far)

        highest = float(gap[0, 1] + np.sqrt(near**2 - gap[0, 2] ** 2))
        try:
            height = float(brentq(miss, 0.6 * highest, highest))
        except ValueError:
            raise BadScene(
                f"Legs of a {self.scene.height_m:.2f} m runner do not reach over a contact of "
                f"{self.scene.speed_m_s * self.scene.contact_s:.2f} m. Choose a shorter contact or a lower speed."
            ) from None
        return height, forward(height)

    def _sink(self, leg: Array, speed: Array, knee_deg: float) -> float:
        """How fast a foot must sink at strike for the knee to bend at a runner's rate; `leg` from hip to ankle, m."""
        rate_deg_s = WALKING_KNEE_RATE_DEG_S if self.scene.walk else KNEE_RATE_AT_STRIKE_DEG_S
        length = float(np.linalg.norm(leg))
        # The knee's rate in m/s of leg length, from the law of cosines.
        shortening = (
            self.build.thigh * self.build.shank * np.sin(np.deg2rad(knee_deg)) / length * np.deg2rad(rate_deg_s)
        )
        return float(max(0.0, (leg @ speed + shortening * length) / leg[1]))

    def _nominal_hip(self, phase: Array) -> Array:
        scene, left_phase = self.scene, phase if self.side == "left" else phase + 1
        turn = np.deg2rad(PELVIS_TURN_DEG) * np.cos(np.pi * left_phase)
        middle = 0.5 * scene.contact_s / scene.step_s
        rise = WALK_RISE_M * np.cos(2 * np.pi * (phase - middle)) if scene.walk else np.zeros_like(phase)
        sway = -SWAY_M * np.cos(np.pi * (left_phase - middle))
        return self._hip(rise, turn, np.zeros_like(phase), sway)

    # -- the chain ----------------------------------------------------------------------------------------------------

    def _solve(self, hip: Array, ankle: Array) -> tuple[Array, Array, Array]:
        """Thigh angle, knee flexion and sideways tilt of the leg's plane for a given hip and ankle."""
        gap = ankle - hip
        forward, down = gap[:, 0], np.hypot(gap[:, 1], gap[:, 2])
        length = np.hypot(forward, down)
        t, s = self.build.thigh, self.build.shank
        if np.any(length >= t + s):
            raise BadScene(
                f"The leg would have to stretch by {100 * (length.max() - t - s):.1f} cm. "
                "Choose a shorter contact, a lower speed or less asymmetry."
            )
        knee = np.pi - np.arccos((t**2 + s**2 - length**2) / (2 * t * s))
        thigh = np.arctan2(forward, down) + np.arccos((t**2 + length**2 - s**2) / (2 * t * length))
        return thigh, knee, np.arctan2(gap[:, 2], -gap[:, 1])

    def _chain(self, hip: Array, thigh: Array, knee: Array, tilt: Array) -> tuple[Array, Array]:
        """Knee and ankle centres from the angles, (n, 3) each."""
        axis = np.stack([np.zeros_like(tilt), -np.cos(tilt), np.sin(tilt)], axis=1)
        ahead = np.array([1.0, 0, 0])

        def end(start: Array, angle: Array, length: float) -> Array:
            return np.asarray(start + length * (np.sin(angle)[:, None] * ahead + np.cos(angle)[:, None] * axis))

        middle = end(hip, thigh, self.build.thigh)
        return middle, end(middle, thigh - knee, self.build.shank)

    def pose(self, time_s: Array) -> LegPose:
        """The leg at these instants."""
        hip = self.hip_at(time_s)
        rows = {name: np.empty(len(time_s)) for name in ROWS}
        strikes = np.array([contact.strike_s for contact in self.contacts])
        stride = np.searchsorted(strikes, time_s, side="right") - 1
        for index in np.unique(stride):
            contact, after = self.contacts[index], self.contacts[index + 1]
            here = stride == index
            standing = here & (time_s < contact.toe_off_s)
            swinging = here & ~standing
            parts = [(standing, self._stance(contact, time_s[standing], hip[standing]))]
            if swinging.any():
                parts.append((swinging, self._swing(contact, after, time_s[swinging], hip[swinging])))
            for chosen, part in parts:
                for name, values in zip(ROWS, part, strict=True):
                    rows[name][chosen] = values
        middle, ankle = self._chain(hip, rows["thigh"], rows["knee"], rows["tilt"])
        foot = Foot(rows["x"], rows["y"], rows["z"], rows["pitch"], rows["toe"], rows["eversion"], self.toe_out)
        return LegPose(hip, middle, ankle, foot)

    def _stance(self, contact: Contact, time_s: Array, hip: Array) -> tuple[Array, ...]:
        """The ROWS of one contact."""
        foot = self._stance_foot(contact, time_s, self._placement)
        chain = self._solve(hip, self.ankle_of(foot))
        return (*chain, foot.heel_x, foot.heel_y, foot.heel_z, foot.pitch, foot.toe_pitch, foot.eversion)

    def _swing(self, contact: Contact, after: Contact, time_s: Array, hip: Array) -> tuple[Array, ...]:
        """The ROWS of one swing: smooth curves from the angles and rates at toe-off to those at strike."""
        if after.strike_s not in self._curves:
            self._curves[after.strike_s] = self._swing_curves(contact, after)
        s = (time_s - contact.toe_off_s) / (after.strike_s - contact.toe_off_s)
        at = {name: np.asarray(curve(s)) for name, curve in self._curves[after.strike_s].items()}
        thigh, knee, tilt = at["thigh"], at["knee"], at["tilt"]
        pitch = at["dorsi"] + thigh - knee
        eversion = np.deg2rad(np.interp(s, [0, 0.4, 1], [EVERSION_DEG[2], EVERSION_DEG[0], EVERSION_DEG[0]]))
        _, ankle = self._chain(hip, thigh, knee, tilt)
        x, y = self.build.ankle_from_heel(pitch)
        z = ankle[:, 2] - x * self.toe_out - self._inwards(eversion)
        return thigh, knee, tilt, ankle[:, 0] - x, ankle[:, 1] - y, z, pitch, pitch + at["bend"], eversion

    def _swing_curves(self, contact: Contact, after: Contact) -> dict[str, CubicHermiteSpline]:
        """Thigh, knee, ankle, sideways tilt and toe bend over the share of the swing."""
        span = after.strike_s - contact.toe_off_s
        start, start_rate = self._ends(contact, contact.toe_off_s, -_STEP_S)
        end, end_rate = self._ends(after, after.strike_s, _STEP_S)
        start_rate, end_rate = start_rate * span, end_rate * span
        peak = np.deg2rad(self.scene.peak_swing_knee_deg)
        lift = np.deg2rad(26.0 if self.scene.walk else 35 + 5 * (self.scene.speed_m_s - 3))
        lift = max(lift, end[0] + np.deg2rad(4))
        late, toes_up = 0.74 * peak, np.deg2rad(12.0)  # the toe clears the ground by a few centimetres; ours
        knee_at = 0.36 if self.scene.walk else 0.42  # of the swing, when the knee is bent most
        return {
            "thigh": _hermite([0, 0.76, 1], [start[0], lift, end[0]], [start_rate[0], 0, end_rate[0]]),
            "knee": _hermite(
                [0, knee_at, 0.72, 1], [start[1], peak, late, end[1]], [start_rate[1], 0, -3.0 * late, end_rate[1]]
            ),
            "dorsi": _hermite([0, 0.4, 0.7, 1], [start[2], 0.0, toes_up, end[2]], [start_rate[2], 0.6, 0, end_rate[2]]),
            "tilt": _hermite([0, 1], [start[3], end[3]], [start_rate[3], end_rate[3]]),
            "bend": _hermite([0, 0.3, 1], [start[4], 0, end[4]], [start_rate[4], 0, 0]),
        }

    def _ends(self, contact: Contact, time_s: float, step_s: float) -> tuple[Array, Array]:
        """Thigh, knee, ankle, tilt and toe bend at one end of a contact, and their rates per second: those of stance.

        `step_s` leads into the contact.
        """
        instants = np.array([time_s, time_s + step_s])
        foot = self._stance_foot(contact, instants, self._placement)
        pitch, toe = foot.pitch, foot.toe_pitch
        if step_s > 0:
            # Before the slap the foot already turns down, at half its speed after it.
            pitch = pitch[0] + np.array([0, 0.5]) * (pitch[1] - pitch[0])
            toe = np.maximum(pitch, 0)
        thigh, knee, tilt = self._solve(self.hip_at(instants), self.ankle_of(foot))
        both = np.stack([thigh, knee, pitch - (thigh - knee), tilt, toe - pitch])
        return both[:, 0], (both[:, 1] - both[:, 0]) / step_s
