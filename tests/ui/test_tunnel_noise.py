"""Silent under the roof, louder by six steps outside, silent when the runner stops."""

from __future__ import annotations

import dataclasses
import math

import pytest

from app.ui.tunnel_noise import LEVEL_BH, RAMP_S, STEPS, Ramp, TunnelNoise, level_for, level_gain

STEP_S = 0.35


@pytest.fixture
def step(builders):
    def make(number: int, over_bh: float, start_s: float = 10.0, **changes: object):
        made = builders.step(start_s + number * STEP_S)
        return dataclasses.replace(made, peak_below_roof_bh=-over_bh, **changes)

    return make


def levels(noise: TunnelNoise, steps) -> list[int]:
    return [noise.take(one) for one in steps]


@pytest.mark.parametrize(
    ("over_bh", "level"),
    [(-0.02, 0), (0.0, 0), (0.0001, 1), (0.002, 1), (0.0021, 2), (0.006, 3), (0.0061, 4), (0.01, 5), (0.2, 5)],
)
def test_six_levels(over_bh: float, level: int) -> None:
    assert level_for(over_bh) == level


def test_the_levels_are_fifths_of_loudness_to_the_ear() -> None:
    gains = [level_gain(level) for level in range(6)]
    assert gains[0] == 0.0
    assert gains[5] == 1.0
    # 1 and 2 fifths, 2 and 4 fifths: twice as loud each, 10 dB.
    assert 20 * math.log10(gains[2] / gains[1]) == pytest.approx(10.0)
    assert 20 * math.log10(gains[4] / gains[2]) == pytest.approx(10.0)


def test_nothing_is_heard_before_five_steps(step) -> None:
    assert levels(TunnelNoise(), [step(k, 0.006) for k in range(6)]) == [0, 0, 0, 0, 3, 3]


def test_the_mean_of_the_newest_five_steps_decides(step) -> None:
    noise = TunnelNoise()
    levels(noise, [step(k, -0.003) for k in range(10)])
    # One peak 20 mm over the roof among five just under it: mean 0.0104 / 5 - 4 * 0.003 / 5 = -0.0003.
    assert noise.take(step(10, 0.0104)) == 0
    # The next one too: (2 * 0.0104 - 3 * 0.003) / 5 = 0.0024, and one more: 0.005; back under it level by level.
    assert levels(noise, [step(11, 0.0104), step(12, 0.0104)]) == [2, 3]
    back = levels(noise, [step(k, -0.003) for k in range(13, 18)])
    assert back == [3, 3, 2, 0, 0]


def test_coming_up_by_the_inch_under_a_personal_roof_is_level_three(step) -> None:
    # The roof lies 0.9 % BH over the usual peak, the inch is 1.4 % (coaching.md).
    assert levels(TunnelNoise(), [step(k, 0.014 - 0.009) for k in range(5)])[-1] == 3


def test_under_the_roof_is_silence(step) -> None:
    assert set(levels(TunnelNoise(), [step(k, -0.001) for k in range(20)])) == {0}


def test_a_turned_head_and_steps_before_the_roof_say_nothing(step) -> None:
    noise = TunnelNoise()
    levels(noise, [step(k, 0.006) for k in range(5)])
    assert noise.take(step(5, 0.2, head_turned=True)) == 3
    assert noise.take(step(6, math.nan)) == 3
    # They do not keep it going either: no step that counts for over two seconds.
    assert noise.take(step(4, 0.2, 12.1, head_turned=True)) == 0


def test_it_falls_silent_two_seconds_after_the_last_step_and_begins_anew(step) -> None:
    noise = TunnelNoise()
    levels(noise, [step(k, 0.02) for k in range(5)])
    last_s = 10.0 + 4 * STEP_S
    assert noise.at(last_s + 1.99) == 5
    assert noise.at(last_s + 2.01) == 0
    assert levels(noise, [step(k, 0.02, 20.0) for k in range(5)]) == [0, 0, 0, 0, 5]


@pytest.mark.parametrize("start_s", [13.5, 0.0], ids=["after a break", "of another session"])
def test_steps_that_do_not_follow_begin_anew(step, start_s: float) -> None:
    noise = TunnelNoise()
    levels(noise, [step(k, 0.02) for k in range(5)])
    assert noise.take(step(0, 0.02, start_s)) == 0


def test_stop_is_silence_now(step) -> None:
    noise = TunnelNoise()
    levels(noise, [step(k, 0.02) for k in range(STEPS)])
    noise.stop()
    assert noise.level == 0
    assert level_for(5 * LEVEL_BH) == 5


def test_the_ramp_takes_its_time_and_arrives() -> None:
    ramp = Ramp()
    gains = [ramp.toward(1.0, k * 0.016) for k in range(20)]
    assert max(abs(b - a) for a, b in zip([0.0, *gains], gains, strict=False)) <= 0.1 + 1e-9
    assert gains[math.ceil(RAMP_S / 0.016) + 2] == 1.0
    assert gains[8] == pytest.approx((8 * 0.016 + 0.1 * RAMP_S) / RAMP_S, abs=1e-6)


def test_the_ramp_does_not_jump_after_a_pause() -> None:
    ramp = Ramp()
    ramp.toward(0.0, 0.0)
    assert ramp.toward(1.0, 60.0) == pytest.approx(0.1)
    assert ramp.toward(1.0, 59.0) == pytest.approx(0.1)
