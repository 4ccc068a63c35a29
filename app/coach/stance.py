"""The starting-line stance: still holds, their measures and verdict (biomechanics D1)."""

from __future__ import annotations

from collections import deque
from dataclasses import fields

from app.coach.filters import NAN, median
from app.coach.geometry import Body, inclination_deg, offset_from_line, thigh_deg
from app.coach.report import GOOD, NOT_JUDGED, ActiveFault, FaultId, Hold, StanceValues
from app.coach.rules import Rules, default_rules
from app.coach.standing import STILL_SPEED_BH_S, StandingReference

#: A hold begins after this long without ear speed above STILL_SPEED_BH_S, and values are medians over VALUES_S.
HOLD_LEAST_S = 1.0
VALUES_S = 0.5
#: A good hold is a pass after this long.
PASS_S = 3.0
#: What makes a still pose a stance rather than relaxed standing: feet apart, or the line or trunk tilted.
STANCE_STAGGER_PCT = 7.0
STANCE_TILT_DEG = 4.0
#: Where only a stance is waited for, less is enough: the network sees the feet 1 to 2 % nearer than they are.
ASKED_STAGGER_PCT = 5.5

#: The faults in the order in which they are looked for: the first that is found is named. Leaning from the ankles with
#: the feet together comes before what the hips do, as the line is judged from another foot then.
ORDER = (
    FaultId.UPRIGHT,
    FaultId.OVER_LEAN,
    FaultId.ANKLE_LEAN,
    FaultId.PELVIS_DRIFT,
    FaultId.HIP_SQUEEZE,
    FaultId.TALL,
    FaultId.NO_STAGGER,
)
HIPS_AHEAD = (FaultId.PELVIS_DRIFT, FaultId.HIP_SQUEEZE)
#: A standing recording of another scale than this is scaled to the legs that hold the stance; the legs of one body at
#: one distance measure within 5 % (rendered stances through the network).
FILE_SCALE_TOLERANCE = 0.10


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


def judge_stance(v: StanceValues, before: str = "", rules: Rules | None = None) -> tuple[str, str]:
    """Return (verdict, why): "good", a fault id or "not_judged", in the order of ORDER.

    Args:
        v: the measures.
        before: the verdict of the last frame, which gives the hysteresis.
        rules: the thresholds, None for the default ones.
    """
    if v.theta_l_deg != v.theta_l_deg:
        return NOT_JUDGED, "both legs must be in view"
    specs = (rules or default_rules()).stance
    for fault in ORDER:
        # Hips ahead of the line are one thing, whichever name the front knee gives it.
        active = before == fault or (fault in HIPS_AHEAD and before in HIPS_AHEAD)
        if specs[fault].decided_by(v, active) is not None:
            return fault.value, ""
    return GOOD, ""


class StanceTracker:
    """Finds still holds and keeps their verdict."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or default_rules()
        self._recent: deque[tuple[Body, StanceValues]] = deque()
        self._stance_since_s = NAN
        self._verdict = ""
        self.hold: Hold | None = None
        self.why_not = ""

    def reset(self) -> None:
        """Forget the current hold."""
        self.__init__(self.rules)  # type: ignore[misc]  # the start state is defined in one place

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
        if standing.source == "file":
            standing = self._scaled(body, standing)
        self._recent.append((body, stance_values(body, standing)))
        # The window reaches over VALUES_S even where frames are missing at its beginning.
        while len(self._recent) > 1 and body.t_s - self._recent[1][0].t_s >= VALUES_S:
            self._recent.popleft()
        if not self._is_still(standing.body_height_px):
            ended = self.hold
            self._stance_since_s, self.hold, self._verdict = NAN, None, ""
            return ended
        return self._hold_on(body.t_s, tilt_counts)

    def _scaled(self, body: Body, standing: StandingReference) -> StandingReference:
        """Return a standing recording in the scale of this body, where it was taken from clearly nearer or further."""
        lengths_px = [*(b.leg_length_px() for b, _ in self._recent), body.leg_length_px()]
        ratio = median(lengths_px) / standing.leg_length_px
        return standing.rescaled(ratio) if abs(ratio - 1.0) > FILE_SCALE_TOLERANCE else standing

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
        verdict, self.why_not = judge_stance(values, self._verdict, self.rules)
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
        least_pct = ASKED_STAGGER_PCT if tilt_counts else STANCE_STAGGER_PCT
        return v.stagger_bh_pct >= least_pct or (tilt_counts and tilt_deg >= STANCE_TILT_DEG)

    def _median_values(self) -> StanceValues:
        samples = [values for _, values in self._recent]
        return StanceValues(**{f.name: median(getattr(v, f.name) for v in samples) for f in fields(StanceValues)})


def fault_of(hold: Hold, rules: Rules | None = None) -> ActiveFault:
    """Return the fault of a hold with the value that decided it; by the default rules where none are given."""
    fault = FaultId(hold.verdict)
    spec = (rules or default_rules()).stance[fault]
    decided = spec.decided_by(hold.values, True) or spec.ways[0][0]
    scale = decided.scale
    return ActiveFault(fault, scale * getattr(hold.values, decided.measure), scale * decided.band.on, decided.unit, 0)
