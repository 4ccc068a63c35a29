"""Filters on uneven times give the answers known beforehand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coach.filters import fit_quadratic, measure, median, peak_near

coefficient = st.floats(-50.0, 50.0)
times = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=12, unique_by=lambda t: round(t, 2))


@given(a=coefficient, b=coefficient, c=coefficient, ts=times, at=st.floats(0.0, 1.0))
def test_a_parabola_is_returned_exactly(a, b, c, ts, at):
    values = [a + b * t + c * t * t for t in ts]
    value, slope, curvature = fit_quadratic(ts, values, at)
    assert value == pytest.approx(a + b * at + c * at * at, abs=1e-3)
    assert slope == pytest.approx(b + 2 * c * at, abs=0.1)
    assert curvature == pytest.approx(2 * c, abs=1.0)


def test_too_few_samples_fall_back_to_line_and_mean():
    assert fit_quadratic([0.0, 1.0], [1.0, 3.0], 0.5)[:2] == pytest.approx((2.0, 2.0))
    assert fit_quadratic([0.3, 0.3, 0.3], [1.0, 2.0, 3.0], 0.3)[0] == pytest.approx(2.0)
    assert math.isnan(fit_quadratic([], [], 0.0)[0])


@given(st.floats(0.40, 0.60), st.sampled_from([30.0, 59.94, 24.0]))
def test_peak_is_found_between_frames(top_s, fps):
    samples = [(k / fps, 100.0 - 0.5 * 981.0 * (k / fps - top_s) ** 2) for k in range(int(fps))]
    found_s, height = peak_near(samples, 0.5, 0.15, 0.09)
    assert found_s == pytest.approx(top_s, abs=1e-3)
    assert height == pytest.approx(100.0, abs=1e-2)


@pytest.mark.parametrize("side", [-1, 1])
def test_nothing_is_extrapolated_into_a_hole_beside_the_peak(side):
    """Missing pictures must not lengthen a step: the vertex of what is left may lie far out in the hole."""
    samples = [(side * t, y) for t, y in ((-0.05, 10.0), (-0.033, 20.0), (-0.017, 28.0), (0.0, 34.0), (0.2, 0.0))]
    found_s, height = peak_near(sorted(samples), 0.0, 0.02, 0.06)
    assert found_s == 0.0
    assert height == pytest.approx(34.0, abs=0.5)


def test_missing_samples_are_left_out():
    assert median([float("nan"), 4.0, 2.0]) == 3.0
    assert math.isnan(median([]))


def test_interval_of_a_median_holds_the_value_and_shrinks_with_n():
    few, many = measure([1.0, 2.0, 3.0, 4.0]), measure([1.0, 2.0, 3.0, 4.0] * 25)
    assert few is not None
    assert many is not None
    assert few.ci95[0] < few.value == 2.5 < few.ci95[1]
    assert (many.ci95[1] - many.ci95[0]) == pytest.approx((few.ci95[1] - few.ci95[0]) / 5.0)
    assert measure([float("nan")]) is None
