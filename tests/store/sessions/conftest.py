"""Sessions of the virtual runner, recorded without a camera, a clock or a network."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from app.coach.report import Mode
from app.coach.types import RunnerProfile
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart

FPS, MOST_FRAMES = 60.0, 480
RECIPE = Recipe(Mode.AUTO, RunnerProfile(178.0))


@cache
def poses_of(act, jitter_px):
    """Poses of an act, two seconds of standing first, as a network would jitter them."""
    noise = Noise(jitter_px, 0.01 if jitter_px else 0.0, seed=5)
    scene = VirtualScene(RunnerParams(act=act, standing_s=2.0), Camera.framing((1280, 720)), noise=noise)
    return tuple(scene.landmarks_at(k / FPS) for k in range(700 if act is Act.DRILL_HINGE else MOST_FRAMES))


class Sessions:
    """Records into one data folder."""

    def __init__(self, folder):
        self.folder = folder

    def poses(self, act="ankle_lean", frames=480, jitter_px=1.0):
        return poses_of(Act(act), jitter_px)[:frames]

    def recorder(self, recipe=RECIPE, **start):
        coach = recipe.make()
        start = {"source_kind": "virtual", "app_version": "0.1.0"} | start
        return coach, SessionRecorder(coach, SessionStart(recipe, **start), self.folder)

    def record(self, poses, recipe=RECIPE, asks=(), **start):
        """Record poses; ``asks``: {frame: function of the coach}, asked before that frame. Return (id, document)."""
        coach, recorder = self.recorder(recipe, **start)
        for k, pose in enumerate(poses):
            if k in asks:
                asks[k](coach)
            coach.update(pose)
        coach.finish()
        document = recorder.close()
        assert recorder.notice == ""
        return recorder.id, document

    def cut_off(self, poses, recipe=RECIPE, **start):
        """Leave a session as a killed process leaves it; return its id."""
        coach, recorder = self.recorder(recipe, **start)
        for pose in poses:
            coach.update(pose)
        recorder._stop()
        recorder._recording.close()
        return recorder.id

    def history(self):
        return History(self.folder)

    def all_bytes(self):
        """Everything on the disk."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())

    @staticmethod
    def with_rules(rules):
        return replace(RECIPE, rules=rules)


@pytest.fixture
def store(tmp_path):
    return Sessions(tmp_path / "data")
