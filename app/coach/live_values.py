"""The running values as they stand now, each with its interval and where it lies against the rules.

For whoever watches beside the treadmill. The judge (`faults`) decides by the same medians over the same steps; here is
said in addition how sure each of them is. An interval that reaches over a threshold is neither in nor out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.coach.faults import LEAST_STEPS, ORDER, WINDOW_STEPS
from app.coach.filters import mean_half_width, measure_steps
from app.coach.report import ActiveFault, Step
from app.coach.rules import Condition, Rules, default_rules
from app.coach.types import Measure

#: A longer time without a step, and what was measured before is of another run: the longest step is 0.6 s, and a
#: window that was busy for a moment may miss two of them.
BREAK_S = 2.0


class Live(StrEnum):
    """The values; named as the field of `Step` that holds them, the cadence as in the summary."""

    TRUNK_LEAN = "trunk_lean_deg"
    HIP_FLEXION = "hip_flexion_deg"
    LINE_OFFSET = "line_offset_bh"
    CLEARANCE = "peak_below_roof_bh"
    HIP_SHARE = "hip_share"
    DROP = "midstance_drop_bh"
    REACH = "reach_of_travel"
    OSCILLATION = "vertical_oscillation_bh"
    CADENCE = "cadence_spm"


class Place(StrEnum):
    """Where a value lies.

    INSIDE, OUTSIDE: its whole interval does. UNSURE: the interval reaches over a threshold. EARLY: too few steps, or
    not judged for another reason. PLAIN: no rule says what is good. UNKNOWN: not measured.
    """

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNSURE = "unsure"
    EARLY = "early"
    PLAIN = "plain"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of the target band: good up to ``inside``, a fault past ``outside``; between the two it is neither."""

    inside: float
    outside: float


