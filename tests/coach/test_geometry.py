"""Signs and values of the angles, on figures drawn by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.coach.geometry import body_from_pose, inclination_deg, midpoint, offset_from_line, thigh_deg
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Landmark

NOWHERE = (math.nan, math.nan)


def test_forward_is_positive():
    assert inclination_deg((0, 0), (1, 1)) == pytest.approx(45.0)
    assert inclination_deg((0, 0), (-1, 1)) == pytest.approx(-45.0)
    assert thigh_deg((0, 0), (1, -1)) == pytest.approx(45.0)
    assert thigh_deg((0, 0), (0, -1)) == pytest.approx(0.0)


def test_hip_ahead_of_the_line_is_positive():
    assert offset_from_line((0, 0), (0, 10), (2, 5)) == pytest.approx(2.0)
    assert offset_from_line((0, 0), (10, 10), (5, 5)) == pytest.approx(0.0)
    assert offset_from_line((0, 0), (10, 10), (6, 5)) == pytest.approx(math.sqrt(0.5))
    assert math.isnan(offset_from_line((1, 1), (1, 1), (0, 0)))


def test_a_missing_side_leaves_the_other():
    assert midpoint((1, 2), NOWHERE) == (1, 2)
    assert midpoint(NOWHERE, (1, 2)) == (1, 2)
    assert midpoint((0, 0), (2, 2)) == (1, 1)


def standing_pose(facing: Facing) -> BodyPose:
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    for side, dx in (("LEFT", 0.0), ("RIGHT", 40.0)):
        for name, x, y in (
            ("EAR", 110, 100),
            ("SHOULDER", 100, 200),
            ("HIP", 100, 400),
            ("KNEE", 110, 550),
            ("ANKLE", 100 + dx, 700),
            ("TOE", 160 + dx, 720),
        ):
            xy[Landmark[f"{side}_{name}"]] = (x, y)
    if facing is Facing.LEFT:
        xy[:, 0] = 639.0 - xy[:, 0]
    return BodyPose(0.0, xy, np.ones(LANDMARK_COUNT), (640, 800))


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_body_frame_is_forward_and_up_whichever_way_he_faces(facing):
    body = body_from_pose(standing_pose(facing), facing)
    assert body.trunk_deg == pytest.approx(0.0)
    assert inclination_deg(body.hip, body.ear) > 0
    assert body.split_px == pytest.approx(40.0)
    front, rear = body.front_leg, body.rear_leg
    assert front is not None
    assert rear is not None
    assert front.ankle[0] - rear.ankle[0] == pytest.approx(40.0)
    assert body.knee_deg(rear) == pytest.approx(2 * math.degrees(math.atan2(10, 150)))
    assert body.lowest_y_px == -720.0


def test_poses_refuse_wrong_shapes_and_cannot_be_written():
    with pytest.raises(ValueError, match=r"\(22, 2\)"):
        BodyPose(0.0, np.zeros((3, 2)), np.zeros(LANDMARK_COUNT), (640, 480))
    pose = BodyPose.nobody(1.0, (640, 480))
    assert not pose.seen
    with pytest.raises(ValueError, match="read-only"):
        pose.xy_px[0, 0] = 1.0
