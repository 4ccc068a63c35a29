"""The running faults as data, and the judge that finds them in eight-step medians (biomechanics D2)."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.coach.filters import measure, median
from app.coach.report import ActiveFault, FaultId, Step

#: Medians run over so many steps, and nothing is judged below so many.
WINDOW_STEPS = 8
LEAST_STEPS = 6


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault: its deciding measure with on/off thresholds, and what to tell the runner.

    Attributes:
        id: the fault. article: the article's words for it. measure: field of `Step` that decides.
        on, off: thresholds of that field, in ``unit`` after multiplying by ``scale``.
        higher: True where too high is the fault. fix, drill: what to change, and how to practise it.
    """

    id: FaultId
    article: str
    measure: str
    on: float
    off: float
    higher: bool
    unit: str
    scale: float
    fix: str
    drill: str


def _spec(
    fault: FaultId, article: str, measure: str, bounds: tuple[float, float], unit: str, fix: str, drill: str
) -> tuple[FaultId, FaultSpec]:
    scale = 100.0 if unit.endswith("_pct") else 1.0
    on, off = bounds
    return fault, FaultSpec(fault, article, measure, on, off, on > off, unit, scale, fix, drill)


FAULTS: Mapping[FaultId, FaultSpec] = MappingProxyType(
    dict(
        (
            _spec(
                FaultId.STANDING_UP,
                "standing up in your stride",
                "knee_flexion_deg",
                (37.5, 39.5),
                "deg",
                "Run lower: let hip and knee bend under you, as through a tunnel.",
                "drill_tunnel_march",
            ),
            _spec(
                FaultId.PELVIS_DRIFT,
                "the pelvis has drifted forward",
                "line_offset_bh",
                (2.8, 2.0),
                "bh_pct",
                "Take the hips back and let the chest go ahead of them.",
                "drill_start_line",
            ),
            _spec(
                FaultId.HIP_SQUEEZE,
                "squeeze the hip",
                "hip_flexion_deg",
                (14.5, 16.0),
                "deg",
                "Let the hip stay bent as you land; push from there.",
                "drill_hinge",
            ),
            _spec(
                FaultId.ANKLE_LEAN,
                "leaning forward at the ankle",
                "shank_deg",
                (35.0, 33.5),
                "deg",
                "Lean from the hip, not from the ankles.",
                "drill_hinge",
            ),
            _spec(
                FaultId.UPRIGHT,
                "too upright or backward-leaning",
                "trunk_lean_deg",
                (6.0, 7.5),
                "deg",
                "Tip the whole upper body forward from the hips.",
                "drill_start_line",
            ),
            _spec(
                FaultId.OVER_LEAN,
                "simply leaning excessively",
                "trunk_lean_deg",
                (18.5, 17.0),
                "deg",
                "Come up a little: one straight line from ear to rear foot.",
                "drill_start_line",
            ),
            _spec(
                FaultId.OVERSTRIDE,
                "the foot lands ahead of the body",
                "reach_of_travel",
                (38.5, 37.0),
                "travel_pct",
                "Let the foot land under you; quicker, shorter steps.",
                "drill_tunnel_march",
            ),
        )
    )
)

# Overstride: D2's reach in leg lengths (34.5 %) fits 3.7-4 m/s only; its rule for other speeds, a share of belt speed
# x contact time, is what is used. Virtual runners, 2.5 to 4.5 m/s: good 29-35 %, overstride 45-47 %; through the
# network 29-32 and 41 %.

# Squeeze against standing up: D2 splits them by line (5 %) and hip flexion (18 deg), which fails at slow speed (line
# 3 %). Virtual runners, 2.5 to 4.5 m/s: hip flexion 2-10 deg squeezed, 20-27 standing up; through the network 5-10 and
# 17-22: hip flexion alone, between them. Steep shank: D2 has 33 deg; good and upright reach 32.5, drift and ankle lean
# start at 40 (network 40): 35.

#: Further thresholds of the label rules in D2, each as (on, off).
LOW_HIP_DEG = (25.0, 27.0)
STEEP_SHANK_DEG = (34.0, 36.0)
SQUEEZE_LINE_BH = (0.02, 0.015)
LEAN_KEPT_DEG = 7.0
#: Line and lean "green" (D2): what a step must be to count for the personal roof.
GREEN_LEAN_DEG = (6.0, 18.0)
GREEN_LINE_BH = (-0.03, 0.025)


def is_green(step: Step) -> bool:
    """Whether a step's trunk lean and line are both in their green bands."""
    return (
        GREEN_LEAN_DEG[0] <= step.trunk_lean_deg <= GREEN_LEAN_DEG[1]
        and GREEN_LINE_BH[0] <= step.line_offset_bh <= GREEN_LINE_BH[1]
    )