@dataclass(frozen=True, slots=True)
class Limits:
    """The target band of a value, in the field's own unit; None: open at that end."""

    low: Edge | None = None
    high: Edge | None = None

    @property
    def known(self) -> bool:
        """Whether any rule says what is good."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class LiveValue:
    """One value now, in the field's own unit (deg, fraction of body height, share 0..1, steps per minute).

    Attributes:
        measure: with its 95 % interval (`filters.measure_steps`); None where not measured.
        place: where it lies. limits: its target band. decides: whether the fault that is on was decided by it.
    """

    measure: Measure | None
    place: Place
    limits: Limits
    decides: bool = False


class StepWindow:
    """The newest steps of one run, as many as the judge looks at; those with a turned head are left out."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=WINDOW_STEPS)

    def add(self, step: Step) -> None:
        """Take a step; after a break, or with time running backwards, another run begins."""
        if self._steps and not 0.0 < step.t_s - self._steps[-1].t_s <= BREAK_S:
            self._steps.clear()
        if not step.head_turned:
            self._steps.append(step)

    def clear(self) -> None:
        """Forget all."""
        self._steps.clear()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Oldest first."""
        return tuple(self._steps)

    def over(self, now_s: float) -> bool:
        """Whether the run that they are of has ended."""
        return not (self._steps and now_s - self._steps[-1].t_s <= BREAK_S)


def deciding_condition(fault: ActiveFault, rules: Rules | None = None, stance: bool = False) -> Condition | None:
    """Return the condition by whose threshold a fault is on; None where it is not a rule's, as for the roof.

    Args:
        fault: the one that is on.
        rules: None for the default ones.
        stance: whether it is a fault of the stance, not of running.
    """
    rules = rules or default_rules()
    spec = (rules.stance if stance else rules.running).get(fault.id)
    for way in spec.ways if spec is not None else ():
        first = way[0]
        if first.unit == fault.unit and abs(first.band.on * first.scale - fault.threshold) < 1e-9:
            return first
    return None


def limits_of(live: Live, rules: Rules | None = None, fault: ActiveFault | None = None) -> Limits:
    """Return the target band of a value.

    Its ends are where a fault comes on; trunk lean and line are good only in their green bands. While a fault is on
    that was decided by this value, that end is where the fault goes off again.

    Args:
        live: the value.
        rules: None for the default ones.
        fault: the one that is on now.
    """
    rules = rules or default_rules()
    low, high = _ends(live, rules)
    least, most = {Live.TRUNK_LEAN: rules.green_lean_deg, Live.LINE_OFFSET: rules.green_line_bh}.get(live, (low, high))
    return _while_on(live, Limits(_edge(low, least, max), _edge(high, most, min)), rules, fault)


def live_values(
    steps: Sequence[Step],
    rules: Rules | None = None,
    fault: ActiveFault | None = None,
    judged: Collection[Live] = frozenset(Live),
) -> Mapping[Live, LiveValue]:
    """Return every value over these steps.

    Args:
        steps: the newest ones, oldest first, without those of a turned head.
        rules: None for the default ones.
        fault: the one that is on now.
        judged: what the coach judges now; the rest is EARLY.
    """
    found = {}
    condition = deciding_condition(fault, rules) if fault is not None else None
    for live in Live:
        measure = _cadence(steps) if live is Live.CADENCE else measure_steps(getattr(s, live.value) for s in steps)
        limits = limits_of(live, rules, fault)
        decides = condition is not None and condition.measure == live.value
        found[live] = LiveValue(measure, place_of(measure, limits, live in judged), limits, decides)
    return found


def place_of(measure: Measure | None, limits: Limits, judged: bool = True) -> Place:
    """Return where a value with its interval lies; below six steps nothing is judged."""
    if measure is None:
        return Place.UNKNOWN
    if measure.n < LEAST_STEPS or (limits.known and not judged):
        return Place.EARLY
    if not limits.known:
        return Place.PLAIN
    least, most = measure.ci95
    low, high = limits.low, limits.high
    if (low is not None and most < low.outside) or (high is not None and least > high.outside):
        return Place.OUTSIDE
    if (low is None or least >= low.inside) and (high is None or most <= high.inside):
        return Place.INSIDE
    return Place.UNSURE


def _ends(live: Live, rules: Rules) -> tuple[float | None, float | None]:
    """Return where faults come on at the low and at the high end, None where none does.

    A value that decides no fault itself, as the bend of the hip, has the threshold that others need of it.
    """
    if live is Live.CLEARANCE:
        return 0.0, None
    deciding = [rules.running[fault].ways[0][0] for fault in ORDER]
    also = [condition for fault in ORDER for way in rules.running[fault].ways for condition in way]
    for conditions in (deciding, also):
        mine = [c for c in conditions if c.measure == live.value]
        if mine:
            return _first(c.band.on for c in mine if not c.higher), _first(c.band.on for c in mine if c.higher)
    return None, None


def _first(values: Iterable[float]) -> float | None:
    return next(iter(values), None)


def _edge(fault_at: float | None, green_to: float | None, tighter: Callable[[float, float], float]) -> Edge | None:
    """Return the end of a band: good as far as both the rule and the green band say, a fault where neither does."""
    if fault_at is None or green_to is None:
        only = green_to if fault_at is None else fault_at
        return None if only is None else Edge(only, only)
    inside = tighter(fault_at, green_to)
    return Edge(inside, fault_at + green_to - inside)


def _while_on(live: Live, limits: Limits, rules: Rules, fault: ActiveFault | None) -> Limits:
    """Return the band with the end at which a fault is on moved to where it goes off."""
    condition = deciding_condition(fault, rules) if fault is not None else None
    if condition is None or condition.measure != live.value:
        return limits
    edge = Edge(condition.band.off, condition.band.off)
    return Limits(limits.low, edge) if condition.higher else Limits(edge, limits.high)


def _cadence(steps: Sequence[Step]) -> Measure | None:
    """Return steps per minute, 60 over the mean step time, with the interval of that mean (as in the summary)."""
    times_s = [step.duration_s for step in steps if step.duration_s == step.duration_s]
    if not times_s:
        return None
    mean_s = sum(times_s) / len(times_s)
    rate, half = 60.0 / mean_s, mean_half_width(times_s) / mean_s
    return Measure(rate, (rate * (1.0 - half), rate * (1.0 + half)), len(times_s), "spm")
