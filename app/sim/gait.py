"""Running kinematics: one canonical stride, two legs half a stride apart, feet pinned to the belt.

The canonical stride (``canonical_gait.json``) is the mean of two real treadmill runners at 3.9 m/s. The stance
foot rolls on the moving belt without slip, which gives the hip its height and place; the contact lasts as long
as the belt needs to carry the foot through that stance, so contact time falls with speed by itself. Between
toe-off and the next initial contact the hip flies a parabola. Lengths in BH, phase in strides from initial contact.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from app.sim.acts import Act
from app.sim.body import (
    FAR,
    NEAR,
    NECK_BH,
    STANDING_TRUNK_DEG,
    TRUNK_BH,
    Angles,
    hip_over_ankle,
    rolled_ankle,
    smoothstep,
)

if TYPE_CHECKING:
    from app.coach.types import FloatArray
    from app.sim.acts import RunnerParams

GRAVITY_M_S2 = 9.81
#: Mean speed of the two runners behind the canonical stride.
CANONICAL_SPEED_M_S = 3.86
#: Leg excursions scale with speed to this power (fits the contact times 0.30 s at 2.5 and 0.21 s at 4.5 m/s).
EXCURSION_POWER = 0.45
#: Thigh and shank at midstance: the fixed point about which the excursion is scaled.
MIDSTANCE_THIGH_DEG, MIDSTANCE_SHANK_DEG = 14.8, 30.0
#: hip -> ear inclination of relaxed standing, the zero of the canonical ``up`` curve.
STANDING_UP_DEG = 0.07
STANDING_HIP_BH = 0.54689
#: Natural step-to-step SD of trunk, thigh, shank (deg), of the leg's excursion and of flight time (fractions). Measured
#: on the result: ear peak 8 mm, trunk step mean 0.7 deg, contact time 4 ms, as the two real runners.
STEP_SD = (0.85, 1.6, 1.9, 0.018, 0.07)
MIN_FLIGHT_S = 0.03
#: What one rigid leg needs to come as low at midstance as the two runners' mean: (curve, centre phase, half width,
#: deg). Later in stance the foot's pitch is solved for the canonical hip height (`_fit_push_off`).
FITS = (("al", 0.16, 0.15, 1.5), ("sh", 0.16, 0.15, 1.5))
#: How far the timing inside a contact follows the belt (1: the hip never surges, 0: the canonical timing).
EVEN_SPEED = 0.6
STANCE_KNOTS = 8
FIT_FROM_PHASE, FIT_UNTIL_PHASE = 0.18, 0.50


#: One step's noise: trunk, thigh, shank (deg) and the excursion's share.
Noise4 = tuple[float, float, float, float]
STILL: Noise4 = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Fault:
    """How an act changes the stride; angles in deg at full size (acted-fault table, biomechanics part D)."""

    trunk_deg: float = 0.0
    thigh_deg: float = 0.0
    shank_deg: float = 0.0
    landing_thigh_deg: float = 0.0
    landing_shank_deg: float = 0.0
    push_off_pitch_deg: float = 0.0
    flight_gain: float = 0.0


FAULTS: dict[Act, Fault] = {
    Act.GOOD: Fault(),
    Act.UPRIGHT: Fault(trunk_deg=-10.0),
    Act.OVER_LEAN: Fault(trunk_deg=14.0),
    Act.PELVIS_DRIFT: Fault(trunk_deg=-9.0, thigh_deg=-2.0, shank_deg=8.0),
    Act.HIP_SQUEEZE: Fault(trunk_deg=-6.0, thigh_deg=-8.0, shank_deg=-4.0),
    Act.ANKLE_LEAN: Fault(thigh_deg=-7.0, shank_deg=7.0),
    Act.STANDING_UP: Fault(trunk_deg=-4.0, thigh_deg=-6.0, shank_deg=-7.0, push_off_pitch_deg=-8.0, flight_gain=0.35),
    Act.OVERSTRIDE: Fault(landing_thigh_deg=4.0, landing_shank_deg=-9.0),
}


class Stride:
    """The canonical curves, interpolated over the phase (any real number; periodic)."""

    def __init__(self) -> None:
        raw = json.loads(files("app.sim").joinpath("canonical_gait.json").read_text(encoding="utf-8"))
        self.contact_fraction: float = raw["ct"]
        self._curves = {k: [float(x) for x in raw[k]] for k in ("al", "sh", "ft", "tr", "up")}
        for name, centre, half_width, size_deg in FITS:
            curve = self._curves[name]
            for i in range(len(curve)):
                u = min(1.0, abs(i / len(curve) - centre) / half_width)
                curve[i] += size_deg * math.cos(0.5 * math.pi * u) ** 2
        self._fit_push_off([float(x) / 100.0 for x in raw["yh"]])
        spectrum = np.fft.rfft(raw["al"]) / len(raw["al"])
        self._thigh_lead_rad = float(np.angle(spectrum[1]))

    def _fit_push_off(self, hip_rise_bh: list[float]) -> None:
        """Solve the foot's pitch from midstance to toe-off so that the hip has the canonical height."""
        pitch, n = self._curves["ft"], len(self._curves["ft"])
        first, last = round(FIT_FROM_PHASE * n), int(self.contact_fraction * n)
        flat = [self._hip_rise(i, pitch[i]) for i in range(n)]
        shift = 0.0
        for i in range(first, last + 1):
            w = smoothstep((i - first) / (last - first))
            target = hip_rise_bh[i] + (1.0 - w) * (flat[first] - hip_rise_bh[first])
            low, high = -75.0, 5.0
            for _ in range(40):
                middle = 0.5 * (low + high)
                low, high = (middle, high) if self._hip_rise(i, middle) > target else (low, middle)
            shift = high - pitch[i]
            pitch[i] = high
        until = round(FIT_UNTIL_PHASE * n)
        for i in range(last + 1, until):
            pitch[i] += shift * (1.0 - smoothstep((i - last) / (until - last)))

    def _hip_rise(self, i: int, pitch_deg: float) -> float:
        """Return the hip's height over standing for sample ``i`` on a foot of given pitch, BH."""
        leg = hip_over_ankle(self._curves["al"][i], self._curves["sh"][i])
        return float(rolled_ankle(pitch_deg)[1] + leg[1]) - STANDING_HIP_BH

    def value(self, name: str, phase: float) -> float:
        """Return a curve at a phase by Catmull-Rom interpolation."""
        curve = self._curves[name]
        n = len(curve)
        x = (phase % 1.0) * n
        i = int(x)
        f = x - i
        a, b, c, d = curve[i - 1], curve[i % n], curve[(i + 1) % n], curve[(i + 2) % n]
        return b + 0.5 * f * (c - a + f * (2.0 * a - 5.0 * b + 4.0 * c - d + f * (3.0 * (b - c) + d - a)))

    def swing(self, phase: float) -> float:
        """Return the thigh's first harmonic in -1..1 (+ forward): what the opposite arm follows."""
        return math.cos(2.0 * math.pi * phase + self._thigh_lead_rad)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: stance of leg ``side`` (NEAR/FAR) and the flight after it; noise in deg."""

    index: int
    side: int
    initial_contact_s: float
    toe_off_s: float
    end_s: float
    noise: Noise4


def _stance_weight(phase: float, contact: float) -> float:
    """Return 1 from just before initial contact to toe-off and 0 in mid-swing."""
    p = phase % 1.0
    if p < 0.5:
        return 1.0 - smoothstep((p - contact) / 0.20)
    return 1.0 - smoothstep((p - contact) / 0.20) + smoothstep((p - 0.80) / 0.18)


def _landing_weight(phase: float) -> float:
    """Return 1 around initial contact, 0 from a third of stance to late swing."""
    p = phase % 1.0
    return smoothstep((p - 0.76) / 0.16) if p > 0.5 else 1.0 - smoothstep((p - 0.02) / 0.11)


def _push_off_weight(phase: float) -> float:
    """Return 1 around toe-off, 0 at midstance and in mid-swing."""
    p = phase % 1.0
    return smoothstep((p - 0.18) / 0.15) * (1.0 - smoothstep((p - 0.345) / 0.11))


def cadence_spm(speed_m_s: float) -> float:
    """Return the steps per minute of good form: 166 at 2.5 m/s, the real runners' 174 at 3.86 m/s."""
    return 166.0 + 6.1 * (speed_m_s - 2.5)