def _pairs(steps: Iterable[Step]) -> tuple[tuple[Step, Step], ...]:
    """Return neighbouring steps in pairs; a lone step with itself."""
    steps = tuple(steps)
    return tuple(itertools.pairwise(steps)) or tuple((step, step) for step in steps)


@dataclass(frozen=True, slots=True)
class StepMedians:
    """Medians of the newest steps that the label rules look at; NaN where not measured."""

    trunk_lean_deg: float
    line_offset_bh: float
    hip_flexion_deg: float
    knee_flexion_deg: float
    shank_deg: float
    reach_of_travel: float

    @classmethod
    def of(cls, steps: Iterable[Step]) -> StepMedians:
        """Return the medians over the means of neighbouring steps.

        A left and a right step belong together: seen from 3 m the near leg looks 6 % longer than the far one,
        which alone makes +-8 deg of knee flexion from step to step; in a pair it cancels.
        """
        pairs = _pairs(steps)
        return cls(*(median((getattr(a, f) + getattr(b, f)) / 2.0 for a, b in pairs) for f in cls.__dataclass_fields__))


def label_of(m: StepMedians, before: FaultId | None) -> FaultId | None:
    """Return the one fault of these medians, or None for good; first match of the D2 label rules.

    ``before`` is the label of the last step: its own rule is held by the off thresholds (no flicker).
    """

    def past(fault: FaultId, active: bool | None = None) -> bool:
        spec = FAULTS[fault]
        bound = (spec.off if (before is fault if active is None else active) else spec.on) / spec.scale
        value = getattr(m, spec.measure)
        return bool(value > bound if spec.higher else value < bound)

    def low(value: float, bounds: tuple[float, float], active: bool) -> bool:
        return value < bounds[active]

    if past(FaultId.OVER_LEAN):
        return FaultId.OVER_LEAN
    tall = before in (FaultId.STANDING_UP, FaultId.HIP_SQUEEZE)
    if (
        past(FaultId.STANDING_UP, tall)
        and low(m.hip_flexion_deg, LOW_HIP_DEG, tall)
        and low(m.shank_deg, STEEP_SHANK_DEG, tall)
    ):
        squeezed = before is FaultId.HIP_SQUEEZE
        if m.line_offset_bh > SQUEEZE_LINE_BH[squeezed] and past(FaultId.HIP_SQUEEZE):
            return FaultId.HIP_SQUEEZE
        return FaultId.STANDING_UP
    hips = before in (FaultId.PELVIS_DRIFT, FaultId.ANKLE_LEAN)
    if past(FaultId.PELVIS_DRIFT, hips) and past(FaultId.ANKLE_LEAN, hips):
        return FaultId.ANKLE_LEAN if m.trunk_lean_deg > LEAN_KEPT_DEG else FaultId.PELVIS_DRIFT
    if past(FaultId.UPRIGHT):
        return FaultId.UPRIGHT
    if past(FaultId.OVERSTRIDE):
        return FaultId.OVERSTRIDE
    return None


class FaultJudge:
    """Labels the stream of steps and remembers for how long a label has held."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=WINDOW_STEPS)
        self.label: FaultId | None = None
        self.judged = False
        self.label_steps = 0
        self.medians: StepMedians | None = None
        #: Whether the interval of the deciding measure lies wholly past its threshold: only then it is spoken of.
        self.certain = False

    def reset(self) -> None:
        """Forget the steps: another stretch of running begins."""
        self.__init__()  # type: ignore[misc]  # the start state is defined in one place

    def add_step(self, step: Step) -> FaultId | None:
        """Take one step; return the label now (None: good or not yet judged, see ``judged``)."""
        self._steps.append(step)
        self.judged = len(self._steps) >= LEAST_STEPS
        if not self.judged:
            return None
        self.medians = StepMedians.of(self._steps)
        label = label_of(self.medians, self.label)
        self.label_steps = self.label_steps + 1 if label is self.label else 1
        self.label = label
        self.certain = label is not None and self._is_certain(FAULTS[label])
        return label

    def _is_certain(self, spec: FaultSpec) -> bool:
        interval = measure((getattr(a, spec.measure) + getattr(b, spec.measure)) / 2.0 for a, b in _pairs(self._steps))
        if interval is None:
            return False
        bound = spec.on / spec.scale
        return interval.ci95[0] > bound if spec.higher else interval.ci95[1] < bound

    def active(self) -> tuple[ActiveFault, ...]:
        """Return the fault that is on now, with its deciding value against the threshold."""
        if self.label is None or self.medians is None:
            return ()
        spec = FAULTS[self.label]
        value = getattr(self.medians, spec.measure) * spec.scale
        return (ActiveFault(self.label, value, spec.on, spec.unit, self.label_steps),)
