"""The acts have the magnitudes of the biomechanics reference, part D (values copied from its tables)."""

from __future__ import annotations

import numpy as np
import pytest

from app.sim.acts import Act, RunnerParams
from app.sim.poses import HINGE_CYCLE_S
from app.sim.runner import Runner
from app.sim.truth import Side

# act: trunk, phi_h IC, MS, phi_k IC, MS, sigma IC, MS (deg), d_H at 78 % of stance (%BH)
RUNNING = {
    Act.GOOD: (11.7, 35, 27, 15, 45, -10, 30, -0.7),
    Act.UPRIGHT: (1.7, 25, 17, 15, 45, -10, 30, 3.2),
    Act.OVER_LEAN: (25.7, 49, 41, 15, 45, -10, 30, -6.0),
    Act.PELVIS_DRIFT: (2.7, 24, 16, 20, 51, -3, 38, 4.3),
    Act.HIP_SQUEEZE: (5.7, 22, 13, 4, 33, -13, 26, 2.4),
    Act.ANKLE_LEAN: (11.7, 29, 20, 15, 45, -3, 37, 1.7),
    Act.STANDING_UP: (7.7, 26, 17, 3, 32, -16, 23, 0.7),
    Act.OVERSTRIDE: (11.7, 39, 27, 10, 45, -19, 30, -0.7),
}
# act: theta_T, theta_L, d_H, phi_h front, rear, phi_k front, rear, shank front, rear, drop %BH
STANCES = {
    Act.STANCE_GOOD: (12, 12.1, -0.4, 29, 8, 17, 11, 4, 20, 1.9),
    Act.STANCE_PELVIS_DRIFT: (1, 9.8, 5.3, 20, -8, 29, 11, 15, 25, 2.1),
    Act.STANCE_HIP_SQUEEZE: (5, 10.7, 3.6, 14, -5, 7, 6, 3, 21, 0.4),
    Act.STANCE_ANKLE_LEAN: (10, 10.4, -0.2, 8, 0, 6, -4, 13, 11, 1.1),
    Act.STANCE_UPRIGHT: (-2, 3.3, 3.0, 14, 0, 5, 15, -7, 17, 1.1),
    Act.STANCE_OVER_LEAN: (33, 18.6, -9.2, 59, 42, 24, 29, 3, 25, 8.2),
    Act.STANCE_TALL: (6, 6.8, 0.1, 13, 6, 1, 10, -2, 15, 0.4),
}


def run_values(act: Act, magnitude: float = 1.0) -> np.ndarray:
    runner = Runner(RunnerParams(act=act, speed_m_s=3.86, variation=0.0, standing_s=0.0, magnitude=magnitude))
    contact, after = runner.contacts(2.0, 4.0)[:2]
    leg = 0 if contact.side is Side.LEFT else 1

    def at(share: float) -> object:
        return runner.truth_at(contact.initial_contact_s + share * contact.duration_s)

    ic, ms, po = at(1e-4), at(0.5), at(0.78)
    step = np.linspace(contact.initial_contact_s, after.initial_contact_s, 60)
    trunk = np.mean([runner.truth_at(t).trunk_lean_deg for t in step])
    return np.array(
        (
            trunk,
            ic.hip_flexion_deg[leg],
            ms.hip_flexion_deg[leg],
            ic.knee_flexion_deg[leg],
            ms.knee_flexion_deg[leg],
            ic.shank_deg[leg],
            ms.shank_deg[leg],
            100.0 * po.line_offset_bh,
        )
    )


@pytest.mark.parametrize("act", list(RUNNING))
def test_running_act_has_the_magnitudes_of_the_table(act: Act) -> None:
    difference = np.abs(run_values(act) - np.array(RUNNING[act]))
    tolerance = np.array((0.3, 2.0, 3.0, 3.0, 3.0, 2.0, 4.0, 0.7))
    assert (difference <= tolerance).all(), run_values(act)


def test_half_a_fault_is_half_way() -> None:
    none, half, full = (run_values(Act.UPRIGHT, m)[0] for m in (0.0, 0.5, 1.0))
    assert half == pytest.approx(0.5 * (none + full), abs=0.05)
    assert none == pytest.approx(run_values(Act.GOOD)[0], abs=1e-9)


def heights(act: Act) -> tuple[float, float]:
    runner = Runner(RunnerParams(act=act, variation=0.0, standing_s=0.0, speed_m_s=3.86))
    drop = [runner.truth_at(t).ear_drop_bh for t in np.arange(2.0, 3.5, 0.004)]
    return -100.0 * min(drop), -100.0 * max(drop)


