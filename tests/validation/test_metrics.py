"""Every metric on series whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.validation import metrics

T_S = np.arange(0.0, 10.0, 1.0 / 60.0)
BOUNCE = 40.0 * np.sin(2.0 * np.pi * 2.9 * T_S)


@pytest.mark.parametrize("lag_s", [-0.004, 0.0, 0.010])
def test_lag_of_a_delayed_bounce_with_noise_and_gaps(lag_s):
    delayed = 40.0 * np.sin(2.0 * np.pi * 2.9 * (T_S - lag_s)) + 7.0
    delayed += np.random.default_rng(1).normal(0.0, 2.0, len(T_S))
    delayed[::7] = np.nan
    assert metrics.lag_ms(T_S, delayed, BOUNCE) == pytest.approx(1e3 * lag_s, abs=0.5)


def test_a_biased_copy_has_no_lag_and_no_scatter():
    assert metrics.lag_ms(T_S, BOUNCE + 30.0, BOUNCE) == pytest.approx(0.0, abs=1e-9)
    assert metrics.error_sd(BOUNCE + 30.0, BOUNCE) == pytest.approx(0.0, abs=1e-9)


def test_what_rests_on_nothing_is_nan():
    nothing = np.full(len(T_S), np.nan)
    assert math.isnan(metrics.lag_ms(T_S, nothing, BOUNCE))
    assert math.isnan(metrics.error_sd(nothing, BOUNCE))
    assert math.isnan(metrics.scatter(np.array([1.0, 2.0, np.nan])))
    assert metrics.share(np.ones(3, bool), np.zeros(3, bool))[1] == 0


def test_scatter_per_frame():
    noise = np.random.default_rng(2).normal(5.0, 3.0, 20_000)
    assert metrics.error_sd(noise, np.zeros(20_000)) == pytest.approx(3.0, abs=0.05)


def test_peaks_of_steps_are_found_between_the_frames():
    t_s = np.arange(0.0, 3.0, 1.0 / 30.0)
    tops_s, heights = np.array([0.171, 0.523, 0.880]), np.array([12.0, 15.0, 9.0])
    height = np.max([h - 4900.0 / 9.81 * (t_s - s) ** 2 for s, h in zip(tops_s, heights, strict=True)], axis=0)
    peaks = metrics.step_peaks(t_s, height, [0.0, 0.35, 0.7, 1.05])
    assert peaks == pytest.approx(heights, abs=0.05)


def test_a_step_that_is_mostly_unseen_has_no_peak():
    height = BOUNCE.copy()
    height[(T_S > 1.0) & (T_S < 1.3)] = np.nan
    peaks = metrics.step_peaks(T_S, height, [0.5, 1.0, 1.4, 1.9])
    assert np.isnan(peaks).tolist() == [False, True, False]


def test_scatter_of_eight_step_means():
    values = np.random.default_rng(3).normal(0.0, 4.0, 20_000)
    assert metrics.scatter(values) == pytest.approx(4.0, rel=0.02)
    assert metrics.scatter(values, 8) == pytest.approx(4.0 / math.sqrt(8.0), rel=0.05)


def test_drop_from_standing_to_running():
    standing, running = T_S < 3.0, T_S >= 4.0
    true = np.where(running, -50.0, 0.0)
    found = np.where(running, -57.0, 0.0) + 20.0
    found[T_S < 1.0] = np.nan
    assert metrics.drop_error(found, true, standing, running) == pytest.approx(7.0)


def _ankles(*frames):
    return np.array(frames, dtype=float)


def test_sides_and_front_and_rear_are_two_questions():
    true = _ankles([[100, 0], [0, 0]], [[100, 0], [0, 0]], [[100, 0], [0, 0]])
    swapped, merged, right = [[0, 0], [100, 0]], [[95, 0], [90, 0]], [[102, 0], [3, 0]]
    found = _ankles(swapped, merged, right)
    assert metrics.sides_wrong(found, true).tolist() == [True, False, False]
    assert metrics.front_rear_wrong(found, true).tolist() == [False, True, False]


def test_legs_apart_from_045_trunks_on():
    ankles = _ankles([[46, 0], [0, 0]], [[44, 0], [0, 0]], [[0, 0], [46, 0]])
    assert metrics.legs_apart(ankles, np.full(3, 100.0)).tolist() == [True, False, True]


def test_share_counts_only_what_was_asked_for():
    events, among = np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 1], bool)
    assert metrics.share(events, among) == (pytest.approx(1 / 3), 3)


def test_contacts_found_missed_and_invented():
    true = [1.0, 1.35, 1.7, 2.05]
    assert metrics.match_contacts(true, [1.01, 1.36, 1.53, 2.0]) == (3, 1)
    assert metrics.match_contacts(true, [1.0, 1.02]) == (1, 1)
    assert metrics.match_contacts(true, []) == (0, 0)


def test_handle_rule():
    trunk = np.full(4, 100.0)
    ahead = _ankles([20, -30], [20, -30], [140, -30], [-60, -30])
    below = _ankles([180, 170], [40, 170], [160, 170], [40, 170])  # the last: a heel kicked up behind is a leg
    assert metrics.ruined_by_handle(ahead, below, trunk).tolist() == [False, True, True, False]


def test_wrong_person():
    runner = _ankles([0, 0], [0, 0], [0, 0], [0, 0])
    other = np.array([[[80, 0]], [[80, 0]], [[np.nan, np.nan]], [[np.nan, np.nan]]], dtype=float)
    hip = _ankles([10, 0], [45, 0], [45, 0], [60, 0])
    assert metrics.wrong_person(hip, runner, other, np.full(4, 100.0)).tolist() == [False, True, False, True]
    right_behind = np.array([[[18, 0]]] * 4, dtype=float)
    close = metrics.wrong_person(_ankles([20, 0], [24, 0], [26, 0], [0, 0]), runner, right_behind, np.full(4, 100.0))
    assert close.tolist() == [False, False, True, False]
    alone = metrics.wrong_person(hip, runner, np.zeros((4, 0, 2)), np.full(4, 100.0))
    assert alone.tolist() == [False, False, False, True]


def test_back_after_a_crossing():
    t_s = np.arange(100) / 10.0
    hidden = (t_s >= 3.0) & (t_s <= 4.0)
    right = (t_s < 3.0) | ((t_s > 4.25) & (t_s < 4.45)) | (t_s > 4.75)  # the flash in between does not count
    assert metrics.back_after_s(t_s, right, hidden) == pytest.approx(0.8)
    assert metrics.back_after_s(t_s, t_s < 3.0, hidden) == math.inf
    assert math.isnan(metrics.back_after_s(t_s, right, np.zeros(100, bool)))


def test_slope():
    assert metrics.slope([0.0, 5.0, 10.0], [1.0, 5.5, 10.0]) == pytest.approx(0.9)
    assert math.isnan(metrics.slope([0.0, 5.0], [0.0, 5.0]))
