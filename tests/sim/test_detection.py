"""The real pose network sees the virtual runner, and sees it where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.coach.types import Facing, Frame, Landmark
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Bystander, Extras
from app.sim.look import LOOKS
from app.sim.scene import VirtualScene

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.model

HIP, SHOULDER, EAR = Landmark.LEFT_HIP, Landmark.LEFT_SHOULDER, Landmark.LEFT_EAR


def look_at(model: Path, scene: VirtualScene, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return estimated and true landmarks (N, LANDMARK_COUNT, 2) px."""
    from app.pose.mediapipe_estimator import MediaPipeEstimator

    seen, true = [], []
    with MediaPipeEstimator(model) as estimator:
        for i, t in enumerate(times_s):
            frame = Frame(i, float(t), scene.image_at(t, i))
            seen.append(estimator.estimate(frame).pose.xy_px)
            true.append(scene.landmarks_at(t).xy_px)
    return np.array(seen), np.array(true)


def middle(xy: np.ndarray, left: Landmark) -> np.ndarray:
    return 0.5 * (xy[:, left] + xy[:, left + 1])


def lean_deg(xy: np.ndarray, sign: float) -> np.ndarray:
    trunk = middle(xy, SHOULDER) - middle(xy, HIP)
    return np.degrees(np.arctan2(sign * trunk[:, 0], -trunk[:, 1]))


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
@pytest.mark.parametrize(("look", "body_px"), [("dawn", 300), ("lake", 500), ("ember", 700)])
def test_runner_is_found_in_every_frame_and_in_the_right_place(
    model_path: Path, look: str, body_px: int, facing: Facing
) -> None:
    camera = Camera.framing(body_fraction=body_px / 720.0)
    scene = VirtualScene(RunnerParams(facing=facing), camera, LOOKS[look])
    seen, true = look_at(model_path, scene, 5.0 + np.arange(24) / 24.0)
    assert np.isfinite(seen[:, HIP, 0]).mean() >= 0.99
    mm_per_px = 1780.0 / body_px
    for landmark, bound_mm in ((EAR, 55.0), (SHOULDER, 35.0), (HIP, 50.0)):
        error = (middle(seen, landmark) - middle(true, landmark)) * mm_per_px
        assert np.hypot(*error.mean(axis=0)) < bound_mm
        assert error.std(axis=0).max() < 25.0
    lean = lean_deg(seen, facing.sign) - lean_deg(true, facing.sign)
    assert abs(lean.mean()) < 2.5
    assert lean.std() < 2.0


@pytest.mark.parametrize("act", [a for a in Act if not a.is_running])
def test_standing_stances_and_drills_are_found(model_path: Path, act: Act) -> None:
    scene = VirtualScene(RunnerParams(act=act, standing_s=1.0, facing=Facing.LEFT))
    # Close frames: the network looks for the body where it was, and needs a few frames after a jump.
    seen, true = look_at(model_path, scene, np.linspace(1.8, 3.0, 12))
    assert np.isfinite(seen[:, HIP, 0]).all()
    assert abs((lean_deg(seen, -1.0) - lean_deg(true, -1.0))[6:].mean()) < 3.5


EXTRAS = {
    "drift": Extras(drift_m=0.2, drift_period_s=4.0),
    "glance": Extras(head_turn=((4.0, 9.0, 60.0),)),
    "glance_away": Extras(head_turn=((4.0, 9.0, -60.0),)),
    "bumped": Extras(bump=(4.0, (30.0, -15.0), 1.05, 3.0)),
    "beside": Extras(others=(Bystander("beside"),)),
    "behind": Extras(others=(Bystander("behind"),)),
    "cross_behind": Extras(others=(Bystander("cross_behind", 4.0, 7.0),)),
    "clutter": Extras(clutter=1),
    "hips": Extras(rail_style="hips"),
    "dim": Extras(brightness=0.3),
}


@pytest.mark.parametrize("name", list(EXTRAS))
def test_runner_is_found_with_extras(model_path: Path, name: str) -> None:
    scene = VirtualScene(RunnerParams(), Camera.framing(), extras=EXTRAS[name])
    seen, true = look_at(model_path, scene, 5.0 + np.arange(8) / 16.0)
    trunk_px = np.hypot(*(middle(true, HIP) - middle(true, SHOULDER)).T).mean()
    for landmark in (SHOULDER, HIP):
        error = np.hypot(*(middle(seen, landmark) - middle(true, landmark)).T) / trunk_px
        assert error.max() < 0.25


def test_the_handle_is_taken_for_a_leg(model_path: Path) -> None:
    def feet_lost(extras: Extras) -> float:
        """Share of frames with a foot (whichever fits better) over half a trunk from its place."""
        scene = VirtualScene(RunnerParams(), Camera.framing(), LOOKS["ember"], extras=extras)
        seen, true = look_at(model_path, scene, 3.5 + np.arange(30) / 15.0)
        ankles = [Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]
        errors = [
            np.hypot(*np.moveaxis(seen[:, a] - true[:, ankles], 2, 0)).max(axis=1) for a in (ankles, ankles[::-1])
        ]
        trunk_px = np.hypot(*(middle(true, HIP) - middle(true, SHOULDER)).T)
        return float((np.minimum(*errors) > 0.5 * trunk_px).mean())

    assert feet_lost(Extras()) < 0.10
    assert feet_lost(Extras(rail_style="handle")) > 0.20
