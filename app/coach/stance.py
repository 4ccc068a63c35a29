"""The starting-line stance: still holds, their measures and verdict (biomechanics D1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from app.coach.filters import NAN, median
from app.coach.geometry import Body, inclination_deg, offset_from_line, thigh_deg
from app.coach.report import GOOD, NOT_JUDGED, ActiveFault, FaultId, Hold, StanceValues
from app.coach.standing import STILL_SPEED_BH_S, StandingReference

#: A hold begins after this long without ear speed above STILL_SPEED_BH_S, and values are medians over VALUES_S.
HOLD_LEAST_S = 1.0
VALUES_S = 0.5
#: A good hold is a pass after this long.
PASS_S = 3.0
#: What makes a still pose a stance rather than relaxed standing: feet apart, or the line or trunk tilted.
STANCE_STAGGER_PCT = 7.0
STANCE_TILT_DEG = 4.0


@dataclass(frozen=True, slots=True)
class Band:
    """On and off thresholds of one fault measure; between the two the former verdict stays."""

    on: float
    off: float

    def above(self, value: float, active: bool) -> bool:
        """Whether ``value`` is too high, with hysteresis."""
        return value > (self.off if active else self.on)

    def below(self, value: float, active: bool) -> bool:
        """Whether ``value`` is too low, with hysteresis."""
        return value < (self.off if active else self.on)


#: Table D1, in the order in which it is evaluated.
UPRIGHT_LINE_DEG = Band(5.0, 6.5)
UPRIGHT_TRUNK_DEG = Band(5.0, 6.5)
OVER_LEAN_TRUNK_DEG = Band(22.0, 20.0)
PIKED_PCT = Band(-2.5, -2.0)
PIKED_TRUNK_DEG = 14.0
HIP_AHEAD_PCT = Band(2.0, 1.4)
SQUEEZE_KNEE_DEG = 15.0
#: D1 has 29 / 33 for true angles, where good is 45 and tall or ankle-only 14. The network sees the front knee 4 to
#: 8 deg too straight (rendered runners: good 30 facing left, 38 facing right; tall and ankle-only -2 to 13), so the
#: threshold stands between what it sees.
FRONT_LOAD_DEG = Band(23.0, 26.0)
ANKLE_SHANK_DEG = 6.0
NO_STAGGER_PCT = Band(7.0, 9.0)

#: What decides each fault, for the evidence: field of `StanceValues`, on threshold, unit.
STANCE_DECIDES: Mapping[FaultId, tuple[str, float, str]] = MappingProxyType(
    {
        FaultId.UPRIGHT: ("theta_l_deg", UPRIGHT_LINE_DEG.on, "deg"),
        FaultId.OVER_LEAN: ("theta_t_deg", OVER_LEAN_TRUNK_DEG.on, "deg"),
        FaultId.PELVIS_DRIFT: ("d_h_bh_pct", HIP_AHEAD_PCT.on, "bh_pct"),
        FaultId.HIP_SQUEEZE: ("d_h_bh_pct", HIP_AHEAD_PCT.on, "bh_pct"),
        FaultId.ANKLE_LEAN: ("front_load_deg", FRONT_LOAD_DEG.on, "deg"),
        FaultId.TALL: ("front_load_deg", FRONT_LOAD_DEG.on, "deg"),
        FaultId.NO_STAGGER: ("stagger_bh_pct", NO_STAGGER_PCT.on, "bh_pct"),
    }
)


def stance_values(body: Body, standing: StandingReference) -> StanceValues:
    """Return the measures of one frame; NaN where both legs are not known."""
    front, rear = body.front_leg, body.rear_leg
    if front is None or rear is None or front is rear or not body.trunk_seen:
        return StanceValues(*[NAN] * len(fields(StanceValues)))
    bh = standing.body_height_px / 100.0
    trunk_deg = body.trunk_deg - standing.trunk_deg
    line_deg = inclination_deg(rear.ankle, body.ear) - standing.line_deg
    hip_pct = (offset_from_line(rear.ankle, body.ear, body.hip) - standing.hip_offset_px) / bh
    front_knee_deg = body.knee_deg(front) - standing.knee_deg
    front_hip_deg = trunk_deg + thigh_deg(body.hip, front.knee)
    span_px = front.ankle[0] - rear.ankle[0]
    ear_height_px = body.ear[1] - body.feet_y_px
    return StanceValues(
        theta_l_deg=line_deg,
        theta_t_deg=trunk_deg,
        d_h_bh_pct=hip_pct,
        front_load_deg=front_hip_deg + front_knee_deg,
        front_knee_deg=front_knee_deg,
        rear_knee_deg=body.knee_deg(rear) - standing.knee_deg,
        front_shank_deg=inclination_deg(front.ankle, front.knee),
        drop_bh_pct=(standing.ear_height_px - ear_height_px) / bh,
        weight_shift=(body.hip[0] - rear.ankle[0]) / span_px if span_px > 2.0 * bh else NAN,
        stagger_bh_pct=span_px / bh,
    )


def judge_stance(v: StanceValues, before: str = "") -> tuple[str, str]:
    """Return (verdict, why): "good", a fault id or "not_judged", by table D1; ``before`` gives the hysteresis."""
    if v.theta_l_deg != v.theta_l_deg:
        return NOT_JUDGED, "both legs must be in view"

    def was(fault: FaultId) -> bool:
        return before == fault.value

    if UPRIGHT_LINE_DEG.below(v.theta_l_deg, was(FaultId.UPRIGHT)) and UPRIGHT_TRUNK_DEG.below(
        v.theta_t_deg, was(FaultId.UPRIGHT)
    ):
        return FaultId.UPRIGHT.value, ""
    over = was(FaultId.OVER_LEAN)
    if OVER_LEAN_TRUNK_DEG.above(v.theta_t_deg, over) or (
        PIKED_PCT.below(v.d_h_bh_pct, over) and v.theta_t_deg > PIKED_TRUNK_DEG
    ):
        return FaultId.OVER_LEAN.value, ""
    hip_faulty = was(FaultId.PELVIS_DRIFT) or was(FaultId.HIP_SQUEEZE)
    if HIP_AHEAD_PCT.above(v.d_h_bh_pct, hip_faulty):
        bent = v.front_knee_deg >= SQUEEZE_KNEE_DEG
        return (FaultId.PELVIS_DRIFT if bent else FaultId.HIP_SQUEEZE).value, ""
    if FRONT_LOAD_DEG.below(v.front_load_deg, was(FaultId.ANKLE_LEAN) or was(FaultId.TALL)):
        from_ankle = v.front_shank_deg > ANKLE_SHANK_DEG and v.theta_l_deg >= UPRIGHT_LINE_DEG.on
        return (FaultId.ANKLE_LEAN if from_ankle else FaultId.TALL).value, ""
    if NO_STAGGER_PCT.below(v.stagger_bh_pct, was(FaultId.NO_STAGGER)):
        return FaultId.NO_STAGGER.value, ""
    return GOOD, ""


class StanceTracker:
    """Finds still holds and keeps their verdict."""

    def __init__(self) -> None:
        self._recent: deque[tuple[Body, StanceValues]] = deque()
        self._stance_since_s = NAN
        self._verdict = ""
        self.hold: Hold | None = None
        self.why_not = ""

    def reset(self) -> None:
        """Forget the current hold."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def update(self, body: Body, standing: StandingReference, tilt_counts: bool = True) -> Hold | None:
        """Take one frame; return a hold that has just ended, else None. The current one is ``self.hold``.

        Args:
            body: the frame's body.
            standing: the reference.
            tilt_counts: whether a tilted body with its feet together is a stance too (leaning from the ankles);
                a runner who rests between two runs is not on a starting line.
        """
        if self._recent and body.t_s - self._recent[-1][0].t_s > 0.5:
            self.reset()
        self._recent.append((body, stance_values(body, standing)))
        while body.t_s - self._recent[0][0].t_s > VALUES_S:
            self._recent.popleft()
        if not self._is_still(standing.body_height_px):
            ended = self.hold
            self._stance_since_s, self.hold, self._verdict = NAN, None, ""
            return ended
        return self._hold_on(body.t_s, tilt_counts)

    def _hold_on(self, t_s: float, tilt_counts: bool) -> Hold | None:
        values = self._median_values()
        if not self._is_stance(values, tilt_counts):
            ended, self.hold = self.hold, None
            self._stance_since_s, self._verdict = NAN, ""
            return ended
        if self._stance_since_s != self._stance_since_s:
            self._stance_since_s = self._recent[0][0].t_s
        if t_s - self._stance_since_s < HOLD_LEAST_S:
            return None
        verdict, self.why_not = judge_stance(values, self._verdict)
        self._verdict = verdict
        before = self.hold
        start_s = before.start_s if before is not None else self._stance_since_s
        if before is not None and before.verdict != verdict:
            # A changed verdict without a step is another hold: the runner moved slowly from one into the other.
            self.hold = Hold(t_s, t_s, verdict, values)
            return before
        self.hold = Hold(start_s, t_s, verdict, values)
        return None

    def finish(self) -> Hold | None:
        """Return the hold that was still on at the end of the source."""
        ended, self.hold = self.hold, None
        return ended

    def drop(self) -> Hold | None:
        """Forget everything; return the hold that was on."""
        ended = self.finish()
        self.reset()
        return ended

    def _is_still(self, body_height_px: float) -> bool:
        """Whether the ear's speed over the last half second is under the limit (slope of a line fit)."""
        first, last = self._recent[0][0], self._recent[-1][0]
        if last.t_s - first.t_s < 0.8 * VALUES_S:
            return False
        half = len(self._recent) // 2
        bodies = [b for b, _ in self._recent]
        lag_s = median(b.t_s for b in bodies[half:]) - median(b.t_s for b in bodies[:half])
        moved_px = max(
            abs(median(b.ear[i] for b in bodies[half:]) - median(b.ear[i] for b in bodies[:half])) for i in (0, 1)
        )
        return moved_px / lag_s < STILL_SPEED_BH_S * body_height_px

    @staticmethod
    def _is_stance(v: StanceValues, tilt_counts: bool) -> bool:
        tilt_deg = max(abs(v.theta_l_deg), abs(v.theta_t_deg))
        return v.stagger_bh_pct >= STANCE_STAGGER_PCT or (tilt_counts and tilt_deg >= STANCE_TILT_DEG)

    def _median_values(self) -> StanceValues:
        samples = [values for _, values in self._recent]
        return StanceValues(**{f.name: median(getattr(v, f.name) for v in samples) for f in fields(StanceValues)})


def fault_of(hold: Hold) -> ActiveFault:
    """Return the fault of a hold with the value that decided it."""
    fault = FaultId(hold.verdict)
    name, threshold, unit = STANCE_DECIDES[fault]
    return ActiveFault(fault, getattr(hold.values, name), threshold, unit, 0)
