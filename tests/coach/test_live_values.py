"""What the running values are now, how sure, and where they lie against the rules."""

from __future__ import annotations

import dataclasses
import math

import pytest

from app.coach.live_values import (
    Edge,
    Limits,
    Live,
    Place,
    StepWindow,
    deciding_condition,
    limits_of,
    live_values,
    place_of,
)
from app.coach.report import ActiveFault, FaultId, Step
from app.coach.rules import default_rules, parse_rules
from app.coach.types import Measure

NAN = math.nan


def step(t_s: float = 1.0, **changes: object) -> Step:
    made = Step(t_s, t_s + 0.1, NAN, NAN, "near", 0.03, 0.06, 11.0, 35.0, 30.0, 8.0, 0.0, 20.0, 0.2, 0.03, 0.35, False)
    return dataclasses.replace(made, **changes)


def steps(*leans_deg: float, **changes: object) -> list[Step]:
    return [step(1.0 + 0.35 * k, trunk_lean_deg=lean, **changes) for k, lean in enumerate(leans_deg)]


def measured(low: float, high: float, n: int = 8) -> Measure:
    return Measure((low + high) / 2, (low, high), n, "deg")


def test_value_and_interval_are_those_of_the_project() -> None:
    # Left and right alternate by 2: pairs are all 11, so the value is 11 and nothing scatters.
    value = live_values(steps(*[10.0, 12.0] * 4))[Live.TRUNK_LEAN]
    assert value.measure is not None
    assert value.measure.value == 11.0
    assert value.measure.ci95 == (11.0, 11.0)
    assert value.measure.n == 8
    assert value.place is Place.INSIDE


def test_the_value_is_the_one_the_judge_decides_by(act) -> None:
    ran = act("over_lean", fps=30.0, seconds=14.0)
    window = StepWindow()
    for report in ran.reports:
        if report.step is not None:
            window.add(report.step)
            fault = next(iter(report.faults), None)
    assert fault is not None
    value = live_values(window.steps, fault=fault)[Live.TRUNK_LEAN]
    assert value.measure is not None
    assert value.measure.value == pytest.approx(fault.value)
    assert value.decides
    assert value.place is Place.OUTSIDE


@pytest.mark.parametrize(
    ("interval", "place"),
    [
        ((7.0, 17.0), Place.INSIDE),
        ((2.0, 5.9), Place.OUTSIDE),
        ((5.0, 7.0), Place.UNSURE),
        ((17.0, 18.2), Place.UNSURE),  # out of the green band, but no fault
        ((18.1, 18.4), Place.UNSURE),
        ((18.6, 20.0), Place.OUTSIDE),
        ((0.0, 40.0), Place.UNSURE),
    ],
)
def test_an_interval_over_a_threshold_is_neither_in_nor_out(interval, place) -> None:
    assert place_of(measured(*interval), limits_of(Live.TRUNK_LEAN)) is place


def test_too_few_steps_are_not_judged() -> None:
    limits = limits_of(Live.TRUNK_LEAN)
    assert place_of(measured(25.0, 26.0, n=5), limits) is Place.EARLY
    assert place_of(measured(25.0, 26.0, n=6), limits) is Place.OUTSIDE
    assert place_of(measured(25.0, 26.0), limits, judged=False) is Place.EARLY
    assert place_of(None, limits) is Place.UNKNOWN


def test_what_no_rule_speaks_of_is_only_shown() -> None:
    values = live_values(steps(*[11.0] * 8, hip_share=0.5))
    for live in (Live.HIP_SHARE, Live.OSCILLATION, Live.CADENCE):
        assert values[live].place is Place.PLAIN
        assert not values[live].limits.known
    assert values[Live.CLEARANCE].place is Place.UNKNOWN  # there was no roof yet
    assert values[Live.REACH].measure is None
    cadence = values[Live.CADENCE].measure
    assert cadence is not None
    assert cadence.value == pytest.approx(60.0 / 0.35)


def test_the_bands_are_those_of_the_rules() -> None:
    assert limits_of(Live.TRUNK_LEAN) == Limits(Edge(6.0, 6.0), Edge(18.0, 18.5))
    line = limits_of(Live.LINE_OFFSET)
    assert line.low == Edge(-0.03, -0.03)
    assert line.high is not None
    assert (line.high.inside, line.high.outside) == pytest.approx((0.024, 0.025))
    assert limits_of(Live.HIP_FLEXION) == Limits(Edge(25.0, 25.0))
    assert limits_of(Live.CLEARANCE) == Limits(Edge(0.0, 0.0))
    reach, drop = limits_of(Live.REACH), limits_of(Live.DROP)
    assert reach.low is None
    assert reach.high is not None
    assert drop.high is None
    assert drop.low is not None
    assert (reach.high.inside, drop.low.inside) == pytest.approx((0.365, 0.037))


def test_a_coachs_own_rules_move_them() -> None:
    own = parse_rules("[green]\ntrunk_lean_deg = [8.0, 15.0]\n", "own", default_rules())
    assert limits_of(Live.TRUNK_LEAN, own) == Limits(Edge(8.0, 6.0), Edge(15.0, 18.5))
    # Between what is good and what is a fault nobody can say.
    assert place_of(measured(6.5, 7.5), limits_of(Live.TRUNK_LEAN, own)) is Place.UNSURE


def test_while_a_fault_is_on_its_end_is_where_it_goes_off() -> None:
    fault = ActiveFault(FaultId.OVER_LEAN, 17.5, 18.5, "deg", 10)
    limits = limits_of(Live.TRUNK_LEAN, fault=fault)
    assert limits == Limits(Edge(6.0, 6.0), Edge(17.0, 17.0))
    assert place_of(measured(17.2, 17.8), limits) is Place.OUTSIDE
    assert limits_of(Live.REACH, fault=fault) == limits_of(Live.REACH)


def test_the_deciding_condition_is_found_by_its_threshold() -> None:
    by_lean = deciding_condition(ActiveFault(FaultId.UPRIGHT, 5.0, 6.0, "deg", 8))
    other_way = deciding_condition(ActiveFault(FaultId.UPRIGHT, 8.0, 8.5, "deg", 8))
    assert by_lean is not None
    assert other_way is not None
    assert (by_lean.band.off, other_way.band.off) == (7.5, 9.3)
    knee = deciding_condition(ActiveFault(FaultId.STANDING_UP, 30.0, 35.5, "deg", 8))
    assert knee is not None
    assert knee.measure == "knee_flexion_deg"
    # The hits of the roof are no rule's.
    assert deciding_condition(ActiveFault(FaultId.STANDING_UP, 1.0, 2.8, "bh_pct", 8)) is None
    stance = deciding_condition(ActiveFault(FaultId.PELVIS_DRIFT, 4.0, 1.7, "bh_pct", 0), stance=True)
    assert stance is not None
    assert stance.measure == "d_h_bh_pct"


def test_the_window_holds_eight_steps_of_one_run() -> None:
    window = StepWindow()
    for made in steps(*range(10)):
        window.add(made)
    assert [s.trunk_lean_deg for s in window.steps] == list(range(2, 10))
    last_s = window.steps[-1].t_s
    window.add(step(last_s + 0.35, head_turned=True))  # not where it seems
    assert len(window.steps) == 8
    assert not window.over(last_s + 1.9)
    assert window.over(last_s + 2.1)
    window.add(step(last_s + 5.0))
    assert len(window.steps) == 1
    window.add(step(1.0))  # time runs backwards: another source
    assert [s.t_s for s in window.steps] == [1.0]
    window.clear()
    assert window.steps == ()
    assert window.over(1.0)
