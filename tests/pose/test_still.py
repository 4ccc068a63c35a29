"""What the runner never reaches is hidden from the network; what the body reaches never is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Frame, ImageArray, Landmark
from app.pose.mediapipe_estimator import MediaPipeEstimator
from app.pose.still import GREY, Box, StillScene
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Extras
from app.sim.scene import VirtualScene

SIZE = (640, 360)
FPS = 30.0


@pytest.fixture
def image() -> ImageArray:
    """A picture without a grey pixel."""
    return np.full((SIZE[1], SIZE[0], 3), 7, np.uint8)


def person(t_s: float, x_px: float = 320.0, *, wrist: float = 0.4, phantom: bool = False) -> BodyPose:
    """A body that faces right, its trunk 80 px long; ``wrist`` trunk lengths ahead; a leg on the console."""
    xy = np.full((LANDMARK_COUNT, 2), np.nan)
    xy[Landmark.NOSE] = (0.25, -1.4)
    for name, at in (
        ("EAR", (0.0, -1.45)),
        ("SHOULDER", (0.0, -1.0)),
        ("WRIST", (wrist, -0.6)),
        ("HIP", (0.0, 0.0)),
        ("KNEE", (0.1, 0.8)),
        ("ANKLE", (0.0, 1.6)),
        ("HEEL", (-0.1, 1.7)),
        ("TOE", (0.3, 1.75)),
    ):
        xy[Landmark[f"LEFT_{name}"]] = xy[Landmark[f"RIGHT_{name}"]] = at
    if phantom:
        xy[Landmark.LEFT_KNEE], xy[Landmark.LEFT_ANKLE] = (0.8, 0.1), (1.5, 0.0)
        xy[Landmark.LEFT_HEEL], xy[Landmark.LEFT_TOE] = (1.5, 0.1), (1.8, -0.3)
    return BodyPose(t_s, xy * 80.0 + (x_px, 190.0), np.ones(LANDMARK_COUNT), SIZE)


def mirrored(pose: BodyPose) -> BodyPose:
    xy = pose.xy_px.copy()
    xy[:, 0] = SIZE[0] - xy[:, 0]
    return replace(pose, xy_px=xy)


def shown(still: StillScene, image: ImageArray, poses: Iterable[BodyPose | None]) -> ImageArray:
    """The picture after these poses."""
    for pose in poses:
        painted = still.clean(image, pose)
    return painted


def standing() -> list[BodyPose]:
    return [person(k / FPS) for k in range(15)]


def open_columns(still: StillScene) -> tuple[int, int]:
    left, right = 0, SIZE[0]
    for x, _, width, _ in still.painted:
        left, right = (width, right) if x == 0 else (left, x)
    return left, right


def test_both_sides_are_painted_and_the_given_picture_is_not(image: ImageArray) -> None:
    still = StillScene()
    painted = shown(still, image, standing())
    left, right = open_columns(still)
    # The reach is the wrist's 0.4 trunks, less than the least of 0.6; and 0.3 for room, 0.5 behind.
    assert (left, right) == (320 - 88, 320 + 72)
    assert (painted[:, :left] == GREY).all()
    assert (painted[:, right:] == GREY).all()
    assert (painted[:, left:right] == 7).all()
    assert (image == 7).all()


def test_nothing_painted_means_the_very_picture(image: ImageArray) -> None:
    still = StillScene()
    assert still.clean(image, None) is image
    assert still.clean(image, person(0.0)) is image
    assert still.painted == []


def test_who_reaches_far_is_left_room_at_once(image: ImageArray) -> None:
    still = StillScene()
    shown(still, image, standing())
    still.clean(image, person(0.5, wrist=1.2))
    assert open_columns(still)[1] == 320 + 80 * 1.2 + 80 * 0.3
    # ... and the columns close again, as one frame in many is no habit.
    shown(still, image, (person(0.5 + k / FPS) for k in range(1, 20)))
    assert open_columns(still)[1] == 320 + 72


def test_a_leg_on_the_console_does_not_open_the_picture(image: ImageArray) -> None:
    still = StillScene()
    shown(still, image, (person(k / FPS, phantom=k % 2 == 0) for k in range(21)))
    assert open_columns(still)[1] == 320 + 72


def test_the_columns_follow_a_drifting_runner(image: ImageArray) -> None:
    still = StillScene()
    shown(still, image, (person(k / FPS, 320.0 + k) for k in range(60)))
    assert open_columns(still) == (379 - 88, 379 + 72)


def test_a_walking_body_is_shown_everything(image: ImageArray) -> None:
    still = StillScene()
    for k in range(60):
        assert still.clean(image, person(k / FPS, 40.0 + 8.0 * k)) is image  # 3 trunk lengths a second


def test_a_lost_body_opens_the_picture_at_once(image: ImageArray) -> None:
    still = StillScene()
    shown(still, image, standing())
    assert still.clean(image, BodyPose.nobody(0.5, SIZE)) is image
    shown(still, image, standing())
    assert still.clean(image, None) is image


def test_while_the_lock_pauses_the_columns_stay(image: ImageArray) -> None:
    still = StillScene()
    shown(still, image, standing())
    before = still.painted
    still.clean(image, person(0.5, 500.0), hold=True)
    assert still.painted == before
    still.clean(image, None, hold=True)
    assert still.painted == before


def test_the_users_box_is_painted_whatever_happens(image: ImageArray) -> None:
    still = StillScene()
    still.set_box((600, -10, 100, 50))
    painted = still.clean(image, None)
    assert still.painted == [(600, 0, 40, 40)]
    assert (painted[:40, 600:] == GREY).all()
    assert (painted[40:] == 7).all()
    still.set_box(None)
    assert still.clean(image, None) is image


def test_a_mirrored_runner_gets_the_mirrored_picture(image: ImageArray) -> None:
    poses = [person(k / FPS, 300.0 + k, phantom=k % 3 == 0) for k in range(30)]
    one, other = StillScene(), StillScene()
    left, right = open_columns_after(one, image, poses)
    assert open_columns_after(other, image, [mirrored(pose) for pose in poses]) == (SIZE[0] - right, SIZE[0] - left)


def open_columns_after(still: StillScene, image: ImageArray, poses: list[BodyPose]) -> tuple[int, int]:
    shown(still, image, poses)
    return open_columns(still)


@pytest.mark.parametrize("act", [Act.GOOD, Act.OVERSTRIDE, Act.DRILL_TUNNEL_MARCH, Act.DRILL_HINGE])
@pytest.mark.parametrize("thinned", [1, 2])
def test_the_body_is_never_painted(act: Act, thinned: int, image: ImageArray) -> None:
    """Every landmark of the next frame lies within the open columns: 60 and 30 fps, standing, then acting."""
    facing = Facing.RIGHT if act is not Act.OVERSTRIDE else Facing.LEFT
    scene = VirtualScene(RunnerParams(act=act, facing=facing, standing_s=1.0, speed_m_s=4.5))
    still, painted = StillScene(), 0
    wide = np.zeros((36, scene.camera.size_px[0], 3), np.uint8)
    before: BodyPose | None = None
    for k in range(0, 240, thinned):
        pose = scene.landmarks_at(k / 60)
        still.clean(wide, before)
        left, right = 0, wide.shape[1]
        for x, _, width, _ in still.painted:
            left, right = (width, right) if x == 0 else (left, x)
        assert left < np.nanmin(pose.xy_px[:, 0])
        assert np.nanmax(pose.xy_px[:, 0]) < right
        painted += bool(still.painted)
        before = pose
    assert painted > 0.8 * 240 / thinned


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),  # a pose has a time
            st.floats(-2000.0, 2000.0),
            st.sets(st.integers(0, LANDMARK_COUNT - 1)),
        ),
        max_size=30,
    ),
    st.one_of(st.none(), st.tuples(*[st.integers(-100, 800)] * 4)),
)
def test_odd_landmarks_times_and_boxes_never_raise(
    rows: list[tuple[float, float, set[int]]], box: tuple[int, ...] | None
) -> None:
    still = StillScene()
    still.set_box(cast("Box | None", box))
    picture = np.full((36, 64, 3), 7, np.uint8)
    for t_s, x_px, missing in rows:
        pose = person(t_s, x_px)
        xy = pose.xy_px.copy()
        xy[list(missing)] = np.nan
        assert still.clean(picture, replace(pose, xy_px=xy)).shape == picture.shape


@pytest.mark.model
def test_the_real_network_sees_no_leg_in_the_handle(model_path: Path) -> None:
    """A thick handle from the hip to the console: with the picture as it is, and cleaned."""
    scene = VirtualScene(
        RunnerParams(standing_s=0.0), Camera.framing(body_fraction=0.75), extras=Extras(rail_style="handle")
    )
    frames = [Frame(k, 2.0 + k / 15, scene.image_at(2.0 + k / 15, k)) for k in range(20)]
    truths = [scene.landmarks_at(frame.t_s) for frame in frames]
    assert ruined(model_path, None, frames, truths) >= 1
    assert ruined(model_path, StillScene(), frames, truths) == 0


def ruined(model_path: Path, still: StillScene | None, frames: list[Frame], truths: list[BodyPose]) -> int:
    """How many frames, from the fifth on, show an ankle 0.6 trunk lengths ahead of both true ones."""
    pose, count = None, 0
    with MediaPipeEstimator(model_path) as network:
        for frame, truth in zip(frames, truths, strict=True):
            assert frame.image_bgr is not None
            image = frame.image_bgr if still is None else still.clean(frame.image_bgr, pose)
            pose = network.estimate(replace(frame, image_bgr=image)).pose
            trunk_px = float(np.hypot(*(truth[Landmark.LEFT_SHOULDER] - truth[Landmark.LEFT_HIP])))
            ankles = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
            ahead_px = float(np.max(pose.xy_px[ankles, 0]) - np.max(truth.xy_px[ankles, 0]))
            count += frame.index >= 5 and ahead_px > 0.6 * trunk_px
    return count