class Gait:
    """The endless run of one performance: steps, angles and hip position over the time since its first contact."""

    def __init__(self, params: RunnerParams) -> None:
        self._params = params
        self._stride = Stride()
        self._speed_bh_s = params.speed_m_s / params.height_m
        self._gravity_bh_s2 = GRAVITY_M_S2 / params.height_m
        self._excursion = (params.speed_m_s / CANONICAL_SPEED_M_S) ** EXCURSION_POWER
        self._fault = FAULTS[params.act]
        good_contact_s = self._stance_travel(Fault(), STILL) / self._speed_bh_s
        step_s = 60.0 / cadence_spm(params.speed_m_s)
        gain = 1.0 + self._fault.flight_gain * params.magnitude
        self._flight_s = max(MIN_FLIGHT_S, step_s - good_contact_s) * gain
        self._stance_share = self._stance_timing()
        self._steps: list[Step] = []
        self._knots_s: FloatArray = np.zeros(0)
        self._knot_phase: FloatArray = np.zeros(0)
        self._knot_slope: FloatArray = np.zeros(0)
        self._extend(8)

    @property
    def contact_fraction(self) -> float:
        """Contact time / stride time of the canonical stride: the phase of toe-off."""
        return self._stride.contact_fraction

    def steps_until(self, t_s: float) -> list[Step]:
        """Return every step that begins before ``t_s``."""
        self._reach(t_s)
        return [s for s in self._steps if s.initial_contact_s < t_s]

    def step_at(self, t_s: float) -> Step:
        """Return the step (contact and following flight) that holds ``t_s`` >= 0."""
        self._reach(t_s)
        starts = self._knots_s[:: STANCE_KNOTS + 1]
        return self._steps[max(0, int(np.searchsorted(starts, t_s, side="right")) - 1)]

    def phase_at(self, t_s: float) -> float:
        """Return the running phase in strides; leg NEAR lands at whole numbers, FAR at halves."""
        self._reach(t_s)
        t = self._knots_s
        i = min(max(int(np.searchsorted(t, t_s, side="right")) - 1, 0), len(t) - 2)
        h = float(t[i + 1] - t[i])
        u = (t_s - float(t[i])) / h
        p0, p1 = float(self._knot_phase[i]), float(self._knot_phase[i + 1])
        m0, m1 = float(self._knot_slope[i]) * h, float(self._knot_slope[i + 1]) * h
        return p0 + u * (m0 + u * (3.0 * (p1 - p0) - 2.0 * m0 - m1 + u * (2.0 * (p0 - p1) + m0 + m1)))

    def angles_at(self, t_s: float) -> Angles:
        """Return all joint angles at a time >= 0 since the first contact."""
        phase = self.phase_at(t_s)
        legs = [self._leg(p, self._leg_noise(p, side), self._fault) for side, p in self._leg_phases(phase)]
        trunk_rel, up_rel = self._stride.value("tr", phase), self._stride.value("up", phase)
        extra = self._fault.trunk_deg * self._params.magnitude + self._trunk_noise(phase)
        trunk_deg = trunk_rel + extra + STANDING_TRUNK_DEG
        neck_deg = _neck_for(trunk_deg, up_rel + extra + STANDING_UP_DEG)
        arms = [self._arm(phase + shift, trunk_deg) for shift in (0.5, 0.0)]
        return Angles(
            trunk_deg=trunk_deg,
            neck_deg=neck_deg,
            thigh_deg=(legs[0][0], legs[1][0]),
            shank_deg=(legs[0][1], legs[1][1]),
            pitch_deg=(legs[0][2], legs[1][2]),
            upper_arm_deg=(arms[0][0], arms[1][0]),
            forearm_deg=(arms[0][1], arms[1][1]),
        )

    def hip_at(self, t_s: float) -> FloatArray:
        """Return the hip (2,) BH: x about the spot it holds over the belt, y over the floor."""
        step = self.step_at(t_s)
        if t_s <= step.toe_off_s:
            phase = self.phase_at(t_s) - 0.5 * step.index
            here = self._hip_over_contact(phase, step.noise, self._fault)
            start = self._hip_over_contact(0.0, step.noise, self._fault)
            x = here[0] - start[0] - self._speed_bh_s * (t_s - step.initial_contact_s)
            return np.array((x, here[1]))
        after = self._steps[step.index + 1]
        y0 = self._hip_over_contact(self.contact_fraction, step.noise, self._fault)[1]
        y1 = self._hip_over_contact(0.0, after.noise, self._fault)[1]
        flight, u = step.end_s - step.toe_off_s, t_s - step.toe_off_s
        rise = (y1 - y0) / flight + 0.5 * self._gravity_bh_s2 * flight
        return np.array((0.0, y0 + rise * u - 0.5 * self._gravity_bh_s2 * u * u))

    def _leg_phases(self, phase: float) -> tuple[tuple[int, float], tuple[int, float]]:
        return (NEAR, phase), (FAR, phase - 0.5)

    def _leg(self, phase: float, noise: Noise4, fault: Fault) -> tuple[float, float, float]:
        """Return thigh, shank and foot pitch of a leg at its own phase."""
        k, m = self._excursion * (1.0 + noise[3]), self._params.magnitude
        stance = _stance_weight(phase, self.contact_fraction) * m
        landing = _landing_weight(phase) * m
        thigh = MIDSTANCE_THIGH_DEG + k * (self._stride.value("al", phase) - MIDSTANCE_THIGH_DEG)
        shank = MIDSTANCE_SHANK_DEG + k * (self._stride.value("sh", phase) - MIDSTANCE_SHANK_DEG)
        thigh += fault.thigh_deg * stance + fault.landing_thigh_deg * landing + noise[1]
        shank += fault.shank_deg * stance + fault.landing_shank_deg * landing + noise[2]
        # A knee never bends backwards: the shank gives way near full extension.
        knee = thigh + shank
        shank += max(0.0, 2.0 - knee)
        pitch = k * self._stride.value("ft", phase) + fault.push_off_pitch_deg * m * _push_off_weight(phase)
        return thigh, shank, pitch

    def _hip_over_contact(self, phase: float, noise: Noise4, fault: Fault) -> FloatArray:
        """Return the hip (2,) BH from the foot's mark on the belt, for a stance phase."""
        thigh, shank, pitch = self._leg(phase, noise, fault)
        return rolled_ankle(pitch) + hip_over_ankle(thigh, shank)

    def _stance_timing(self) -> FloatArray:
        """Return the share of the contact time at which each stance knot's phase is reached, 0..1."""
        even = np.arange(STANCE_KNOTS + 1) / STANCE_KNOTS
        travel = np.array([self._hip_over_contact(self.contact_fraction * u, STILL, self._fault)[0] for u in even])
        share: FloatArray = (travel - travel[0]) / (travel[-1] - travel[0])
        return (1.0 - EVEN_SPEED) * even + EVEN_SPEED * share

    def _stance_travel(self, fault: Fault, noise: Noise4) -> float:
        """Return how far the hip passes over the belt during one contact, BH."""
        end = self._hip_over_contact(self.contact_fraction, noise, fault)
        return float(end[0] - self._hip_over_contact(0.0, noise, fault)[0])

    def _arm(self, phase: float, trunk_deg: float) -> tuple[float, float]:
        """Return upper arm and forearm of the arm that swings with a leg phase (its opposite leg's)."""
        swing = self._stride.swing(phase)
        upper = -20.0 + 27.0 * self._excursion * swing - 0.3 * (trunk_deg - 9.0)
        return upper, upper + 86.0 + 9.0 * swing

    def _trunk_noise(self, phase: float) -> float:
        u = 2.0 * phase
        i = max(0, math.floor(u))
        w = smoothstep(u - i)
        return self._steps[i].noise[0] * (1.0 - w) + self._steps[i + 1].noise[0] * w

    def _leg_noise(self, leg_phase: float, side: int) -> Noise4:
        """Return a leg's noise: that of its step through stance, drifting to its next step's in swing."""
        k = math.floor(leg_phase)
        now, then = self._steps[max(0, 2 * k + side)].noise, self._steps[2 * (k + 1) + side].noise
        w = smoothstep((leg_phase - k - 0.5) / 0.4)
        trunk, thigh, shank, excursion = (a + (b - a) * w for a, b in zip(now, then, strict=True))
        return trunk, thigh, shank, excursion

    def _reach(self, t_s: float) -> None:
        # Three steps of margin: the next steps' noise, and slopes that no longer depend on the last knot.
        while self._steps[-4].initial_contact_s <= t_s:
            self._extend(2 * len(self._steps))

    def _extend(self, count: int) -> None:
        """Draw the steps up to ``count``; every step's noise depends on the seed and its number alone."""
        scale = self._params.variation
        for i in range(len(self._steps), count):
            draw = np.random.default_rng((self._params.seed, 17, i)).standard_normal(5).clip(-2.5, 2.5) * scale
            trunk, thigh, shank, excursion, flight = (float(sd * d) for sd, d in zip(STEP_SD, draw, strict=True))
            noise = (trunk, thigh, shank, excursion)
            start = self._steps[-1].end_s if self._steps else 0.0
            toe_off = start + self._stance_travel(self._fault, noise) / self._speed_bh_s
            end = toe_off + self._flight_s * (1.0 + flight)
            self._steps.append(Step(i, i % 2, start, toe_off, end, noise))
        grid = self.contact_fraction * np.arange(STANCE_KNOTS + 1) / STANCE_KNOTS
        times = [s.initial_contact_s + (s.toe_off_s - s.initial_contact_s) * self._stance_share for s in self._steps]
        phases = [0.5 * s.index + grid for s in self._steps]
        self._knots_s, self._knot_phase = np.concatenate(times), np.concatenate(phases)
        rate = np.diff(self._knot_phase) / np.diff(self._knots_s)
        inner = 2.0 * rate[1:] * rate[:-1] / (rate[1:] + rate[:-1])
        self._knot_slope = np.concatenate((rate[:1], inner, rate[-1:]))


def _neck_for(trunk_deg: float, up_deg: float) -> float:
    """Return the neck inclination that puts the ear on the hip's line of inclination ``up_deg``."""
    delta = math.radians(up_deg - trunk_deg)
    along = TRUNK_BH * math.cos(delta) + math.sqrt(max(0.0, NECK_BH**2 - (TRUNK_BH * math.sin(delta)) ** 2))
    up = math.radians(up_deg)
    trunk = math.radians(trunk_deg)
    dx = along * math.sin(up) - TRUNK_BH * math.sin(trunk)
    dy = along * math.cos(up) - TRUNK_BH * math.cos(trunk)
    return math.degrees(math.atan2(dx, dy))
