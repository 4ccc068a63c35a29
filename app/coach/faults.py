"""The label rules of running, and the judge that finds faults in eight-step medians (biomechanics D2)."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from app.coach.filters import NAN, measure, median
from app.coach.report import ActiveFault, FaultId, Step
from app.coach.rules import Condition, Rules, default_rules

#: Medians run over so many steps, and nothing is judged below so many.
WINDOW_STEPS = 8
LEAST_STEPS = 6
#: The median of the pairs of eight steps turns when so many of them are of the new kind.
TURN_STEPS = 5
#: So many steps show that a fault is about to come, or to go, before the medians do.
EMERGING_STEPS = 3
#: The order in which the rules are looked at: what changes every other measure first, what explains others before them.
ORDER = (
    FaultId.OVER_LEAN,
    FaultId.HIP_SQUEEZE,
    FaultId.STANDING_UP,
    FaultId.ANKLE_LEAN,
    FaultId.PELVIS_DRIFT,
    FaultId.UPRIGHT,
    FaultId.OVERSTRIDE,
)
_RISEN, _FORWARD = (FaultId.STANDING_UP, FaultId.HIP_SQUEEZE), (FaultId.PELVIS_DRIFT, FaultId.ANKLE_LEAN)
#: Labels that keep a rule at its off thresholds, besides its own: a body that has risen stays so under either name.
KIN = {FaultId.STANDING_UP: _RISEN, FaultId.PELVIS_DRIFT: _FORWARD}


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
    midstance_drop_bh: float = NAN

    @property
    def thigh_deg(self) -> float:
        """Thigh ahead of upright at midstance."""
        return self.hip_flexion_deg - self.trunk_lean_deg

    @classmethod
    def of(cls, steps: Iterable[Step]) -> StepMedians:
        """Return the medians over the means of neighbouring steps.

        A left and a right step belong together: seen from 3 m the near leg looks 6 % longer than the far one,
        which alone makes +-8 deg of knee flexion from step to step; in a pair it cancels.
        """
        pairs = _pairs(steps)
        return cls(*(median((getattr(a, f) + getattr(b, f)) / 2.0 for a, b in pairs) for f in cls.__dataclass_fields__))


def decide(
    m: StepMedians, before: FaultId | None, rules: Rules | None = None
) -> tuple[FaultId | None, Condition | None]:
    """Return the one fault of these medians and what decides it; (None, None) for good.

    The faults are looked at in `ORDER`, and the first whose rule holds is named: the one that explains the others.

    Args:
        m: the medians.
        before: the label of the last step: its rule, and that of its kin, is held by the off thresholds (no flicker).
        rules: the thresholds, None for the default ones.
    """
    specs = (rules or default_rules()).running
    for fault in ORDER:
        condition = specs[fault].decided_by(m, before in KIN.get(fault, (fault,)))
        if condition is not None:
            return fault, condition
    return None, None


def label_of(m: StepMedians, before: FaultId | None, rules: Rules | None = None) -> FaultId | None:
    """Return the one fault of these medians, or None for good (see `decide`)."""
    return decide(m, before, rules)[0]


class FaultJudge:
    """Labels the stream of steps and remembers for how long a label has held."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or default_rules()
        self._steps: deque[Step] = deque(maxlen=WINDOW_STEPS)
        self._deciding: Condition | None = None
        self.label: FaultId | None = None
        self.judged = False
        #: For how many steps the label's cause has been there, as far as medians can tell.
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
        first, self.judged = not self.judged, len(self._steps) >= LEAST_STEPS
        if not self.judged:
            return None
        self.medians = StepMedians.of(self._steps)
        label, self._deciding = decide(self.medians, self.label, self.rules)
        if first:
            self.label_steps = len(self._steps)
        elif label is self.label or {label, self.label} in (set(_RISEN), set(_FORWARD)):
            # Under either name of the pair it is the same body that has risen, or tipped forward, all along.
            self.label_steps += 1
        else:
            self.label_steps = TURN_STEPS
        self.label = label
        self.certain = self._deciding is not None and self._is_certain(self._deciding)
        return label

    @property
    def newest_label(self) -> FaultId | None:
        """The fault that the newest steps show, taken alone: another one may be about to come, or this one to go."""
        return label_of(StepMedians.of(list(self._steps)[-EMERGING_STEPS:]), self.label, self.rules)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the window, oldest first."""
        return tuple(self._steps)

    def _is_certain(self, deciding: Condition) -> bool:
        """Whether the interval of the deciding measure lies past the threshold.

        Over seven pairs that share their steps it holds the true median in 73 % of cases; one that holds it in 95 %
        would keep a quarter of the acted faults unspoken that are clearly there.
        """
        values = [(getattr(a, deciding.measure) + getattr(b, deciding.measure)) / 2.0 for a, b in _pairs(self._steps)]
        interval = measure(values)
        if interval is None:
            return False
        on = deciding.band.on
        return interval.ci95[0] > on if deciding.higher else interval.ci95[1] < on

    def active(self) -> tuple[ActiveFault, ...]:
        """Return the fault that is on now, with its deciding value against the threshold."""
        if self.label is None or self.medians is None or self._deciding is None:
            return ()
        deciding = self._deciding
        value = getattr(self.medians, deciding.measure) * deciding.scale
        return (ActiveFault(self.label, value, deciding.band.on * deciding.scale, deciding.unit, self.label_steps),)

    def values(self) -> tuple[float, ...]:
        """Return the deciding measure of each step of the window, in `active`'s unit; () where nothing is on."""
        deciding = self._deciding
        if deciding is None:
            return ()
        return tuple(getattr(step, deciding.measure) * deciding.scale for step in self._steps)
