"""One report and one summary with known numbers; sessions of the virtual runner, recorded without camera or clock."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from app.coach.report import (
    Activity,
    CoachReport,
    Cue,
    FaultId,
    FormSample,
    Hold,
    Mode,
    StanceValues,
    StandingStatus,
    Step,
    TrunkLine,
    Tunnel,
)
from app.coach.summary import CoachSummary, Contact, FaultResult
from app.coach.tunnel import TunnelResult
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Landmark, Measure, RunnerProfile, ViewKind
from app.session.recorder import SessionRecorder
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene
from app.store.history import History
from app.store.sessions.recipe import Recipe
from app.store.sessions.start import SessionStart

NAN = math.nan
CUE = Cue("tunnel", "Duck under the roof", "DUCK", 1.0, 3.0, 2, "standing_up", (3, 4, 6), 24.5, 37.5, "deg")
STEP = Step(1.25, 1.33, 1.1, NAN, "near", 0.03, 0.07, 11.0, 30.0, 45.0, 29.0, -0.01, 12.0, 0.3, 0.04, 0.35, hit=True)
HOLD = Hold(2.0, 6.1, "good", StanceValues(12.1, 12.0, -0.4, 46.0, 17.0, 11.0, 9.0, 1.9, 0.64, 15.0))
MEASURES = {
    "cadence_spm": Measure(174.123, (173.0, 175.2), 17),
    "trunk_lean_deg": Measure(11.2, (10.6, 11.8), 17),
    "line_offset_bh": Measure(-0.00321, (-0.01, 0.0), 17),
    "hip_flexion_midstance_deg": Measure(30.0, (29.0, 31.0), 17),
    "knee_flexion_midstance_deg": Measure(46.0, (45.0, 47.0), 17),
    "shank_midstance_deg": Measure(28.0, (27.0, 29.0), 17),
    "reach_ll": Measure(0.306, (0.30, 0.31), 17),
    "vertical_oscillation_cm": Measure(NAN, (NAN, NAN), 0),
    "vertical_oscillation_bh": Measure(0.0431, (0.04, 0.05), 17),
    "contact_time_ms": None,
    "flight_time_ms": None,
    "peak_below_standing_cm": Measure(5.1, (4.0, 6.0), 17),
    "peak_below_standing_bh": Measure(0.0287, (0.0225, 0.0337), 17),
    "peak_below_roof_cm": Measure(2.6, (1.5, 3.5), 12),
    "peak_below_roof_bh": Measure(0.0146, (0.0084, 0.0197), 12),
    "lean_from_hip_deg": Measure(30.5, (29.0, 32.0), 17),
    "lean_from_ankle_deg": Measure(26.0, (25.0, 27.0), 17),
    "hip_share": Measure(0.5398, (0.52, 0.56), 17),
    "weight_shift": Measure(0.5849, (0.56, 0.61), 17),
}
SUMMARY = CoachSummary(
    mode=Mode.RUN,
    frames=388,
    duration_s=6.4666666,
    fps=59.99999,
    activity_s={Activity.RUNNING: 6.1},
    facing=Facing.RIGHT,
    view=ViewKind.SIDE,
    yaw_deg=4.04,
    coverage=0.98765,
    standing_source="file",
    height_cm=178.0,
    px_per_cm=3.1,
    angles_relative=True,
    running_s=6.1,
    measures=MEASURES,
    tunnel=TunnelResult(2.5, 17, 1, 16),
    contacts=(Contact("near", 0.412, 0.655), Contact("far", 0.75, NAN)),
    steps=(STEP,),
    faults=(FaultResult(FaultId.ANKLE_LEAN, 0.8, 17, 37.0, 33.0, "deg"),),
    verdict="ankle_lean",
    not_judged_because="",
    holds=(HOLD,),
    stance_verdict="good",
    stance_not_judged_because="",
    cues=(CUE,),
    warnings=("the sun was low",),
)
SIZE_PX = (1280, 720)


def body(scale=1.0):
    """A body in a 1280x720 picture: ear at (668, 190), hip at (615, 399), rear toe at (540, 630)."""
    xy_px = np.full((LANDMARK_COUNT, 2), np.nan)
    for names, at in {
        "NOSE": (700, 190),
        "EAR": (668, 190),
        "SHOULDER": (650, 260),
        "HIP": (615, 399),
    }.items():
        for name in (names,) if names == "NOSE" else (f"LEFT_{names}", f"RIGHT_{names}"):
            xy_px[Landmark[name]] = at
    xy_px[Landmark.LEFT_KNEE], xy_px[Landmark.LEFT_ANKLE] = (575, 500), (505, 600)
    xy_px[Landmark.LEFT_HEEL], xy_px[Landmark.LEFT_TOE] = (490, 605), (540, 630)
    return BodyPose(1.0, xy_px * scale, np.ones(LANDMARK_COUNT), tuple(round(side * scale) for side in SIZE_PX))


def report(t_s=1.0, good=True, clearance_bh=0.01, cue=None, judged=True, scale=1.0, personal=True):
    """A report on `body`: standing at row 150, goal at 165, roof at 180, head at 190."""
    sample = FormSample(t_s, 11.2, 36.0, 41.0, 0.021, 3.8)
    ends = (np.array(end) * scale for end in ([668.0, 190.0], [540.0, 630.0], [615.0, 399.0]))
    line = TrunkLine(*ends, 0.02, 0.0, 12.0, judged, good)
    rows = (row * scale for row in (150.0, 165.0, 180.0, 190.0))
    tunnel = Tunnel(*rows, 0.014, 2.5, clearance_bh, 12, 2, 1, 4, 9, personal)
    standing = StandingStatus("recorded", False, 1.0, "")
    return CoachReport(
        t_s, Activity.RUNNING, Facing.RIGHT, ViewKind.SIDE, 3.0, sample, line, tunnel, standing, None, None, (), cue,
        "good", "", 174.0,
    )  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What the tests of this room start from."""

    summary: CoachSummary = SUMMARY
    cue: Cue = CUE
    body = staticmethod(body)
    report = staticmethod(report)


@pytest.fixture
def known():
    return Known()


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

    def cut_off(self, poses, recipe=RECIPE, chunks=1, **start):
        """Leave a session as a killed process leaves it, of at least so many chunks; return its id."""
        coach, recorder = self.recorder(recipe, **start)
        for k, pose in enumerate(poses):
            coach.update(pose)
            if not (k + 1) % (len(poses) // chunks):
                assert recorder.flush()
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
