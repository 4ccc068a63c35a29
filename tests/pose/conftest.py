"""Fixtures of the pose tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import app
from app.coach.types import Frame
from app.sim.acts import RunnerParams
from app.sim.scene import VirtualScene

RunPython = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def runner_frames() -> list[Frame]:
    """Half a second of the virtual runner at 30 fps, with images and true landmarks."""
    scene = VirtualScene(RunnerParams(standing_s=0.0))
    times_s = [2.0 + i / 30 for i in range(15)]
    return [Frame(i, t_s, scene.image_at(t_s, i), scene.landmarks_at(t_s)) for i, t_s in enumerate(times_s)]


@pytest.fixture(scope="session")
def empty_frame() -> Frame:
    """A picture of nobody."""
    return Frame(0, 0.0, np.full((240, 320, 3), 90, np.uint8))


@pytest.fixture(scope="session")
def run_python() -> RunPython:
    """Run a script in a process of its own, with ``app`` importable; at most a minute."""

    def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=Path(app.__file__).parents[1],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
