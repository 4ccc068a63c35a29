"""The virtual runner obeys mechanics: rigid bones, a foot that sticks to the belt, free flight."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from app.coach.errors import WorldError
from app.coach.types import Facing
from app.sim.acts import Act, RunnerParams
from app.sim.body import FAR, NEAR, SHANK_BH, SOLE_BH, THIGH_BH, TRUNK_BH, rotated, solve_leg
from app.sim.runner import RUN_TRANSITION_S, Runner
from app.sim.truth import Side

RUNNING = [a for a in Act if a.is_running]
SOLE = np.array(SOLE_BH)


def leg_of(side: Side) -> int:
    return NEAR if side is Side.RIGHT else FAR


def sole_world_m(runner: Runner, t_s: float, leg: int) -> np.ndarray:
    figure = runner.at(t_s).figure
    return (figure.ankle[leg] + rotated(SOLE, figure.angles.pitch_deg[leg])) * runner.params.height_m


@pytest.mark.parametrize("act", RUNNING)
def test_stance_foot_sticks_to_the_belt(act: Act) -> None:
    runner = Runner(RunnerParams(act=act, seed=4, standing_s=0.5))
    for contact in runner.contacts(2.0, 3.5):
        leg = leg_of(contact.side)
        marks: dict[int, list[float]] = {}
        for t in np.linspace(contact.initial_contact_s + 1e-6, contact.toe_off_s - 1e-6, 60):
            sole = sole_world_m(runner, t, leg)
            k = int(np.argmin(sole[:, 1]))
            assert abs(sole[k, 1]) < 1e-3
            marks.setdefault(k, []).append(float(sole[k, 0] + runner.belt_travel_m(t)))
        assert all(np.ptp(x) < 1e-3 for x in marks.values())
        # Rolling on without slip: from heel to toe the marks lie as far apart as the vertices on the sole.
        first, last = min(marks), max(marks)
        rolled = sum(np.hypot(*(SOLE[k + 1] - SOLE[k])) for k in range(first, last)) * runner.params.height_m
        assert marks[last][0] - marks[first][0] == pytest.approx(rolled, abs=1e-3)


def test_standing_foot_does_not_move() -> None:
    runner = Runner(RunnerParams())
    feet = np.array([runner.at(t).figure.ankle for t in np.linspace(0.0, 2.9, 30)])
    assert np.ptp(feet, axis=0).max() * 1.78 < 1e-3


@pytest.mark.parametrize("act", [Act.GOOD, Act.STANDING_UP])
def test_flight_is_ballistic(act: Act) -> None:
    runner = Runner(RunnerParams(act=act, seed=2, standing_s=0.0))
    for contact, after in itertools.pairwise(runner.contacts(2.0, 4.0)):
        t = np.linspace(contact.toe_off_s + 1e-4, after.initial_contact_s - 1e-4, 9)
        y = np.array([runner.truth_at(x).hip_height_m for x in t])
        np.testing.assert_allclose(np.diff(y, 2) / np.diff(t)[0] ** 2, -9.81, atol=0.01)
        assert not any(runner.truth_at(x).in_contact for x in t)


@pytest.mark.parametrize("act", list(Act))
def test_bones_keep_their_length_and_no_sole_sinks(act: Act) -> None:
    runner = Runner(RunnerParams(act=act, seed=1, standing_s=0.5))
    for t in np.arange(0.0, 4.0, 0.027):
        f = runner.at(t).figure
        thigh, shank = np.hypot(*(f.knee - f.hip).T), np.hypot(*(f.ankle - f.knee).T)
        np.testing.assert_allclose(thigh, THIGH_BH, atol=1e-9)
        np.testing.assert_allclose(shank, SHANK_BH, atol=1e-9)
        assert np.hypot(*(f.shoulder - f.hip)) == pytest.approx(TRUNK_BH, abs=1e-9)
        for leg in (NEAR, FAR):
            assert sole_world_m(runner, t, leg)[:, 1].min() > -2e-3


@pytest.mark.parametrize("act", list(Act))
def test_motion_is_continuous(act: Act) -> None:
    runner = Runner(RunnerParams(act=act, seed=1, standing_s=0.5))
    step_s = 0.004
    points = []
    for t in np.arange(0.4, 2.8, step_s):
        f = runner.at(t).figure
        points.append(np.vstack((f.hip, f.shoulder, f.ear, f.knee, f.ankle, f.wrist, f.toe)))
    speed_m_s = np.hypot(*np.moveaxis(np.diff(points, axis=0), 2, 0)) * 1.78 / step_s
    assert speed_m_s.max() < 14.0


def test_contacts_match_speed_and_cadence() -> None:
    contact_s, cadence = [], []
    for speed in (2.5, 3.3, 4.5):
        runner = Runner(RunnerParams(speed_m_s=speed, variation=0.0, standing_s=0.0))
        contacts = runner.contacts(1.0, 9.0)
        assert [c.side for c in contacts[:4]] in ([Side.RIGHT, Side.LEFT] * 2, [Side.LEFT, Side.RIGHT] * 2)
        starts = np.array([c.initial_contact_s for c in contacts])
        cadence.append(60.0 / np.diff(starts).mean())
        contact_s.append(np.mean([c.duration_s for c in contacts]))
    assert 0.20 < contact_s[2] < contact_s[1] < contact_s[0] < 0.32
    assert 160.0 < cadence[0] < cadence[1] < cadence[2] < 185.0


def test_no_contacts_before_the_run_or_in_a_stance() -> None:
    assert Runner(RunnerParams(act=Act.STANCE_GOOD)).contacts(0.0, 20.0) == ()
    first = Runner(RunnerParams(standing_s=2.0)).contacts(0.0, 5.0)[0]
    assert first.initial_contact_s >= 2.0 + RUN_TRANSITION_S


def test_truth_names_the_stance_leg() -> None:
    runner = Runner(RunnerParams(facing=Facing.LEFT))
    for contact in runner.contacts(4.0, 6.0):
        middle = runner.truth_at(0.5 * (contact.initial_contact_s + contact.toe_off_s))
        assert (middle.phase, middle.stance_side, middle.in_contact) == ("stance", contact.side, True)


def test_runner_stays_on_the_spot() -> None:
    runner = Runner(RunnerParams(seed=9))
    hips = [runner.at(t).figure.hip[0] * 1.78 for t in np.arange(4.0, 40.0, 0.11)]
    assert np.ptp(hips) < 0.08


def test_same_seed_same_run_other_seed_other_run() -> None:
    def ears(seed: int, variation: float = 1.0) -> list[float]:
        runner = Runner(RunnerParams(seed=seed, variation=variation))
        return [runner.truth_at(t).ear_height_m for t in np.arange(0.0, 9.0, 0.4)]

    assert ears(3) == ears(3)
    assert ears(3) != ears(4)
    assert ears(3, 0.0) == ears(4, 0.0)
    late = Runner(RunnerParams(seed=3))
    late.at(60.0)  # looking ahead changes nothing
    assert [late.truth_at(t).ear_height_m for t in np.arange(0.0, 9.0, 0.4)] == ears(3)


def test_step_to_step_scatter_is_that_of_real_runners() -> None:
    runner = Runner(RunnerParams(seed=7))
    contacts = runner.contacts(4.0, 18.0)
    peaks, trunks = [], []
    for a, b in itertools.pairwise(contacts):
        t = np.linspace(a.initial_contact_s + 0.5 * a.duration_s, b.initial_contact_s + 0.5 * b.duration_s, 40)
        truth = [runner.truth_at(x) for x in t]
        peaks.append(max(x.ear_height_m for x in truth) * 1e3)
        trunks.append(np.mean([x.trunk_lean_deg for x in truth]))
    assert 5.0 < np.std(peaks) < 11.0
    assert 0.5 < np.std(trunks) < 1.0


def test_a_leg_beyond_its_reach_is_straight() -> None:
    thigh, shank = solve_leg(np.array((0.0, 0.6)), np.array((0.0, 0.0)))
    assert (thigh, shank) == pytest.approx((0.0, 0.0), abs=1e-6)


@pytest.mark.parametrize("bad", [{"height_cm": 20.0}, {"speed_m_s": 9.0}, {"magnitude": -1.0}, {"standing_s": -1.0}])
def test_impossible_runners_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(WorldError):
        RunnerParams(**bad)