def test_standing_up_lifts_the_head_and_good_form_keeps_it_low() -> None:
    (good_peak, good_trough), (peak, trough) = heights(Act.GOOD), heights(Act.STANDING_UP)
    assert -2.0 < good_peak < -0.8
    assert 3.0 < good_peak - good_trough < 5.5
    assert 1.1 < peak - good_peak < 2.2
    assert 1.8 < trough - good_trough < 3.0


def test_overstride_reaches_further() -> None:
    def reach(act: Act) -> float:
        runner = Runner(RunnerParams(act=act, variation=0.0, standing_s=0.0, speed_m_s=3.86))
        figures = [runner.at(t).figure for t in np.arange(2.0, 3.5, 0.004)]
        return 100.0 * max(float(f.ankle[:, 0].max() - f.hip[0]) for f in figures) / 0.485

    assert 25.0 < reach(Act.GOOD) < 33.0
    assert reach(Act.OVERSTRIDE) - reach(Act.GOOD) > 6.0


@pytest.mark.parametrize("act", list(STANCES))
def test_stance_has_the_values_of_the_table(act: Act) -> None:
    runner = Runner(RunnerParams(act=act, variation=0.0, standing_s=1.0))
    zero, held = runner.truth_at(0.5), runner.truth_at(4.0)
    assert (zero.phase, held.phase) == ("standing", "hold")
    rear, front = 1, 0  # the near (here: right) leg stands behind
    got = np.array(
        (
            held.trunk_lean_deg,
            held.line_lean_deg,
            100.0 * (held.line_offset_bh - zero.line_offset_bh),
            held.hip_flexion_deg[front],
            held.hip_flexion_deg[rear],
            held.knee_flexion_deg[front],
            held.knee_flexion_deg[rear],
            held.shank_deg[front],
            held.shank_deg[rear],
            100.0 * held.ear_drop_bh,
        )
    )
    tolerance = np.array((0.1, 0.2, 0.2, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8, 0.25))
    assert (np.abs(got - np.array(STANCES[act])) <= tolerance).all(), got


def test_a_held_stance_is_still_enough_to_be_judged() -> None:
    runner = Runner(RunnerParams(act=Act.STANCE_GOOD, standing_s=1.0, seed=5))
    ears = np.array([runner.at(t).figure.ear for t in np.arange(3.0, 9.0, 1.0 / 30.0)])
    speed_bh_s = np.hypot(*np.diff(ears, axis=0).T) * 30.0
    assert 0.0 < speed_bh_s.max() < 0.01


def test_hinge_drill_goes_down_and_comes_back_once_per_cycle() -> None:
    runner = Runner(RunnerParams(act=Act.DRILL_HINGE, standing_s=0.0, variation=0.0))
    lean = np.array([runner.truth_at(t).trunk_lean_deg for t in np.arange(0.0, 3 * HINGE_CYCLE_S, 0.05)])
    assert lean.min() == pytest.approx(0.0, abs=0.2)
    assert 40.0 < lean.max() < 50.0
    assert int(((lean[1:] > 20.0) & (lean[:-1] <= 20.0)).sum()) == 3


def test_start_line_drill_changes_the_foot() -> None:
    runner = Runner(RunnerParams(act=Act.DRILL_START_LINE, standing_s=0.0))
    rear = [int(np.argmin(runner.at(t).figure.ankle[:, 0])) for t in (3.0, 3.0 + 7.2)]
    assert rear[0] != rear[1]


def test_athletic_drill_bends_knees_and_trunk() -> None:
    held = Runner(RunnerParams(act=Act.DRILL_ATHLETIC, standing_s=0.0)).truth_at(4.0)
    assert held.knee_flexion_deg == pytest.approx((40.0, 40.0), abs=3.0)
    assert held.trunk_lean_deg == pytest.approx(30.0, abs=1.5)


def test_march_lifts_both_knees_in_turn_under_the_roof() -> None:
    runner = Runner(RunnerParams(act=Act.DRILL_TUNNEL_MARCH, standing_s=0.0))
    truth = [runner.truth_at(t) for t in np.arange(2.0, 6.0, 0.02)]
    hips = np.array([x.hip_flexion_deg for x in truth])
    assert (hips.max(axis=0) > 40.0).all()
    assert min(x.ear_drop_bh for x in truth) * 178.0 > 1.5
