"""Hinge repetitions: stand, hinge, return; counted on the way back, whatever the tempo and the pauses.

A repetition begins when the hip bends past ``start_deg`` and ends when it is back within ``return_share`` of its
depth: between the two no pause and no wavering counts twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.coach.drill_rules import DrillSpec
from app.coach.drill_signals import Look, Signals
from app.coach.filters import NAN, fit_quadratic, median
from app.coach.reps import GOOD_REP, HALF_REP, Rep, Tempo

#: Feet that moved from where they stood: further apart, elsewhere, or lifted. Fractions of body height.
MOVED_APART_BH, MOVED_BH, MOVED_LIFT_BH = 0.10, 0.11, 0.05
#: The depth is the parabola through the samples this near to the deepest one.
PEAK_S = 0.25
#: As long as this above that share of the depth, it is a pause.
PLATEAU_SHARE, PLATEAU_S, RUN_GAP_S = 0.88, 0.55, 0.3
#: The bottom, where knees and back are measured, is what lies deeper than this share of the depth.
BOTTOM_SHARE = 0.85
#: Risen to less than the first and gone down again by more than the second share of the depth: not all the way up.
DIP_SHARE, DIP_AGAIN_SHARE, DIP_LEAST_DEG = 0.70, 0.20, 9.0
#: A smooth movement (a sine) passes 0.5 and 0.8 of its way at 0.5 and 0.70 of its time: its end lies this many times
#: the time between the two further out.
OUT_FROM_80 = 1.4
#: Sitting down straightens the trunk: no hinge without this much lean.
LEAST_LEAN_SHARE = 0.35


def feet_moved(now: Signals, zero: Signals) -> bool:
    """Whether the feet are no longer where they stood; NaN says nothing."""
    return (
        now.apart_bh - zero.apart_bh > MOVED_APART_BH
        or abs(now.feet_bh - zero.feet_bh) > MOVED_BH
        or now.lift_bh - zero.lift_bh > MOVED_LIFT_BH
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    """One frame of a repetition: the smoothed depth with its time (behind the frame's own), and what was seen."""

    t_s: float
    smooth_deg: float
    bend_deg: float
    raw: Signals


class HingeReps:
    """Finds repetitions in the bend of the hip, from an armed standing on."""

    hold_s = 0.0
    holding = False
    cadence_spm = head_below_roof_bh = NAN

    def __init__(self, spec: DrillSpec) -> None:
        self._spec = spec
        self._band = spec.band
        self._before: list[_Sample] = []
        self._rep: list[_Sample] = []
        self._floor_deg = 0.0
        self._high_deg = self._low_deg = 0.0
        self._dipped = False
        self.progress = 0.0
        #: The feet moved: the armed position is lost.
        self.lost = False

    @property
    def moving(self) -> bool:
        """Whether a repetition is under way."""
        return bool(self._rep)

    def finish(self) -> Rep | None:
        """End of the source: a repetition that is not back up is none."""
        return self.drop()

    def drop(self) -> Rep | None:
        """Forget what is under way: nothing is counted."""
        self.__init__(self._spec)  # type: ignore[misc]  # the start state is defined in one place
        return None

    def update(self, look: Look) -> Rep | None:
        """Take one frame; return the attempt that ended in it, else None."""
        raw, now, zero = look.raw, look.now, look.zero
        depth_deg = now.bend_deg - zero.bend_deg
        if depth_deg != depth_deg:
            return None
        if feet_moved(now, zero):
            self.drop()
            self.lost = True
            return None
        sample = _Sample(now.t_s, depth_deg, raw.bend_deg - zero.bend_deg, raw)
        if self._rep:
            return self._under_way(sample, zero)
        self._before = [s for s in self._before if sample.t_s - s.t_s < 1.0] + [sample]
        self._floor_deg = min(self._floor_deg, max(depth_deg, 0.0))
        self.progress = min(max(depth_deg / self._band["least_depth_deg"], 0.0), 1.0)
        if depth_deg > self._floor_deg + self._band["start_deg"]:
            self._rep, self._before = self._before, []
            self._high_deg = self._low_deg = depth_deg
            self._dipped = False
        return None

    def _under_way(self, sample: _Sample, zero: Signals) -> Rep | None:
        band, depth_deg = self._band, sample.smooth_deg
        self._rep.append(sample)
        if depth_deg > self._high_deg:
            self._high_deg = self._low_deg = depth_deg
        self._low_deg = min(self._low_deg, depth_deg)
        again_deg = depth_deg - self._low_deg
        if self._low_deg < DIP_SHARE * self._high_deg and again_deg > max(
            DIP_AGAIN_SHARE * self._high_deg, DIP_LEAST_DEG
        ):
            self._dipped = True
        self.progress = min(self._high_deg / band["least_depth_deg"], 1.0)
        if sample.t_s - self._rep[0].t_s > band["longest_s"]:
            self.drop()
            return None
        back_deg = max(band["start_deg"] * 0.75, band["return_share"] * self._high_deg)
        back_deg = max(back_deg, self._floor_deg + 0.5 * band["start_deg"])
        # Twice in a row: one frame may be wrong.
        if depth_deg >= back_deg or self._rep[-2].smooth_deg >= back_deg:
            return None
        rep, self._rep = self._rep, []
        floor_deg, self._floor_deg = self._floor_deg, max(depth_deg, 0.0)
        self._before, self.progress = rep[-1:], 0.0
        return self._judged(rep, zero, floor_deg)

    def _judged(self, rep: list[_Sample], zero: Signals, floor_deg: float) -> Rep | None:
        """Return the attempt with its depth, tempo and verdict; None where it was none."""
        band = self._band
        depth_deg = peak_deg(rep)
        if depth_deg - floor_deg < band["half_depth_deg"]:
            return None
        bottom = [s.raw for s in rep if s.bend_deg > BOTTOM_SHARE * depth_deg]
        knee_deg = median(s.knee_deg for s in bottom) - zero.knee_deg
        lean_deg = median(s.lean_deg for s in bottom) - zero.lean_deg
        bow_deg = median(s.bow_deg for s in bottom) - zero.bow_deg
        tempo, start_s, end_s = tempo_of(rep, depth_deg)
        wrong = {
            "sit": knee_deg > band["most_knee_deg"] or lean_deg < LEAST_LEAN_SHARE * depth_deg,
            "round_back": bow_deg > band["most_bow_deg"],
            "not_up": self._dipped,
            "fast": tempo.down_s < band["least_down_s"],
        }
        half = depth_deg < band["least_depth_deg"]
        verdict = HALF_REP if half else next((name for name, is_so in wrong.items() if is_so), GOOD_REP)
        good = [name for name, is_so in wrong.items() if not is_so]
        return Rep(
            number=0,
            start_s=start_s,
            end_s=end_s,
            depth=depth_deg,
            tempo=tempo,
            counted=not half and not knee_deg > band["squat_knee_deg"],
            verdict=verdict,
            good=tuple(good if half else ["depth", *good]),
            change="" if verdict == GOOD_REP else self._spec.change[verdict].spoken,
            unit="deg",
            values=(("trunk_lean_deg", lean_deg), ("knee_flexion_deg", knee_deg), ("bow_deg", bow_deg)),
        )


def peak_deg(rep: list[_Sample]) -> float:
    """Return the depth: at a turning point the parabola through the frames about it, in a pause their median.

    Both average the noise, of which the deepest frame alone would be a pick.
    """
    top = max(rep, key=lambda s: s.smooth_deg)
    first_s, last_s = _longest([s.t_s for s in rep if s.smooth_deg > PLATEAU_SHARE * top.smooth_deg])
    if last_s - first_s > PLATEAU_S:
        return median(s.bend_deg for s in rep if first_s <= s.raw.t_s <= last_s)
    near = [s for s in rep if abs(s.raw.t_s - top.t_s) <= PEAK_S and s.bend_deg == s.bend_deg]
    value, slope, curvature = fit_quadratic([s.raw.t_s for s in near], [s.bend_deg for s in near], top.t_s)
    if curvature < 0.0:
        shift = min(max(-slope / curvature, -0.5 * PEAK_S), 0.5 * PEAK_S)
        value += slope * shift + 0.5 * curvature * shift * shift
    return min(max(value, 0.8 * top.smooth_deg), 1.2 * top.smooth_deg)


def _longest(times: list[float]) -> tuple[float, float]:
    """Return (first, last) of the longest run of times without a gap."""
    runs = [[times[0], times[0]]]
    for t_s in times[1:]:
        if t_s - runs[-1][1] > RUN_GAP_S:
            runs.append([t_s, t_s])
        runs[-1][1] = t_s
    first_s, last_s = max(runs, key=lambda run: run[1] - run[0])
    return first_s, last_s


def tempo_of(rep: list[_Sample], depth_deg: float) -> tuple[Tempo, float, float]:
    """Return (tempo, start, end) of a repetition: the ends of both ways from where they pass 0.2, 0.5 and 0.8."""
    times = [s.t_s for s in rep]
    shares = [s.smooth_deg / depth_deg for s in rep]
    down = _way(times, shares)
    up = _way([-t for t in reversed(times)], shares[::-1])
    left_s, bottom_s = down
    back_s, risen_s = -up[0], -up[1]
    middle_s = (bottom_s + risen_s) / 2.0
    bottom_s, risen_s = min(bottom_s, middle_s), max(risen_s, middle_s)
    return Tempo(bottom_s - left_s, max(risen_s - bottom_s, 0.0), back_s - risen_s), left_s, back_s


def _way(times: list[float], shares: list[float]) -> tuple[float, float]:
    """Return (begin, end) of the way down, in the order of ``times``."""
    # On the way up the frames end before the way does.
    low = min(max(0.2, shares[0] + 0.01), 0.45)  # below the next level: a source may end at the very bottom
    at = {level: _first_past(times, shares, level) for level in (low, 0.5, 0.8, 0.96)}
    passed = math.acos(1.0 - 2.0 * low) / math.pi
    begin_s = at[low] - passed / (0.5 - passed) * (at[0.5] - at[low])
    end_s = at[0.8] + OUT_FROM_80 * (at[0.8] - at[0.5])
    # A pause on the way must not be taken for slowness at its ends.
    lows = [t for t, share in zip(times, shares, strict=True) if share < 0.04 and t < at[low]]
    begin_s = max(begin_s, lows[-1] - 0.15) if lows else begin_s
    return begin_s, min(end_s, max(at[0.96], at[0.8]) + 0.15)


def _first_past(times: list[float], shares: list[float], level: float) -> float:
    """Return when the way first passes a level, between the frames; the deepest frame where it never does."""
    for k, share in enumerate(shares):
        if share >= level:
            if k == 0 or not shares[k - 1] < level:
                return times[k]
            part = (level - shares[k - 1]) / (share - shares[k - 1])
            return times[k - 1] + part * (times[k] - times[k - 1])
    return times[max(range(len(shares)), key=shares.__getitem__)]
