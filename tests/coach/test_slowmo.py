"""Slowed running is told by its motion, with its factor; nothing else is taken for it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from app.coach.slowmo import SlowMotionWatch, likeliest_factor, slow_motion
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.programme import Doing, Part, Programme
from app.sim.scene import VirtualScene

FPS = 30.0


@lru_cache
def of_life(act: Act | Part) -> tuple[BodyPose, ...]:
    """The noisy landmarks of some seconds of an act, at the speed of life."""
    if isinstance(act, Part):
        scene: Programme | VirtualScene = Programme((act,), seed=1)
    else:
        params = RunnerParams(act=act, height_cm=165.0, facing=Facing.LEFT, standing_s=0.5, seed=3)
        scene = VirtualScene(params, Camera.framing((1280, 720), stature_m=params.height_m))
    rng = np.random.default_rng(5)
    poses = (scene.landmarks_at(k / FPS) for k in range(int(3.5 * FPS)))
    return tuple(
        BodyPose(p.t_s, p.xy_px + rng.normal(0.0, 1.5, p.xy_px.shape), p.visibility, p.image_size_px) for p in poses
    )


def played(act: Act | Part, factor: float) -> list[BodyPose]:
    """The same as a clip that plays ``factor`` times slower."""
    return [BodyPose(factor * p.t_s, p.xy_px, p.visibility, p.image_size_px) for p in of_life(act)]


@pytest.mark.parametrize("factor", [2.0, 4.0, 8.0, 16.0, 0.5])
@pytest.mark.parametrize("act", [Act.GOOD, Act.OVERSTRIDE])
def test_slowed_running_is_told_with_its_factor(act: Act, factor: float) -> None:
    seen = slow_motion(played(act, factor))
    assert seen is not None
    assert seen.factor == factor
    assert seen.cadence_spm == pytest.approx(168.0 / factor, rel=0.12)


@pytest.mark.parametrize("factor", [1.0, 4.0])
def test_times_that_jump_by_years_take_neither_memory_nor_change_what_is_told(factor: float) -> None:
    poses = played(Act.GOOD, factor)
    later = [BodyPose(p.t_s + 1e9, p.xy_px, p.visibility, p.image_size_px) for p in poses]
    seen = slow_motion((*poses, *later))
    assert (seen.factor if seen is not None else 1.0) == factor


@pytest.mark.parametrize("act", [Act.GOOD, Act.OVERSTRIDE, Act.PELVIS_DRIFT])
def test_running_at_the_speed_of_life_is_none(act: Act) -> None:
    assert slow_motion(played(act, 1.0)) is None


@pytest.mark.parametrize("factor", [1.0, 8.0])
@pytest.mark.parametrize("speed_m_s", [0.0, 1.4])
def test_walking_and_marching_are_no_slow_motion(speed_m_s: float, factor: float) -> None:
    part = Part(Doing.WALK, 4.0, speed_m_s=speed_m_s) if speed_m_s else Part(Doing.MARCH, 4.0)
    assert slow_motion(played(part, factor)) is None


def test_shifting_from_foot_to_foot_is_no_slow_motion() -> None:
    programme, rng = Programme((Part(Doing.FIDGET, 25.0, size=2.0),), seed=2), np.random.default_rng(5)
    poses = []
    for k in range(200):
        p = programme.landmarks_at(k / 8.0)
        xy_px = p.xy_px + rng.normal(0.0, 1.5, p.xy_px.shape)
        poses.append(BodyPose(p.t_s, xy_px, p.visibility, p.image_size_px))
    assert slow_motion(poses) is None


def test_little_or_nothing_seen_says_nothing() -> None:
    nobody = BodyPose(0.0, np.full((LANDMARK_COUNT, 2), np.nan), np.zeros(LANDMARK_COUNT), (640, 480))
    watch = SlowMotionWatch()
    watch.add(nobody)
    assert watch.slow_motion() is None
    assert slow_motion(played(Act.GOOD, 8.0)[60:70]) is None


@pytest.mark.parametrize(("cadence_spm", "factor"), [(18.0, 8.0), (43.0, 4.0), (84.0, 2.0), (10.0, 16.0), (340.0, 0.5)])
def test_the_likeliest_factor_makes_a_cadence_of_life(cadence_spm: float, factor: float) -> None:
    assert likeliest_factor(cadence_spm) == factor
