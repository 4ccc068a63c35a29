"""What is measured in one running step, at instants the trunk itself gives (biomechanics D2)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.coach.filters import NAN, fit_quadratic, peak_near
from app.coach.geometry import (
    Body,
    Leg,
    inclination_deg,
    offset_from_line,
    seen,
    thigh_deg,
)
from app.coach.report import Step
from app.coach.standing import StandingReference

#: Half window of the local parabola that reads a measure at an instant, s.
READ_HALF_WINDOW_S = 0.055
#: Head peak: searched this far around the trunk's apex, refined over the half window (biomechanics A: +-33 ms;
#: a little wider averages the network's ear noise and costs under 1 mm of a 345-ms arc).
PEAK_SEARCH_S = 0.08
PEAK_HALF_WINDOW_S = 0.06
#: Hip flexion and shank tilt at midstance come to 45-75 deg in running, to 35 squeezed: less is no lean to be split.
LEAST_TIPPED_DEG = 10.0


@dataclass(frozen=True, slots=True)
class StepTimes:
    """The instants of one step: its midstance, push-off, apex of flight and the next midstance, s.

    initial_contact_s and toe_off_s are estimates (`contacts`); NaN unknown.
    """

    midstance_s: float
    push_off_s: float
    apex_s: float
    next_midstance_s: float
    initial_contact_s: float
    toe_off_s: float


@dataclass(frozen=True, slots=True)
class Heights:
    """Turns heights of the head (px up, image) into heights below standing.

    Attributes:
        standing_y_px: where the standing head is in this image's rows (px up); NaN without a reference.
        body_height_px: BH.
        by_crown: the head is its top, else the ear: one and the same in standing and running.
        doubt_px: how far heights may be off while the runner drifts on the belt.
    """

    standing_y_px: float
    body_height_px: float
    by_crown: bool = False
    doubt_px: float = 0.0

    @property
    def doubt_bh(self) -> float:
        """How far heights may be off while the runner drifts on the belt, fraction of body height."""
        return self.doubt_px / self.body_height_px

    def head_y_px(self, body: Body) -> float:
        """Return the height of the head that is compared, px up; NaN where it is not known."""
        return body.crown[1] if self.by_crown else body.ear[1]

    def below_standing_bh(self, head_y_px: float) -> float:
        """Return how far below the standing head a height is, fraction of body height."""
        return (self.standing_y_px - head_y_px) / self.body_height_px

    def peak_px(self, bodies: Sequence[Body], apex_s: float) -> float:
        """Return the highest head of the flight around ``apex_s``, px up, sub-frame."""
        samples = [(b.t_s, self.head_y_px(b)) for b in bodies]
        return peak_near(samples, apex_s, PEAK_SEARCH_S, PEAK_HALF_WINDOW_S)[1]

    def trough_px(self, bodies: Sequence[Body], midstance_s: float) -> float:
        """Return the lowest head around a midstance, px up, sub-frame."""
        flipped = [(b.t_s, -self.head_y_px(b)) for b in bodies]
        return -peak_near(flipped, midstance_s, PEAK_SEARCH_S, PEAK_HALF_WINDOW_S)[1]


class Moment:
    """The frames around one instant, from which measures are read by the local parabola."""

    def __init__(self, bodies: Iterable[Body], at_s: float) -> None:
        near = [b for b in bodies if abs(b.t_s - at_s) <= 3 * READ_HALF_WINDOW_S]
        gaps = sorted(b.t_s - a.t_s for a, b in itertools.pairwise(near))
        half_s = max(READ_HALF_WINDOW_S, 2.1 * gaps[len(gaps) // 2]) if gaps else READ_HALF_WINDOW_S
        self.at_s = at_s
        self.bodies = [b for b in near if abs(b.t_s - at_s) <= half_s]

    def read(self, number: Callable[[Body], float]) -> float:
        """Return ``number`` of the bodies at the instant; NaN where it is known of none."""
        return self.fit([number(b) for b in self.bodies])

    def fit(self, numbers: Sequence[float]) -> float:
        """Return the value at the instant of numbers taken from ``bodies``, one each; NaNs are left out."""
        known = [(b.t_s, y) for b, y in zip(self.bodies, numbers, strict=True) if y == y]
        return fit_quadratic([t for t, _ in known], [y for _, y in known], self.at_s)[0]


def _stance_leg_deg(midstance: Moment, standing: StandingReference) -> tuple[float, float, float]:
    """Return (thigh, shank, knee flexion relative to standing) of the stance leg, the lower one, deg.

    Where the legs pass each other a network puts the knee wrong by 10 deg; `app.pose.legs` has mended it by then.
    """
    knee0_deg = standing.knee_deg if standing.has_angles else 0.0

    def angles(body: Body) -> tuple[float, float]:
        leg = body.lower_leg
        if leg is None:
            return NAN, NAN
        return thigh_deg(body.hip, leg.knee), inclination_deg(leg.ankle, leg.knee)

    rows = [angles(body) for body in midstance.bodies]
    thigh, shank = (midstance.fit([row[i] for row in rows]) for i in range(2))
    return thigh, shank, thigh + shank - knee0_deg


def _line_at(push_off: Moment) -> tuple[float, float]:
    """Return (inclination deg, offset of the hip px) of the line from the rear toe to the ear."""
    inclinations, offsets = [], []
    for body in push_off.bodies:
        rear = body.rear_leg
        foot = (NAN, NAN) if rear is None else _toe_or_ankle(rear)
        inclinations.append(inclination_deg(foot, body.ear))
        offsets.append(offset_from_line(foot, body.ear, body.hip))
    return push_off.fit(inclinations), push_off.fit(offsets)


def _toe_or_ankle(leg: Leg) -> tuple[float, float]:
    return leg.toe if seen(leg.toe) else leg.ankle


def measure_step(
    bodies: Sequence[Body],
    times: StepTimes,
    standing: StandingReference,
    heights: Heights,
    side: str = "unknown",
) -> Step:
    """Return the measures of one step.

    Args:
        bodies: frames covering the step and 0.1 s either side, in time order.
        times: its instants.
        standing: the reference; without angles (``has_angles`` False) the lean is absolute.
        heights: rows to heights.
        side: whose stance it was, if known.
    """
    trunk0_deg = standing.trunk_deg if standing.has_angles else 0.0
    line0_deg = standing.line_deg if standing.has_angles else 0.0
    inside = [b for b in bodies if times.midstance_s <= b.t_s <= times.next_midstance_s]
    leans = [b.trunk_deg - trunk0_deg for b in inside if b.trunk_seen]
    lean_deg = sum(leans) / len(leans) if leans else NAN
    midstance, push_off = Moment(bodies, times.midstance_s), Moment(bodies, times.push_off_s)
    lean_ms_deg = midstance.read(lambda b: b.trunk_deg) - trunk0_deg
    thigh_deg_, shank_deg, knee_deg = _stance_leg_deg(midstance, standing)
    from_hip_deg, from_ankle_deg = _lean_split_deg(lean_ms_deg + thigh_deg_, shank_deg, standing)
    head_turned = any(b.head_turned for b in inside)
    line_deg, offset_px = (NAN, NAN) if head_turned else _line_at(push_off)
    reach_px, (landing_px, leaving_px) = _reach_px(inside), _toe_ahead_px(bodies, times)
    peak_px = heights.peak_px(bodies, times.apex_s)
    troughs_px = [heights.trough_px(bodies, t) for t in (times.midstance_s, times.next_midstance_s)]
    return Step(
        t_s=times.midstance_s,
        push_off_s=times.push_off_s,
        initial_contact_s=times.initial_contact_s,
        toe_off_s=times.toe_off_s,
        side=side,
        peak_below_standing_bh=heights.below_standing_bh(peak_px),
        trough_below_standing_bh=heights.below_standing_bh(sum(troughs_px) / 2.0),
        trunk_lean_deg=lean_deg,
        hip_flexion_deg=lean_ms_deg + thigh_deg_,
        knee_flexion_deg=knee_deg,
        shank_deg=shank_deg,
        line_offset_bh=offset_px / standing.body_height_px,
        line_angle_deg=line_deg - line0_deg,
        reach_ll=reach_px / standing.leg_length_px,
        vertical_oscillation_bh=(peak_px - sum(troughs_px) / 2.0) / standing.body_height_px,
        duration_s=times.next_midstance_s - times.midstance_s,
        hit=False,
        reach_of_travel=reach_px / _positive(landing_px - leaving_px),
        head_turned=head_turned,
        lean_from_hip_deg=from_hip_deg,
        lean_from_ankle_deg=from_ankle_deg,
        hip_share=_share(from_hip_deg, from_ankle_deg),
        weight_shift=-leaving_px / _positive(reach_px - leaving_px),
        frames_per_s=(len(inside) - 1) / (inside[-1].t_s - inside[0].t_s) if len(inside) > 1 else NAN,
    )


def _lean_split_deg(hip_flexion_deg: float, shank_deg: float, standing: StandingReference) -> tuple[float, float]:
    """Return what tips the trunk forward at midstance, (at the hip, at the ankle), relative to standing, deg.

    Along the stance leg, ankle to shoulder, trunk lean = shank tilt - knee flexion + hip flexion, all relative to
    standing: the ankle tips the shank, the knee tips back, the hip tips the trunk. NaN without standing angles.
    """
    thigh0_deg = standing.knee_deg - standing.shank_deg
    return hip_flexion_deg - thigh0_deg, shank_deg - standing.shank_deg


def _share(hip_deg: float, ankle_deg: float) -> float:
    """Return the hip's share of both, 0..1; NaN where the two together hardly tip anything.

    Virtual runners, 2.5 to 4.5 m/s, medians of eight steps, the middle 90 % of them through the network: good .50-.60,
    overstride .52-.57, over-lean .60-.68, standing up .42-.56, upright .43-.52; from the ankle: pelvis drift .23-.36,
    ankle lean .09-.31, hip squeeze 0-.40. The same on the true landmarks to .02, squeeze (.29) to .09.
    """
    both_deg = hip_deg + ankle_deg
    return min(max(hip_deg / both_deg, 0.0), 1.0) if both_deg >= LEAST_TIPPED_DEG else NAN


def _positive(value: float) -> float:
    return value if value > 0.0 else NAN


def _toe_ahead_px(bodies: Sequence[Body], times: StepTimes) -> tuple[float, float]:
    """Return how far the stance toe is ahead of the hip at initial contact and at toe-off (then behind, -), px.

    The toe is planted meanwhile: the difference is the way it goes back under the hip, belt speed x contact. Front
    leg at contact, rear leg at toe-off: no labels. NaN where unknown.
    """

    def at(at_s: float, front: bool) -> float:
        def number(body: Body) -> float:
            leg = body.front_leg if front else body.rear_leg
            return NAN if leg is None else _toe_or_ankle(leg)[0] - body.hip[0]

        return Moment(bodies, at_s).read(number)

    return at(times.initial_contact_s, True), at(times.toe_off_s, False)


def _reach_px(inside: Sequence[Body]) -> float:
    """Return the furthest the front ankle gets ahead of the hip in the step, sub-frame, px."""
    samples = []
    for body in inside:
        front = body.front_leg
        if front is not None:
            samples.append((body.t_s, front.ankle[0] - body.hip[0]))
    if not samples:
        return NAN
    top_s = max(samples, key=lambda sample: sample[1])[0]
    reach = peak_near(samples, top_s, 0.02, READ_HALF_WINDOW_S)[1]
    return reach if math.isfinite(reach) else NAN
