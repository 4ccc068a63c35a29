"""The drift meter on a pinhole camera whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.coach.drift import STEPS, DriftMeter

BODY_PX = 600.0
DISTANCE_M, STATURE_M = 2.8, 1.78
PX_PER_M = BODY_PX / STATURE_M


def walk_through(meter: DriftMeter, depths_m: np.ndarray, lens_m: float, noise: float = 0.0) -> np.ndarray:
    """Give the meter the steps of a runner who stands nearer by ``depths_m``; return the head's errors (N,), mm.

    Scatter of rows and legs as measured through the network: 6 mm, 0.6 % a step.
    """
    meter.body_height_px = BODY_PX
    rng = np.random.default_rng(4)
    errors_mm = []
    for k, depth_m in enumerate(depths_m):
        scale = DISTANCE_M / (DISTANCE_M - depth_m)
        foot_px = -lens_m * PX_PER_M * scale + (3.0 if k % 2 else -3.0) + noise * rng.normal(0.0, 2.0)
        meter.add_step(foot_px, 0.49 * BODY_PX * scale * (1.0 + noise * rng.normal(0.0, 0.006)))
        head_px = (STATURE_M - lens_m) * PX_PER_M * (scale - 1.0)
        errors_mm.append((head_px - meter.rise_px(BODY_PX)) / PX_PER_M * 1e3)
    return np.array(errors_mm)


@pytest.mark.parametrize("lens_m", [0.6, 1.1, 1.6])
def test_most_of_a_drift_back_and_forth_is_undone(lens_m: float) -> None:
    steps = np.arange(400)
    depths_m = 0.08 * np.sin(2 * math.pi * steps / 170.0) * (steps > 20)

    errors_mm = walk_through(DriftMeter(), depths_m, lens_m, noise=1.0)

    uncorrected_mm = (STATURE_M - lens_m) * (DISTANCE_M / (DISTANCE_M - depths_m) - 1.0) * 1e3
    # What is left is the noise of the feet, and that a line through 8 s is no sine.
    assert errors_mm[200:].std() < max(0.35 * uncorrected_mm[200:].std(), 2.0)


def test_it_learns_how_high_the_lens_is() -> None:
    meter = DriftMeter()
    depths_m = 0.10 * np.sin(np.arange(500) / 40.0)

    walk_through(meter, depths_m, lens_m=0.7)

    assert meter.lens_bh == pytest.approx(0.7 / STATURE_M, abs=0.03)


def test_a_runner_who_stays_is_not_corrected() -> None:
    errors_mm = walk_through(DriftMeter(), np.zeros(200), lens_m=1.1, noise=1.0)

    assert np.abs(errors_mm).max() < 5.0


def test_before_enough_steps_and_for_another_place_nothing_is_corrected() -> None:
    meter = DriftMeter()
    walk_through(meter, np.zeros(STEPS - 1), lens_m=1.1)
    assert meter.rise_px(BODY_PX) == 0.0

    walk_through(meter, np.full(2 * STEPS, 0.9), lens_m=1.1)
    assert meter.scale == 1.0


def test_missing_feet_are_left_out() -> None:
    meter = DriftMeter()
    walk_through(meter, np.zeros(STEPS), lens_m=1.1)

    meter.add_step(float("nan"), 300.0)
    meter.add_step(-300.0, float("nan"))

    assert meter.rise_px(BODY_PX) == pytest.approx(0.0, abs=1e-9)
