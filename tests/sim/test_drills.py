"""Performances of the drills: what is said to be true of them is."""

from __future__ import annotations

import numpy as np
import pytest

from app.coach.types import Facing, Landmark
from app.sim.drill_moves import Move, MoveKind, bend_deg, hinge_share, move_pose, steps_figure
from app.sim.drills import DrillScene, Spoiled, drawn_hinges, performance, spoil, stand


def test_a_hinge_goes_as_deep_as_it_says_and_comes_back():
    for depth_deg in (25.0, 45.0, 70.0):
        move = Move(MoveKind.HINGE, depth_deg=depth_deg, stop_s=0.5, stop_up_s=0.5, back_to=0.5)
        bends = [bend_deg(move_pose(move, t)[0]) for t in np.linspace(0.0, move.duration_s, 200)]
        assert max(bends) == pytest.approx(depth_deg, abs=0.1)
        assert bends[0] == pytest.approx(0.0, abs=0.01)
        assert bends[-1] == pytest.approx(0.0, abs=0.01)
    assert hinge_share(move, 0.75) == pytest.approx(0.5)


def test_every_step_lifts_one_foot_wholly():
    move = Move(MoveKind.STEPS, steps=6, step_s=0.5, lift=0.1)
    rest = steps_figure(move, 0.0).ankle[:, 1]
    for k in range(6):
        middle = steps_figure(move, 0.5 * k + 0.235).ankle[:, 1] - rest
        assert max(middle) == pytest.approx(0.1, abs=0.003)
        assert min(middle) == pytest.approx(0.0, abs=0.003)


def test_the_runner_walks_in_performs_in_the_middle_and_walks_out():
    scene = DrillScene(performance(MoveKind.HINGE, [Move(MoveKind.HINGE)]), facing=Facing.LEFT)
    rep = scene.reps()[0]
    assert not scene.landmarks_at(0.5).seen
    assert not scene.landmarks_at(scene.seconds - 0.5).seen
    hips = [scene.landmarks_at(t)[Landmark.LEFT_HIP][0] for t in (3.0, 8.0, rep.start_s, scene.seconds - 2.2)]
    assert hips[0] > hips[1] + 50.0  # faces left, so comes from the right
    assert hips[1] == pytest.approx(hips[2], abs=3.0)
    assert hips[3] < hips[2] - 100.0


def test_left_is_the_mirror_image_of_right():
    moves = performance(MoveKind.HINGE, drawn_hinges(3, 1))
    right, left = (DrillScene(moves, facing=facing).landmarks_at(11.0) for facing in (Facing.RIGHT, Facing.LEFT))
    assert left[Landmark.LEFT_EAR] == pytest.approx((1279.0, 0.0) + right[Landmark.RIGHT_EAR] * (-1.0, 1.0))


def test_spoiled_poses_are_the_same_each_time_and_exchange_whole_legs():
    pose = DrillScene((stand(2.0),)).landmarks_at(1.0)
    spoiled = Spoiled(sd_px=0.0, swap_share=1.0)
    swapped = spoil(pose, spoiled)
    assert swapped[Landmark.LEFT_TOE] == pytest.approx(pose[Landmark.RIGHT_TOE])
    assert swapped[Landmark.LEFT_HIP] == pytest.approx(pose[Landmark.LEFT_HIP])
    assert not swapped.markers
    noisy = Spoiled(sd_px=5.0, seed=2)
    assert spoil(pose, noisy).xy_px == pytest.approx(spoil(pose, noisy).xy_px)
    assert not spoil(pose, Spoiled(lost_share=1.0)).seen


def test_a_performance_is_of_one_kind():
    with pytest.raises(ValueError, match="something else"):
        performance(MoveKind.HINGE, [Move(MoveKind.STEPS)])
