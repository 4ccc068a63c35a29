"""The turned head: exact faces of the virtual runner with noise as the network has it, and one rendered glance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt, Facing, Frame, Landmark
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.pose.turn import FORGET_S, HeadTurn
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Extras
from app.sim.landmarks import MIRROR, Noise
from app.sim.scene import VirtualScene

#: Noise of single landmarks: a tenth of it is what a rendered face shows, half what a real one does at this size.
NOISE = Noise(landmark_sd_px=1.0)
START_S, GLANCE_S = 2.0, 1.0
L = Landmark


@cache
def scene_of(facing: Facing, angle_deg: float = 0.0, yaw_deg: float = 0.0) -> VirtualScene:
    glances = ((START_S, START_S + GLANCE_S, angle_deg),) if angle_deg else ()
    camera = Camera.framing(yaw_deg=yaw_deg)
    return VirtualScene(
        RunnerParams(facing=facing, standing_s=0.0), camera, noise=NOISE, extras=Extras(head_turn=glances)
    )


@cache
def poses_of(
    facing: Facing, angle_deg: float = 0.0, yaw_deg: float = 0.0, seconds: float = 5.0
) -> tuple[BodyPose, ...]:
    """What a network would give at 60 fps: exact landmarks with noise, no markers."""
    scene = scene_of(facing, angle_deg, yaw_deg)
    return tuple(replace(scene.landmarks_at(i / 60.0), markers=False) for i in range(int(60 * seconds)))


def turned_times(poses: tuple[BodyPose, ...] | list[BodyPose], facing: Facing) -> list[float]:
    head = HeadTurn()
    return [pose.t_s for pose in poses if Doubt.HEAD_TURNED in head.refine(pose, facing).doubts]


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
@pytest.mark.parametrize("angle_deg", [40.0, -40.0, 60.0, -60.0, 80.0, -80.0])
def test_a_glance_is_caught_and_let_go(facing: Facing, angle_deg: float) -> None:
    times_s = turned_times(poses_of(facing, angle_deg), facing)
    assert START_S < times_s[0] <= START_S + 0.3
    assert START_S + GLANCE_S - 0.2 <= times_s[-1] <= START_S + GLANCE_S + 0.2
    assert len(times_s) == pytest.approx(60 * (times_s[-1] - times_s[0]) + 1, abs=2)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT, Facing.UNKNOWN])
@pytest.mark.parametrize("yaw_deg", [0.0, 15.0, -15.0])
def test_a_runner_who_looks_ahead_is_left_alone(facing: Facing, yaw_deg: float) -> None:
    seen_from = Facing.RIGHT if facing is Facing.UNKNOWN else facing
    poses = poses_of(seen_from, yaw_deg=yaw_deg)
    assert turned_times(poses, facing) == []
    head = HeadTurn()
    assert all(head.refine(pose, facing) is pose for pose in poses)


def test_looking_down_is_not_turning() -> None:
    """The face pitched down by 50 deg about the ear, as while wiping it."""
    c, s = math.cos(math.radians(50.0)), math.sin(math.radians(50.0))
    tilted = []
    for pose in poses_of(Facing.RIGHT):
        xy = pose.xy_px.copy()
        if START_S < pose.t_s < START_S + 1.5:
            ear = xy[[L.LEFT_EAR, L.RIGHT_EAR]].mean(axis=0)
            face = [L.NOSE, L.LEFT_EYE, L.RIGHT_EYE, L.LEFT_EAR, L.RIGHT_EAR]
            xy[face] = ear + (xy[face] - ear) @ np.array([[c, s], [-s, c]])
        tilted.append(replace(pose, xy_px=xy))
    assert turned_times(tilted, Facing.RIGHT) == []


def test_a_flash_is_not_a_turn() -> None:
    poses = list(poses_of(Facing.RIGHT, 70.0))
    ahead = poses_of(Facing.RIGHT)
    flashed = [
        turned if START_S + 0.3 < turned.t_s < START_S + 0.4 else plain
        for turned, plain in zip(poses, ahead, strict=True)
    ]
    assert turned_times(flashed, Facing.RIGHT) == []


def test_reading_the_screen_from_the_start_is_seen_once_he_looked_ahead() -> None:
    scene = VirtualScene(
        RunnerParams(standing_s=0.0), noise=NOISE, extras=Extras(head_turn=((-1.0, 3.0, 60.0), (6.0, 9.0, 60.0)))
    )
    poses = [replace(scene.landmarks_at(i / 30.0), markers=False) for i in range(300)]
    times_s = turned_times(poses, Facing.RIGHT)
    assert not any(4.5 < t_s < 6.0 for t_s in times_s)
    assert next(t_s for t_s in times_s if t_s > 6.0) <= 6.3


def test_a_body_seen_from_the_front_has_no_turned_head() -> None:
    scene = VirtualScene(RunnerParams(standing_s=0.0), Camera.framing(yaw_deg=75.0), noise=NOISE)
    poses = [replace(scene.landmarks_at(i / 30.0), markers=False) for i in range(150)]
    assert [t_s for t_s in turned_times(poses, Facing.RIGHT) if t_s > 1.0] == []


@pytest.mark.parametrize("keep", [lambda i: i % 2 == 0, lambda i: i % 3 != 0, lambda i: i % 4 == 0])
@pytest.mark.parametrize("angle_deg", [60.0, -60.0])
def test_the_frame_rate_does_not_matter(keep: Callable[[int], bool], angle_deg: float) -> None:
    poses = poses_of(Facing.RIGHT, angle_deg)
    whole = turned_times(poses, Facing.RIGHT)
    thinned = turned_times([pose for i, pose in enumerate(poses) if keep(i)], Facing.RIGHT)
    assert thinned[0] == pytest.approx(whole[0], abs=0.08)
    assert thinned[-1] == pytest.approx(whole[-1], abs=0.08)


def mirrored(pose: BodyPose) -> BodyPose:
    xy = pose.xy_px[MIRROR].copy()
    xy[:, 0] = pose.image_size_px[0] - 1 - xy[:, 0]
    return replace(pose, xy_px=xy, visibility=pose.visibility[MIRROR])


@settings(max_examples=15, deadline=None)
@given(angle_deg=st.sampled_from([0.0, 40.0, -60.0]), start=st.integers(0, 100), step=st.integers(1, 5))
def test_mirrored_input_gives_the_same_verdict(angle_deg: float, start: int, step: int) -> None:
    one, other = HeadTurn(), HeadTurn()
    for pose in poses_of(Facing.RIGHT, angle_deg)[start::step]:
        a, b = one.refine(pose, Facing.RIGHT), other.refine(mirrored(pose), Facing.LEFT)
        assert a.doubts == b.doubts
        assert one.evidence == pytest.approx(other.evidence, abs=1e-6, nan_ok=True)


NUMBERS = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 160.0]))
#: A pose has a time, however odd (`tests/coach/test_types.py`).
TIMES_S = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([0.0, 160.0, 1e300, -1e300]))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_odd_input_never_raises(data: st.DataObject) -> None:
    head = HeadTurn()
    for pose in poses_of(Facing.RIGHT)[: data.draw(st.integers(1, 40)) : 4]:
        xy = pose.xy_px.copy()
        for landmark in data.draw(st.lists(st.sampled_from(list(L)), max_size=6)):
            xy[landmark] = data.draw(NUMBERS), data.draw(NUMBERS)
        t_s = data.draw(st.one_of(st.just(pose.t_s), TIMES_S))
        odd = replace(pose, xy_px=xy, t_s=t_s)
        refined = head.refine(odd, data.draw(st.sampled_from(Facing)))
        assert np.array_equal(refined.xy_px, odd.xy_px, equal_nan=True)
    nobody = BodyPose.nobody(0.0, (640, 480))
    assert HeadTurn().refine(nobody, Facing.LEFT) is nobody
    assert nobody.xy_px.shape == (LANDMARK_COUNT, 2)


def test_a_turn_seen_long_ago_is_forgotten() -> None:
    head = HeadTurn()
    for pose in poses_of(Facing.RIGHT, 70.0)[: int(60 * (START_S + 0.7))]:
        last = head.refine(pose, Facing.RIGHT)
    assert Doubt.HEAD_TURNED in last.doubts
    later = replace(poses_of(Facing.RIGHT)[10], t_s=last.t_s + FORGET_S + 0.1)
    assert Doubt.HEAD_TURNED not in head.refine(later, Facing.RIGHT).doubts
    assert (
        Doubt.HEAD_BY_EAR
        in head.refine(replace(later, t_s=later.t_s + 0.1, doubts=frozenset({Doubt.HEAD_BY_EAR})), Facing.RIGHT).doubts
    )


@pytest.mark.model
@pytest.mark.parametrize(("facing", "angle_deg"), [(Facing.RIGHT, 60.0), (Facing.LEFT, -60.0)])
def test_a_rendered_glance(model_path, facing: Facing, angle_deg: float) -> None:
    """At 40 deg toward the camera the network does not see the rendered head turn; from 60 on it does."""
    scene = VirtualScene(RunnerParams(facing=facing, standing_s=0.0), extras=Extras(head_turn=((2.0, 3.0, angle_deg),)))
    head, turned = HeadTurn(), []
    with MediaPipeEstimator(model_path) as network:
        for k, t_s in enumerate([*(0.5 + 0.1 * i for i in range(14)), *(2.0 + i / 30 for i in range(18))]):
            pose = network.estimate(Frame(k, t_s, scene.image_at(t_s, k))).pose
            turned += [t_s] * (Doubt.HEAD_TURNED in head.refine(pose, facing).doubts)
    assert 2.05 <= turned[0] <= 2.31
    assert len(turned) == round(30 * (2.0 + 17 / 30 - turned[0])) + 1


@pytest.mark.parametrize("before", [1.6, 3.0, 0.5])
def test_walking_up_to_the_belt_is_no_turned_head(before: float) -> None:
    """Seen larger (or smaller) for the first five seconds, as at the laptop; then a second's walk."""
    poses = [
        replace(pose, xy_px=pose.xy_px * (before + (1.0 - before) * min(max(pose.t_s - 5.0, 0.0), 1.0)))
        for pose in poses_of(Facing.RIGHT, seconds=12.0)
    ]
    assert [t_s for t_s in turned_times(poses, Facing.RIGHT) if t_s > 7.0] == []
