"""The model's edges: nobody, time that stands still, a lost body, standing refused, walking."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.coach.errors import WorldError
from app.coach.geometry import body_from_pose
from app.coach.guard import RunGuard
from app.coach.model import CoachModel
from app.coach.report import Activity, Mode
from app.coach.standing import StandingCapture, reference_from_recording, why_not_standing
from app.coach.types import LANDMARK_COUNT, BodyPose, Facing, Landmark, RunnerProfile
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene

SIZE = (1280, 720)


@cache
def scene(act: str = "good", **kwargs) -> VirtualScene:
    return VirtualScene(RunnerParams(act=Act(act), **kwargs), Camera.framing())


def test_nobody_is_said_and_measured_as_nothing():
    coach = CoachModel()
    for k in range(90):
        report = coach.update(BodyPose.nobody(k / 30, SIZE))
    coach.finish()
    assert report.activity is Activity.NOBODY
    assert report.not_judged_because == "nobody in view"
    assert coach.summary().coverage == 0.0
    assert coach.summary().verdict == "not_judged"


def test_time_standing_still_or_going_back_changes_nothing(act):
    runner, coach = scene(), CoachModel(profile=RunnerProfile(178.0))
    cue_count = 0
    for k in range(420):
        pose = runner.landmarks_at(k / 30)
        report = coach.update(pose)
        again = coach.update(pose)
        earlier = coach.update(runner.landmarks_at(max(k - 5, 0) / 30)) if k else again
        assert again.step is None
        assert again.cue is None
        assert earlier.t_s == report.t_s
        cue_count += report.cue is not None
    coach.finish()
    clean = act("good").summary
    assert coach.summary().frames == clean.frames
    assert coach.summary().verdict == clean.verdict
    assert cue_count == len(clean.cues)


def test_five_seconds_without_the_runner_break_the_step_but_not_the_session():
    runner, coach = scene(), CoachModel()
    for k in range(600):
        t_s = k / 30
        pose = runner.landmarks_at(t_s) if not 8.0 <= t_s < 13.0 else BodyPose.nobody(t_s, SIZE)
        report = coach.update(pose)
        if 9.0 < t_s < 13.0:
            assert report.activity is Activity.NOBODY
    coach.finish()
    summary = coach.summary()
    assert report.activity is Activity.RUNNING
    assert summary.verdict == "good"
    assert max(s.duration_s for s in summary.steps) < 0.5
    assert summary.coverage == pytest.approx(0.75, abs=0.01)


def test_standing_reference_is_taken_after_three_still_seconds():
    runner, coach = scene(standing_s=6.0), CoachModel(profile=RunnerProfile(178.0))
    taken_s = next(r.t_s for k in range(150) if (r := coach.update(runner.landmarks_at(k / 30))).cue is not None)
    assert taken_s == pytest.approx(3.0, abs=0.3)
    assert coach.standing is not None
    assert coach.standing.px_per_cm == pytest.approx(0.75 * 720 / 178.0, rel=0.03)


def test_moving_off_early_gives_the_shorter_reference():
    runner, coach = scene(standing_s=1.5), CoachModel()
    for k in range(120):
        coach.update(runner.landmarks_at(k / 30))
    assert coach.standing is not None
    assert 1.0 <= coach.standing.still_s < 2.0


@pytest.mark.parametrize(
    ("act_name", "at_s", "words"),
    [("stance_over_lean", 8.0, "leaning"), ("stance_pelvis_drift", 8.0, "knees"), ("good", 8.0, "tall")],
)
def test_no_relaxed_standing_is_refused_with_its_reason(act_name, at_s, words):
    body = body_from_pose(scene(act_name).landmarks_at(at_s), Facing.RIGHT)
    assert words in why_not_standing(body, 540.0)
    capture = StandingCapture(RunnerProfile())
    assert capture.update(body) is None
    with pytest.raises(WorldError, match="no relaxed standing"):
        reference_from_recording([body] * 30, RunnerProfile())


def test_calibration_can_be_asked_for_again():
    runner, coach = scene(standing_s=9.0), CoachModel()
    for k in range(120):
        coach.update(runner.landmarks_at(k / 30))
    first = coach.standing
    coach.start_calibration()
    report = coach.update(runner.landmarks_at(4.01))
    assert report.standing.capturing
    assert coach.standing is first, "the old one holds until the new one is there"
    for k in range(122, 240):
        coach.update(runner.landmarks_at(k / 30))
    assert coach.standing is not first


def test_stance_mode_judges_no_running_and_run_mode_no_stance(act):
    assert act("stance_good", mode=Mode.RUN).summary.holds == ()
    assert act("good", mode=Mode.STANCE).summary.steps == ()


def test_running_seen_from_the_front_is_not_judged_and_said():
    camera = Camera.framing(yaw_deg=75.0)
    runner, coach = VirtualScene(RunnerParams(act=Act.UPRIGHT), camera), CoachModel()
    for k in range(300):
        report = coach.update(runner.landmarks_at(k / 30))
    assert report.verdict == "not_judged"
    assert report.not_judged_because == "seen from the front: only tunnel, bounce and cadence"
    assert [cue.id for cue in coach.summary().cues] == ["standing"]


def walking_body(t_s: float) -> BodyPose:
    """A walker: highest while the ankles pass one another (the opposite of running)."""
    phase = 2 * math.pi * 0.9 * t_s
    xy = np.array(scene().landmarks_at(0.5).xy_px)
    swing = 60.0 * math.sin(phase)
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        for name in ("ANKLE", "HEEL", "TOE"):
            xy[Landmark[f"{side}_{name}"], 0] += sign * swing
        xy[Landmark[f"{side}_KNEE"], 0] += 0.5 * sign * swing
    xy[:, 1] += 8.0 * math.sin(phase) ** 2
    return BodyPose(t_s, xy, np.ones(LANDMARK_COUNT), SIZE)


def test_walking_is_never_judged_as_running():
    coach = CoachModel()
    reports = [coach.update(walking_body(k / 30)) for k in range(300)]
    coach.finish()
    assert reports[-1].activity is Activity.WALKING
    assert coach.summary().verdict == "not_judged"
    assert coach.summary().not_judged_because == "walking"
    assert coach.summary().contacts == ()


def test_run_guard_needs_moving_legs():
    guard = RunGuard()
    pose = scene().landmarks_at(1.0)
    body = body_from_pose(pose, Facing.RIGHT)
    for k in range(90):
        guard.update(body_from_pose(BodyPose(k / 30, pose.xy_px, pose.visibility, SIZE), Facing.RIGHT), 540.0)
    assert body.trunk_seen
    assert not guard.moving
    assert not guard.running
    assert not guard.walking


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_rubbish_landmarks_never_raise(data):
    coach = CoachModel(profile=RunnerProfile(178.0))
    t_s = 0.0
    for _ in range(40):
        t_s += data.draw(st.floats(-0.1, 0.4))
        kind = data.draw(st.sampled_from(["nobody", "random", "part", "same point"]))
        rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
        xy = rng.uniform(-1e4, 1e4, (LANDMARK_COUNT, 2))
        if kind == "nobody":
            xy[:] = np.nan
        elif kind == "part":
            xy[rng.random(LANDMARK_COUNT) < 0.5] = np.nan
        elif kind == "same point":
            xy[:] = 100.0
        report = coach.update(BodyPose(t_s, xy, np.ones(LANDMARK_COUNT), SIZE))
        assert report.verdict == "not_judged"
    coach.finish()
    coach.summary()
