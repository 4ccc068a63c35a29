"""Virtual runners with true angles, fed to the coach without a network."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import pytest

from app.capture.trc import TrcSource
from app.coach.model import CoachModel
from app.coach.report import CoachReport, Mode
from app.coach.summary import CoachSummary
from app.coach.types import BodyPose, Facing, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene


@dataclass(frozen=True)
class Ran:
    """A whole session: every report, the summary, and the scene with its truth."""

    reports: tuple[CoachReport, ...]
    summary: CoachSummary
    scene: VirtualScene

    def cues(self, *but_not: str) -> list:
        return [r.cue for r in self.reports if r.cue is not None and r.cue.id not in ("standing", *but_not)]


def coach_over(poses: Iterable[BodyPose], coach: CoachModel) -> tuple[CoachReport, ...]:
    reports = tuple(coach.update(pose) for pose in poses)
    coach.finish()
    return reports


@cache
def scene_of(params: RunnerParams) -> VirtualScene:
    return VirtualScene(params, Camera.framing())


@lru_cache(maxsize=1 << 14)
def pose_of(params: RunnerParams, t_s: float) -> BodyPose:
    """One instant of a runner: at 30 frames a second, or with frames left out, the instants are those of 60."""
    return scene_of(params).landmarks_at(t_s)


@lru_cache(maxsize=64)
def run_act(
    act: str,
    fps: float = 30.0,
    seconds: float = 14.0,
    facing: Facing = Facing.RIGHT,
    drop_every: int = 0,
    speed_m_s: float = 3.3,
    height_cm: float = 178.0,
    mode: Mode = Mode.AUTO,
    seed: int = 0,
) -> Ran:
    params = RunnerParams(act=Act(act), facing=facing, speed_m_s=speed_m_s, height_cm=height_cm, seed=seed)
    coach = CoachModel(mode=mode, profile=RunnerProfile(height_cm))
    frames = [k for k in range(int(seconds * fps)) if not drop_every or k % drop_every]
    reports = coach_over((pose_of(params, k / fps) for k in frames), coach)
    return Ran(reports, coach.summary(), scene_of(params))


@pytest.fixture(scope="session")
def act() -> Callable[..., Ran]:
    """Run an act of the virtual runner through the coach; equal calls share one run."""
    return run_act


@pytest.fixture(scope="session")
def mocap_folder() -> Path:
    """Where the motion capture of real treadmill runners is; it is not part of the repository."""
    shared = os.environ.get("HINGECOACH_SHARED")
    if not shared:
        pytest.skip("HINGECOACH_SHARED is not set: no motion capture here")
    return Path(shared) / "data" / "mocap"


@pytest.fixture(scope="session")
def mocap(mocap_folder: Path) -> Callable[[str], list[BodyPose]]:
    """Read every pose of one of its files."""

    def read(name: str) -> list[BodyPose]:
        source = TrcSource(mocap_folder / name)
        source.open()
        poses = []
        while (frame := source.read()) is not None:
            assert frame.landmarks is not None
            poses.append(frame.landmarks)
        source.close()
        return poses

    return read
