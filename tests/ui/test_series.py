"""The ring of live numbers: window, gaps, steps, units."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from app.coach.report import FormSample
from app.ui.series import CAPACITY, HEAD, HIP_FLEXION, KNEE_FLEXION, TRUNK_LEAN, WINDOW_S, Series


def sample(t_s: float, lean_deg: float = 10.0, bh: float = 0.03, cm: float = math.nan) -> FormSample:
    return FormSample(t_s, lean_deg, 30.0, 20.0, bh, cm)


def filled(times_s: np.ndarray) -> Series:
    series = Series()
    for t_s in times_s:
        series.add(sample(float(t_s), float(t_s)))
    return series


def test_only_the_window_is_kept() -> None:
    series = filled(np.arange(0, 2000) / 30.0)
    assert series.times_s[-1] == pytest.approx(1999 / 30)
    assert series.times_s[0] >= series.now_s - WINDOW_S
    assert series.times_s.size == pytest.approx(WINDOW_S * 30, abs=2)
    assert np.array_equal(series.values[TRUNK_LEAN], series.times_s)
    assert series.start_s == 0.0


def test_far_more_than_the_capacity_goes_in() -> None:
    series = filled(1000.0 + np.arange(0, 5 * CAPACITY) / 200.0)
    assert series.times_s.size == CAPACITY
    assert np.all(np.diff(series.times_s) > 0)
    assert np.array_equal(series.values[TRUNK_LEAN], series.times_s)


def test_a_pause_becomes_a_gap_not_a_line() -> None:
    series = filled(np.array([0.0, 0.1, 0.2, 3.0, 3.1]))
    assert series.times_s.size == 6
    assert np.isnan(series.values[TRUNK_LEAN]).tolist() == [False, False, False, True, False, False]


def test_time_running_backwards_is_a_new_source() -> None:
    series = filled(np.array([50.0, 50.1, 50.2]))
    series.add(sample(1.0, 7.0))
    assert series.times_s.tolist() == [1.0]
    assert series.start_s == 1.0


def test_head_is_upwards_and_in_cm_once_a_stature_is_known() -> None:
    series = Series()
    series.add(sample(0.0, bh=0.02))
    assert series.values[HEAD, -1] == pytest.approx(-2.0)
    series.add(sample(0.1, bh=0.02, cm=3.6))
    assert series.values[HEAD, -1] == pytest.approx(-3.6)
    assert math.isnan(series.values[HEAD, 0])  # never two units in one curve
    series.add(sample(0.2, bh=0.02))
    assert math.isnan(series.values[HEAD, -1])


def test_steps_of_the_window(builders) -> None:
    series = filled(np.arange(0, 601) / 30.0)
    for t_s, hit in ((5.0, True), (12.0, False), (15.0, True), (19.0, False)):
        series.add_step(builders.step(t_s, hit))
    assert series.steps(hit=True).tolist() == [15.0]
    assert series.steps(hit=False).tolist() == [12.0, 19.0]


def test_the_number_is_a_median_of_what_was_measured() -> None:
    series = Series()
    for index, lean_deg in enumerate((50.0, 9.0, math.nan, 11.0, 10.0)):
        series.add(sample(index * 0.4 if index == 0 else 1.0 + index * 0.05, lean_deg))
    assert series.recent(TRUNK_LEAN, 0.5) == 10.0
    assert math.isnan(Series().recent(TRUNK_LEAN, 0.5))
    assert math.isnan(Series().now_s)


def test_what_a_step_came_to_stands_at_its_instant(builders) -> None:
    series = filled(np.arange(0, 601) / 30.0)
    for t_s in (5.0, 15.0):  # the first is out of the window
        series.add_step(builders.step(t_s))
    series.add_step(dataclasses.replace(builders.step(16.0), trunk_lean_deg=math.nan, knee_flexion_deg=44.0))
    times_s, lean_deg = series.step_values(TRUNK_LEAN)
    assert times_s.tolist() == [15.0 + 0.34 / 2]  # the mean of the step, in its middle
    assert lean_deg.tolist() == [11.0]
    assert series.step_values(HIP_FLEXION)[1].tolist() == [35.0, 35.0]
    assert [row.tolist() for row in series.step_values(KNEE_FLEXION)] == [[15.0, 16.0], [30.0, 44.0]]
    assert series.step_values(HEAD)[0].size == 0


def test_the_window_counts_its_first_sample() -> None:
    assert filled(np.arange(0, 300) / 30.0).first == 0
    moved = filled(np.arange(0, 601) / 30.0)
    assert moved.first == 300
    assert moved.times_s[0] == pytest.approx(10.0)
