"""Every runner is shown to the network facing right: the mirrored picture gives the mirrored pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.coach.geometry import body_from_pose
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, Landmark
from app.pose.estimator import BodyMask, Estimate
from app.pose.mirror import SETTLED_S, OneWayNetwork, mirrored_image, mirrored_mask, mirrored_pose

W, H = 64, 48


def pose_at(columns: np.ndarray, t_s: float = 0.0) -> BodyPose:
    xy = np.stack([columns, np.arange(LANDMARK_COUNT, dtype=float)], axis=1)
    return BodyPose(t_s, xy, np.linspace(0.0, 1.0, LANDMARK_COUNT), (W, H))


class Brightest:
    """Finds every landmark in the brightest column, and is wrong by two columns to the right."""

    def __init__(self) -> None:
        self.restarts = 0
        self.aims: list[tuple[float, float]] = []

    def estimate(self, frame: Frame) -> Estimate:
        assert frame.image_bgr is not None
        assert frame.image_bgr.flags.c_contiguous
        column = float(frame.image_bgr[0, :, 0].argmax()) + 2.0
        mask = np.zeros((3, 4), np.float32)
        mask[:, 0] = 1.0
        columns = np.full(LANDMARK_COUNT, column)
        columns[Landmark.LEFT_HIP] += 5.0
        return Estimate(pose_at(columns, frame.t_s), BodyMask(mask, (column, 1.0), 2.0))

    def restart(self) -> None:
        self.restarts += 1

    def look_at(self, point_px: tuple[float, float]) -> None:
        self.aims.append(point_px)

    def close(self) -> None:
        pass


def picture(column: int, t_s: float) -> Frame:
    image = np.zeros((H, W, 3), np.uint8)
    image[:, column] = 255
    return Frame(0, t_s, image)


def settled(network: Brightest, facing: Facing) -> OneWayNetwork:
    one_way = OneWayNetwork(network)
    one_way.estimate(picture(20, 0.0))
    for k in range(5):
        one_way.face(facing, 0.1 * k, (20.0, 24.0))
    return one_way


def test_mirroring_twice_changes_nothing():
    pose = pose_at(np.linspace(0.0, W - 1.0, LANDMARK_COUNT))
    again = mirrored_pose(mirrored_pose(pose))
    assert np.array_equal(again.xy_px, pose.xy_px)
    assert np.array_equal(again.visibility, pose.visibility)
    mask = BodyMask(np.arange(12, dtype=np.float32).reshape(3, 4), (5.0, 7.0), 2.5)
    twice = mirrored_mask(mirrored_mask(mask, W), W)
    assert np.array_equal(twice.values, mask.values)
    assert twice.origin_px == mask.origin_px


def test_the_runners_left_is_the_mirrors_right():
    pose = pose_at(np.arange(LANDMARK_COUNT, dtype=float))
    mirrored = mirrored_pose(pose)
    assert mirrored[Landmark.LEFT_KNEE][0] == W - 1 - pose[Landmark.RIGHT_KNEE][0]
    assert mirrored[Landmark.NOSE][0] == W - 1 - pose[Landmark.NOSE][0]
    assert mirrored[Landmark.HEAD_TOP][0] == W - 1 - pose[Landmark.HEAD_TOP][0]


def test_who_faces_left_gets_the_mirror_of_who_faces_right():
    right = settled(Brightest(), Facing.RIGHT).estimate(picture(20, 1.0))
    left = settled(Brightest(), Facing.LEFT).estimate(picture(W - 1 - 20, 1.0))
    assert np.array_equal(left.pose.xy_px, mirrored_pose(right.pose).xy_px)
    assert left.mask is not None
    assert right.mask is not None
    assert np.array_equal(left.mask.values, mirrored_mask(right.mask, W).values)
    assert left.mask.origin_px == mirrored_mask(right.mask, W).origin_px


def test_it_turns_round_only_when_the_facing_has_held_and_looks_afresh_where_the_runner_is():
    network = Brightest()
    one_way = OneWayNetwork(network)
    one_way.estimate(picture(20, 0.0))
    for t_s, facing in (
        (0.0, Facing.LEFT),
        (0.1, Facing.RIGHT),
        (0.2, Facing.LEFT),
        (0.2 + SETTLED_S - 0.01, Facing.LEFT),
    ):
        one_way.face(facing, t_s, (20.0, 24.0))
        assert network.restarts == 0
    one_way.face(Facing.LEFT, 0.2 + SETTLED_S, (20.0, 24.0))
    assert network.restarts == 1
    assert network.aims == [(W - 1 - 20.0, 24.0)]
    one_way.face(Facing.UNKNOWN, 9.0, (20.0, 24.0))
    one_way.face(Facing.LEFT, 9.5, (20.0, 24.0))
    assert network.restarts == 1


def test_a_click_is_told_to_the_network_where_it_sees_it():
    network = Brightest()
    one_way = settled(network, Facing.LEFT)
    network.aims.clear()
    one_way.look_at((10.0, 5.0))
    assert network.aims == [(W - 1 - 10.0, 5.0)]


@pytest.mark.model
def test_the_real_network_is_symmetric_by_construction(model_path):
    from app.pose.litert_estimator import LiteRtEstimator, available
    from app.pose.refined import RefinedEstimator
    from app.sim.acts import RunnerParams
    from app.sim.camera import Camera
    from app.sim.scene import VirtualScene

    if not available():
        pytest.skip("LiteRT is not installed")
    scene = VirtualScene(RunnerParams(seed=1), Camera.framing((640, 360)))
    right, left = (RefinedEstimator(LiteRtEstimator(model_path, with_mask=True)) for _ in range(2))
    leans_deg = []
    with right, left:
        for k in range(30):
            frame = Frame(k, k / 30.0, scene.image_at(4.0 + k / 30.0, k))
            assert frame.image_bgr is not None
            a = body_from_pose(right.estimate(frame).pose, Facing.RIGHT).trunk_deg
            mirrored = replace(frame, image_bgr=mirrored_image(frame.image_bgr))
            leans_deg.append((a, body_from_pose(left.estimate(mirrored).pose, Facing.LEFT).trunk_deg))
    difference_deg = np.diff(leans_deg[12:], axis=1)
    assert abs(np.median(difference_deg)) < 0.2, "2 deg as the network comes"
