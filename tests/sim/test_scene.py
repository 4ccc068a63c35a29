"""The scene: exact landmarks, the mirror, perspective, determinism; pictures that agree with the landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.coach.types import Facing, Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import MIRROR, Noise
from app.sim.look import LOOKS
from app.sim.scene import VirtualScene

SMALL = Camera.framing((320, 180))


@pytest.mark.parametrize("t_s", [1.0, 3.4, 5.07])
def test_facing_left_is_the_mirror_image(t_s: float) -> None:
    right, left = (VirtualScene(RunnerParams(facing=f), SMALL) for f in (Facing.RIGHT, Facing.LEFT))
    a, b = right.landmarks_at(t_s).xy_px, left.landmarks_at(t_s).xy_px[MIRROR]
    np.testing.assert_allclose(b[:, 0], 319.0 - a[:, 0], atol=1e-9)
    np.testing.assert_allclose(b[:, 1], a[:, 1], atol=1e-9)
    np.testing.assert_array_equal(left.image_at(t_s), right.image_at(t_s)[:, ::-1])


def test_standing_body_fills_its_share_of_the_frame() -> None:
    scene = VirtualScene(RunnerParams(height_cm=165.0))
    pose = scene.landmarks_at(1.0)
    assert pose.image_size_px == (1280, 720)
    sole_px = scene.camera.project(np.array(((0.0, 0.0, 0.0),)))[0, 1]
    assert sole_px - pose[Landmark.HEAD_TOP][1] == pytest.approx(0.75 * 720, rel=0.005)
    assert 20.0 < pose[Landmark.HEAD_TOP][1] < sole_px < 700.0


def test_the_default_camera_frames_an_adult() -> None:
    plain, framed = (VirtualScene(RunnerParams(), c).landmarks_at(1.0) for c in (Camera(), Camera.framing()))
    np.testing.assert_allclose(plain.xy_px, framed.xy_px, atol=1.5)


def test_the_near_side_is_larger_and_the_named_side() -> None:
    pose = VirtualScene(RunnerParams(act=Act.GOOD, facing=Facing.RIGHT)).landmarks_at(1.0)
    right = np.hypot(*(pose[Landmark.RIGHT_HIP] - pose[Landmark.RIGHT_ANKLE]))
    left = np.hypot(*(pose[Landmark.LEFT_HIP] - pose[Landmark.LEFT_ANKLE]))
    assert 1.01 < right / left < 1.08


def test_yaw_spreads_the_shoulders() -> None:
    def width(yaw_deg: float) -> float:
        scene = VirtualScene(RunnerParams(), replace(Camera.framing(), yaw_deg=yaw_deg))
        pose = scene.landmarks_at(1.0)
        return float(pose[Landmark.RIGHT_SHOULDER][0] - pose[Landmark.LEFT_SHOULDER][0])

    px_per_m = 0.75 * 720 / 1.78
    assert abs(width(0.0)) < 4.0
    assert width(-20.0) == pytest.approx(-width(20.0), abs=6.0)
    assert abs(width(20.0)) == pytest.approx(0.36 * px_per_m * np.sin(np.radians(20.0)), rel=0.1)


def test_roll_turns_the_picture_about_its_middle() -> None:
    level = VirtualScene(RunnerParams(), Camera.framing()).landmarks_at(1.0).xy_px
    rolled = VirtualScene(RunnerParams(), Camera.framing(roll_deg=5.0)).landmarks_at(1.0).xy_px
    middle = np.array((639.5, 359.5))
    a, b = level - middle, rolled - middle
    np.testing.assert_allclose(np.hypot(*a.T), np.hypot(*b.T), atol=1e-6)
    turned = np.degrees(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)))
    np.testing.assert_allclose(turned, -5.0, atol=1e-6)


def test_landmark_noise_has_its_size_and_its_seed() -> None:
    exact = VirtualScene(RunnerParams(), SMALL)
    noisy = VirtualScene(RunnerParams(), SMALL, noise=Noise(landmark_sd_px=2.0, drop_rate=0.1, seed=3))
    again = VirtualScene(RunnerParams(), SMALL, noise=Noise(landmark_sd_px=2.0, drop_rate=0.1, seed=3))
    times = np.arange(0.0, 6.0, 0.05)
    error = np.stack([noisy.landmarks_at(t).xy_px - exact.landmarks_at(t).xy_px for t in times])
    assert np.nanstd(error) == pytest.approx(2.0, rel=0.1)
    assert np.isnan(error[..., 0]).mean() == pytest.approx(0.1, abs=0.02)
    np.testing.assert_array_equal(noisy.landmarks_at(4.0).xy_px, again.landmarks_at(4.0).xy_px)


def test_images_are_deterministic_fresh_and_noisy_only_on_request() -> None:
    scene = VirtualScene(RunnerParams(), SMALL)
    a, b = scene.image_at(4.2), scene.image_at(4.2)
    assert a.shape == (180, 320, 3)
    assert a.dtype == np.uint8
    np.testing.assert_array_equal(a, b)
    a[:] = 0
    np.testing.assert_array_equal(scene.image_at(4.2), b)
    grainy = VirtualScene(RunnerParams(), SMALL, noise=Noise(image_sd=6.0, seed=1))
    residual = grainy.image_at(4.2).astype(float) - b
    assert 4.5 < residual.std() < 6.5
    np.testing.assert_array_equal(grainy.image_at(4.2), grainy.image_at(4.2))


def test_exposure_blurs_what_moves() -> None:
    sharp = VirtualScene(RunnerParams(), SMALL)
    slow = VirtualScene(RunnerParams(), SMALL, noise=Noise(exposure_s=0.03))
    running = np.abs(sharp.image_at(5.0).astype(int) - slow.image_at(5.0)).mean()
    standing = np.abs(sharp.image_at(1.0).astype(int) - slow.image_at(1.0)).mean()
    assert running > 4.0 * standing


@pytest.mark.parametrize("name", list(LOOKS))
def test_the_drawn_crown_is_the_crown_landmark(name: str) -> None:
    scene = VirtualScene(RunnerParams(), Camera.framing(), LOOKS[name])
    for t in (1.0, 4.6):
        crown = scene.landmarks_at(t)[Landmark.HEAD_TOP]
        image = scene.image_at(t).astype(int)
        column = image[:, round(crown[0])].sum(axis=1)
        wall = column[round(crown[1]) - 12]
        first = int(np.argmax(np.abs(column - wall) > 60))
        assert abs(first - crown[1]) <= 3.0


def test_belt_marks_move_with_the_belt() -> None:
    scene = VirtualScene(RunnerParams(standing_s=1.0))
    floor = np.array(((-0.6, 0.0, 0.2), (0.6, 0.0, 0.2)))
    px = scene.camera.project(floor).round().astype(int)
    still = [scene.image_at(t)[px[0, 1], px[0, 0] : px[1, 0]] for t in (0.2, 0.7)]
    np.testing.assert_array_equal(still[0], still[1])
    moving = scene.image_at(4.0)[px[0, 1], px[0, 0] : px[1, 0]]
    assert np.abs(moving.astype(int) - still[0]).max() > 20


def test_every_act_and_an_oblique_camera_can_be_drawn() -> None:
    pictures = [VirtualScene(RunnerParams(act=act, standing_s=0.0), SMALL).image_at(2.3) for act in Act]
    for yaw in (-80.0, 35.0, 90.0):
        scene = VirtualScene(RunnerParams(), Camera.framing((320, 180), yaw_deg=yaw), rail=True)
        pictures.append(scene.image_at(4.1))
    pictures.append(VirtualScene(RunnerParams(), Camera((320, 180), focal_px=900.0)).image_at(4.1))  # body out of it
    empty = pictures[-1]
    assert {picture.shape for picture in pictures} == {(180, 320, 3)}
    assert len({picture.tobytes() for picture in pictures}) > 0.8 * len(pictures)
    for picture in pictures[: len(Act)]:
        assert np.abs(picture.astype(int) - empty).max() > 60, "somebody stands in it"
