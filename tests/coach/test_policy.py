"""The tunnel's roof and the label rules, stepped by hand."""

from __future__ import annotations

import itertools

import pytest

from app.coach.faults import StepMedians, label_of
from app.coach.report import FaultId
from app.coach.tunnel import (
    LOWER_EVERY_STEPS,
    MARGIN_SDS,
    SETTLE_MOST_BH,
    SETTLING_STRETCHES,
    TunnelTracker,
    goal_below_standing_bh,
)

GOOD = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.33)


def test_goal_is_an_inch_of_the_runners_own_height():
    assert goal_below_standing_bh(2.54, 182.9) == pytest.approx(0.0139, abs=1e-4)


def test_runner_already_below_the_goal_keeps_his_own_roof():
    tunnel = TunnelTracker(0.014)
    for _ in range(30):
        assert not tunnel.add_step(0.037, green=True)
    assert tunnel.personal
    assert tunnel.roof_bh == pytest.approx(0.037 - 0.009)
    assert tunnel.add_step(0.020, green=True), "under the goal, yet through his own roof"


def test_tall_runner_starts_under_his_own_roof_and_is_lowered_to_the_goal_and_no_further():
    tunnel = TunnelTracker(0.014)
    for _ in range(24):
        tunnel.add_step(0.002, green=True)
    start = tunnel.roof_bh
    assert start == pytest.approx(0.002 - 0.009)
    for _ in range(SETTLING_STRETCHES * LOWER_EVERY_STEPS):
        tunnel.add_step(0.030, green=True)
    assert tunnel.roof_bh == pytest.approx(start + SETTLE_MOST_BH + 0.0015)
    for _ in range(100 * LOWER_EVERY_STEPS):
        tunnel.add_step(0.030, green=True)
    assert tunnel.roof_bh == pytest.approx(0.014)


def test_faulty_steps_make_no_roof():
    tunnel = TunnelTracker(0.014)
    hits = [tunnel.add_step(0.0, green=False) for _ in range(40)]
    assert not tunnel.personal
    assert tunnel.roof_bh == 0.014
    assert sum(hits) == 40 - 11
    assert tunnel.too_many_hits


@pytest.mark.parametrize("scatter_bh", [0.0, 0.004])
def test_an_inch_of_rise_is_noticed_within_three_steps_and_over_when_it_is_over(scatter_bh):
    tunnel, inch_bh = TunnelTracker(0.014), 0.014
    scatter = itertools.cycle((scatter_bh, -scatter_bh, 0.3 * scatter_bh, -0.5 * scatter_bh))
    for _ in range(80):
        tunnel.add_step(0.030 + next(scatter), green=True)
        assert not tunnel.risen
    for _ in range(3):
        tunnel.add_step(0.030 - inch_bh + next(scatter), green=False)
    assert tunnel.risen
    for _ in range(3):
        tunnel.add_step(0.030 + next(scatter), green=True)
    assert not tunnel.risen


def test_one_step_however_high_is_no_rise():
    tunnel = TunnelTracker(0.014)
    for _ in range(30):
        tunnel.add_step(0.030, green=True)
    for peak in (-0.05, 0.030, 0.030, 0.030, -0.05):
        tunnel.add_step(peak, green=False)
        assert not tunnel.risen


def test_hits_switch_on_with_the_usual_step_and_one_of_eight_switches_off():
    tunnel = TunnelTracker(0.014)
    for _ in range(24):
        tunnel.add_step(0.020, green=True)
    for peak in (-0.02, 0.02, -0.02, 0.02, -0.02):
        tunnel.add_step(peak, green=False)
    assert tunnel.hits_of_last_8 == 3
    assert not tunnel.too_many_hits, "three odd steps do not make a habit"
    for _ in range(2):
        tunnel.add_step(-0.02, green=False)
    assert tunnel.too_many_hits
    for _ in range(6):
        tunnel.add_step(0.02, green=True)
    assert tunnel.too_many_hits
    for _ in range(2):
        tunnel.add_step(0.02, green=True)
    assert not tunnel.too_many_hits
    assert tunnel.hits == 5
    assert tunnel.clean_run == 8
    assert tunnel.longest_clean_run >= 12


def test_the_roof_leaves_room_for_the_runners_own_scatter():
    steady, wild = TunnelTracker(0.014), TunnelTracker(0.014)
    for k in range(24):
        steady.add_step(0.030 + 0.0005 * (-1) ** k, green=True)
        wild.add_step(0.030 + 0.004 * (-1) ** k, green=True)
    assert steady.margin_bh == pytest.approx(0.009)
    assert wild.margin_bh == pytest.approx(MARGIN_SDS * 0.004)
    assert wild.roof_bh == pytest.approx(0.030 - MARGIN_SDS * 0.004)


def test_labels_follow_the_table_and_hold_by_their_off_thresholds():
    assert label_of(GOOD, None) is None
    leaning = StepMedians(6.8, -0.004, 25.9, 45.0, 28.0, 0.33)
    assert label_of(leaning, None) is None
    assert label_of(leaning, FaultId.UPRIGHT) is FaultId.UPRIGHT
    long = StepMedians(11.0, -0.004, 30.0, 45.0, 28.0, 0.36)
    assert label_of(long, None) is None
    assert label_of(long, FaultId.OVERSTRIDE) is FaultId.OVERSTRIDE


def test_a_missing_measure_accuses_nobody():
    nan = float("nan")
    assert label_of(StepMedians(nan, nan, nan, nan, nan, nan), None) is None
