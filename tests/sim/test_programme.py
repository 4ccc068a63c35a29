"""Sessions in parts: what is acted there is what it is called."""

from __future__ import annotations

import numpy as np
import pytest

from app.coach.types import Facing
from app.sim.acts import RunnerParams
from app.sim.footwork import Cycle, cycle_figure, jogging, lowest_sole, walking
from app.sim.gait import Gait
from app.sim.landmarks import MIRROR
from app.sim.programme import BLEND_S, Doing, Part, Programme, SpeedGait

PHASES = np.arange(0.0, 1.0, 0.02)
MARCHING = Cycle(108.0, 0.0, 0.60, -0.010, 0.14, 0.10)


def flat_feet(cycle: Cycle) -> np.ndarray:
    """How many feet are down at each phase: within 3 thousandths of the body height over the floor."""
    figures = [cycle_figure(cycle, p) for p in PHASES]
    return np.array([sum(f.toe[leg, 1] < 0.032 or f.heel[leg, 1] < 0.035 for leg in (0, 1)) for f in figures])


@pytest.mark.parametrize("cycle", [walking(1.0, 1.78), walking(2.0, 1.5), jogging(2.1, 1.78), MARCHING])
def test_a_foot_is_always_down_and_none_under_the_floor(cycle):
    assert (flat_feet(cycle) >= 1).all()
    assert min(lowest_sole(cycle_figure(cycle, p)) for p in PHASES) > -0.003


@pytest.mark.parametrize(("cycle", "highest_at_midstance"), [(walking(1.4, 1.78), True), (jogging(2.1, 1.78), False)])
def test_walking_vaults_over_the_foot_and_jogging_sinks_on_it(cycle, highest_at_midstance):
    midstance, double = (cycle_figure(cycle, p).hip[1] for p in (cycle.duty / 2.0, cycle.duty / 2.0 + 0.25))
    assert bool(midstance > double) is highest_at_midstance


def test_the_belt_carries_the_foot_back_at_its_own_speed():
    cycle = walking(1.4, 1.78)
    early, late = (cycle_figure(cycle, p).ankle[0, 0] for p in (0.12, 0.24))
    seconds = 0.12 * 120.0 / cycle.steps_per_min
    assert (early - late) * 1.78 / seconds == pytest.approx(1.4, rel=0.03)


def test_at_constant_speed_it_is_the_usual_run():
    params = RunnerParams(speed_m_s=3.3, seed=4)
    usual, changing = Gait(params), SpeedGait(params, lambda _: 3.3)
    for t_s in (0.1, 1.7, 6.3):
        assert changing.hip_at(t_s) == pytest.approx(usual.hip_at(t_s), abs=1e-9)
        assert changing.angles_at(t_s).thigh_deg == pytest.approx(usual.angles_at(t_s).thigh_deg, abs=1e-6)


def test_on_a_faster_belt_contacts_are_shorter():
    steps = SpeedGait(RunnerParams(variation=0.0), lambda t_s: 2.5 + 0.25 * t_s).steps_until(8.0)
    contacts_s = np.array([s.toe_off_s - s.initial_contact_s for s in steps])
    assert (np.diff(contacts_s) < 0.0).all()
    assert contacts_s[0] > 0.29
    assert contacts_s[-1] < 0.23


def test_parts_pass_over_without_a_jump_and_say_what_runs():
    programme = Programme([Part(Doing.WALK, 2.0, 1.4), Part(Doing.RUN, 2.0, 3.0), Part(Doing.STAND, 1.0)])
    times = np.arange(1.5, 4.8, 1 / 60)
    hips = np.array([programme.figure_at(float(t)).hip for t in times])
    assert np.abs(np.diff(hips, axis=0)).max() < 0.02
    assert [programme.is_running(t) for t in (1.0, 2.0 + BLEND_S / 2, 3.0, 4.0 + BLEND_S / 2, 4.8)] == [
        False, None, True, None, False,
    ]  # fmt: skip
    gaps_s = np.diff(programme.midstances(1))
    assert gaps_s == pytest.approx(60.0 / 169.0, abs=0.05)


def test_facing_left_is_the_mirror_image():
    parts = [Part(Doing.JACKS, 2.0), Part(Doing.WALK, 2.0, 1.4)]
    right, left = (Programme(parts, facing=f, drift_m=0.05) for f in (Facing.RIGHT, Facing.LEFT))
    for t_s in (0.5, 2.3, 3.5):
        one, other = right.landmarks_at(t_s), np.array(left.landmarks_at(t_s).xy_px)[MIRROR]
        other[:, 0] = (one.image_size_px[0] - 1) - other[:, 0]
        assert one.xy_px == pytest.approx(other)
    assert np.array_equal(right.image_at(2.3), left.image_at(2.3)[:, ::-1])
