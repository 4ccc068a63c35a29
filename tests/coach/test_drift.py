"""The drift meter on a pinhole camera whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.coach.drift import MOST_SCALE, DriftMeter

BODY_PX = 600.0
DISTANCE_M, STATURE_M = 2.5, 1.78
PX_PER_M = BODY_PX / STATURE_M
#: Steps of a minute.
MINUTE = 170


def walk_through(meter: DriftMeter, depths_m: np.ndarray, lens_m: float, noise: float = 0.0) -> np.ndarray:
    """Give the meter the steps of a runner who stands nearer by ``depths_m``; return the head's errors (N,), mm.

    Scatter of rows and legs as measured through the network: 4.5 mm, 0.25 % a pair of steps; the legs' length is
    that of the step before, in the middle of the two it is taken over. The head is that of half a step ago.
    """
    meter.body_height_px = BODY_PX
    rng = np.random.default_rng(4)
    scales = DISTANCE_M / (DISTANCE_M - depths_m)
    errors_mm = []
    for k, scale in enumerate(scales):
        before = scales[max(k - 1, 0)]
        foot_px = -lens_m * PX_PER_M * scale + (4.4 if k % 2 else -4.4) + noise * rng.normal(0.0, 1.5)
        meter.add_step(foot_px, 0.485 * BODY_PX * before * (1.0 + noise * rng.normal(0.0, 0.0025)))
        head_px = (STATURE_M - lens_m) * PX_PER_M * ((scale + before) / 2.0 - scales[0])
        errors_mm.append((head_px - meter.rise_px(BODY_PX, 0.5)) / PX_PER_M * 1e3)
    return np.array(errors_mm)


def to_and_fro(minutes: float, size_m: float = 0.08) -> np.ndarray:
    return size_m * np.sin(2 * math.pi * np.arange(round(minutes * MINUTE)) / MINUTE)


@pytest.mark.parametrize("lens_m", [0.7, 1.1, 1.4])
def test_a_drift_to_and_fro_is_undone_to_a_few_mm(lens_m: float) -> None:
    depths_m = to_and_fro(3.0)
    uncorrected_mm = (STATURE_M - lens_m) * (DISTANCE_M / (DISTANCE_M - depths_m) - 1.0) * 1e3

    errors_mm = walk_through(DriftMeter(), depths_m, lens_m, noise=1.0)

    # A constant error is in the roof as well; at first the lens's height is a guess.
    later = errors_mm[60:] - errors_mm[60:].mean()
    assert later.std() < 2.5
    assert later.std() < 0.15 * uncorrected_mm[60:].std()


@pytest.mark.parametrize("lens_m", [0.7, 1.1, 1.4])
def test_it_learns_how_high_the_lens_is(lens_m: float) -> None:
    meter = DriftMeter()

    walk_through(meter, to_and_fro(1.0), lens_m, noise=1.0)

    assert meter.lens_bh * STATURE_M == pytest.approx(lens_m, abs=0.12)


def test_a_runner_who_stays_is_hardly_corrected_and_not_doubted() -> None:
    meter = DriftMeter()

    errors_mm = walk_through(meter, np.zeros(300), lens_m=1.1, noise=1.0)

    assert errors_mm.std() < 1.2
    assert np.abs(errors_mm).max() < 4.0
    assert meter.doubt_px(BODY_PX) == 0.0


def test_while_he_drifts_the_doubt_is_about_what_the_error_is() -> None:
    meter = DriftMeter()
    errors_mm = walk_through(meter, to_and_fro(1.2), lens_m=0.7, noise=1.0)

    doubt_mm = meter.doubt_px(BODY_PX) / PX_PER_M * 1e3

    assert 1.0 < doubt_mm < 6.0
    assert abs(errors_mm[-1]) < 2.0 * doubt_mm


def test_nothing_is_corrected_before_two_steps_nor_in_another_place() -> None:
    meter = DriftMeter()
    assert meter.rise_px(BODY_PX) == 0.0
    walk_through(meter, np.zeros(30), lens_m=1.1)

    walk_through(meter, np.linspace(0.0, 0.9, 120), lens_m=1.1)

    assert meter.scale == 1.0
    assert MOST_SCALE < DISTANCE_M / (DISTANCE_M - 0.9) - 1.0


def test_a_broken_run_goes_on_from_where_he_is_now() -> None:
    meter = DriftMeter()
    walk_through(meter, to_and_fro(1.25), lens_m=1.1)

    meter.pause()
    errors_mm = walk_through(meter, np.full(40, 0.08), lens_m=1.1)

    # The second run starts 8 cm nearer than the first: its head has risen by 22 mm since then.
    assert meter.scale == pytest.approx(DISTANCE_M / (DISTANCE_M - 0.08), abs=0.004)
    assert np.ptp(errors_mm[20:]) < 3.0


def test_missing_feet_are_left_out() -> None:
    meter = DriftMeter()
    walk_through(meter, np.zeros(30), lens_m=1.1)

    meter.add_step(float("nan"), 300.0)
    meter.add_step(-300.0, float("nan"))

    assert meter.rise_px(BODY_PX) == pytest.approx(0.0, abs=1e-6)
