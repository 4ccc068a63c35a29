"""The label rules of running, and the judge that finds faults in eight-step medians (biomechanics D2)."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from app.coach.filters import measure, median
from app.coach.report import ActiveFault, FaultId, Step
from app.coach.rules import FaultSpec, Rules, default_rules

#: Medians run over so many steps, and nothing is judged below so many.
WINDOW_STEPS = 8
LEAST_STEPS = 6


#: A view of the default rules, where the thresholds are written (``rules.toml``).
FAULTS = default_rules().running


def is_green(step: Step, rules: Rules) -> bool:
    """Whether a step's trunk lean and line are both in their green bands: it may count for the personal roof."""
    (least_deg, most_deg), (least_bh, most_bh) = rules.green_lean_deg, rules.green_line_bh
    return least_deg <= step.trunk_lean_deg <= most_deg and least_bh <= step.line_offset_bh <= most_bh


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


def label_of(m: StepMedians, before: FaultId | None, rules: Rules | None = None) -> FaultId | None:
    """Return the one fault of these medians, or None for good; first match of the D2 label rules.

    Args:
        m: the medians.
        before: the label of the last step: its own rule is held by the off thresholds (no flicker).
        rules: the thresholds, None for the default ones.
    """
    faults = (rules or default_rules()).running

    def past(fault: FaultId, active: bool | None = None) -> bool:
        spec = faults[fault]
        return spec.past(getattr(m, spec.measure), before is fault if active is None else active)

    if past(FaultId.OVER_LEAN):
        return FaultId.OVER_LEAN
    tall, also = before in (FaultId.STANDING_UP, FaultId.HIP_SQUEEZE), faults[FaultId.STANDING_UP].also
    if (
        past(FaultId.STANDING_UP, tall)
        and also["hip_flexion_below_deg"].below(m.hip_flexion_deg, tall)
        and also["shank_below_deg"].below(m.shank_deg, tall)
    ):
        line = faults[FaultId.HIP_SQUEEZE].also["line_offset_above_bh_pct"]
        if line.above(m.line_offset_bh, before is FaultId.HIP_SQUEEZE) and past(FaultId.HIP_SQUEEZE):
            return FaultId.HIP_SQUEEZE
        return FaultId.STANDING_UP
    hips = before in (FaultId.PELVIS_DRIFT, FaultId.ANKLE_LEAN)
    if past(FaultId.PELVIS_DRIFT, hips) and past(FaultId.ANKLE_LEAN, hips):
        lean_kept = faults[FaultId.ANKLE_LEAN].also["trunk_lean_above_deg"].above(m.trunk_lean_deg, False)
        return FaultId.ANKLE_LEAN if lean_kept else FaultId.PELVIS_DRIFT
    if past(FaultId.UPRIGHT):
        return FaultId.UPRIGHT
    if past(FaultId.OVERSTRIDE):
        return FaultId.OVERSTRIDE
    return None


class FaultJudge:
    """Labels the stream of steps and remembers for how long a label has held."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or default_rules()
        self._steps: deque[Step] = deque(maxlen=WINDOW_STEPS)
        self.label: FaultId | None = None
        self.judged = False
        self.label_steps = 0
        self.medians: StepMedians | None = None
        #: Whether the interval of the deciding measure lies wholly past its threshold: only then it is spoken of.
        self.certain = False

    def reset(self) -> None:
        """Forget the steps: another stretch of running begins."""
        self.__init__(self.rules)  # type: ignore[misc]  # the start state is defined in one place

    def add_step(self, step: Step) -> FaultId | None:
        """Take one step; return the label now (None: good or not yet judged, see ``judged``)."""
        self._steps.append(step)
        self.judged = len(self._steps) >= LEAST_STEPS
        if not self.judged:
            return None
        self.medians = StepMedians.of(self._steps)
        label = label_of(self.medians, self.label, self.rules)
        self.label_steps = self.label_steps + 1 if label is self.label else 1
        self.label = label
        self.certain = label is not None and self._is_certain(self.rules.running[label])
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
        spec = self.rules.running[self.label]
        value = getattr(self.medians, spec.measure) * spec.scale
        return (ActiveFault(self.label, value, spec.on, spec.unit, self.label_steps),)
