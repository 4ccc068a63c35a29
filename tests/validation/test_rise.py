"""The noticing of a rise: statistics on peaks that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.validation import rise

FLAT = np.zeros(rise.ROOF_STEPS)


def test_one_peak_is_held_against_the_tunnels_own_margin():
    assert rise.one_peak(np.array([16.0, 17.0]), FLAT) == pytest.approx([-0.02, 0.98])
    wild = np.tile([-30.0, 30.0], 12)
    assert rise.one_peak(np.array([0.0]), wild) == pytest.approx([-rise.MOST_MARGIN_MM])


def test_three_peaks_are_a_mean_and_need_three():
    above = rise.three_peaks(np.array([0.0, 30.0, 9.0, 0.0]), FLAT)
    assert np.isnan(above[:2]).all()
    assert above[2:] == pytest.approx(13.0 - rise.THREE_PEAKS_LEAST_MM)


@pytest.mark.parametrize("statistic", list(rise.STATISTICS))
def test_good_peaks_notice_an_inch_and_bad_ones_call_for_nothing(statistic):
    good = rise.noticing(np.zeros(50), statistic)
    bad = rise.noticing(np.random.default_rng(1).normal(0.0, 15.0, 200), statistic)
    assert good.caught_share > 0.98
    assert good.rises > 300
    assert bad.false_per_5_min > 2.0 * good.false_per_5_min


def test_the_mean_of_three_calls_less_than_once_in_five_minutes():
    assert rise.noticing(np.zeros(50), "mean of three peaks").false_per_5_min < 1.0


def test_without_errors_nothing_is_said():
    assert math.isnan(rise.noticing(np.array([np.nan]), "one peak").caught_share)


def test_rendered_rise():
    ends_s = 1.0 + 0.35 * np.arange(36)
    peaks = np.where(ends_s > 12.0, 25.0, 0.0)
    for statistic in rise.STATISTICS:
        assert rise.rendered_rise(peaks, ends_s, 12.0, statistic) == (True, 0)
        assert rise.rendered_rise(np.zeros(36), ends_s, 12.0, statistic) == (False, 0)
    assert rise.rendered_rise(peaks[20:], ends_s[20:], 12.0, "one peak") is None
