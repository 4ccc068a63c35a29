"""The session with the real rooms below it: virtual runner, oracle, coach."""

import threading

import pytest

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.coach.types import RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import EventKind, Phase, Session
from app.sim.acts import Act, RunnerParams
from app.sim.camera import Camera
from app.sim.scene import VirtualScene


def make(observers=(), *, realtime=False, seconds=9.0, fps=30.0):
    scene = VirtualScene(RunnerParams(act=Act.STANDING_UP, standing_s=2.0), Camera.framing())
    source = VirtualSource(scene, fps, seconds, realtime, render=False)
    return Session(source, OracleEstimator, CoachModel(profile=RunnerProfile(178.0)), observers)


def test_the_rooms_that_may_not_know_each_other_agree_on_the_smallest_picture():
    from app.capture import opencv
    from app.pose import estimator

    assert opencv.MIN_SIDE_PX == estimator.MIN_SIDE_PX


@pytest.fixture(scope="module")
def stepped():
    reports = []
    session = make((lambda analysis: reports.append(repr(analysis.report)),))
    events = []
    while session.step() is not None:
        events += session.events()
    return reports, events, repr(session.summary())


def test_threads_and_steps_judge_the_same(stepped):
    reports = []
    session = make((lambda analysis: reports.append(repr(analysis.report)),))
    session.start()
    assert session.wait(60.0)
    assert reports == stepped[0]
    assert repr(session.summary()) == stepped[2]


def test_every_step_and_cue_comes_as_one_event(stepped):
    _, events, _ = stepped
    kinds = [event.kind for event in events]
    assert kinds.count(EventKind.CUE) >= 2  # the standing reference is taken; the fault is cued
    assert kinds.count(EventKind.STEP) >= 12
    cue = next(event for event in events if event.kind is EventKind.CUE and event.payload.because)
    assert cue.payload.because in ("standing_up", "tunnel")
    assert cue.expires_s == cue.payload.expires_s > cue.t_s


def test_in_real_time_frames_are_young_and_the_window_may_look_whenever_it_likes():
    enough = threading.Event()
    session = make(
        (lambda analysis: analysis.frame.index >= 30 and enough.set(),), realtime=True, seconds=30.0, fps=60.0
    )
    session.start()
    assert enough.wait(20.0)
    status = session.status()
    assert status.phase is Phase.RUNNING
    assert session.latest() is not None
    assert 0.0 <= status.age_ms_p50 < 1e3 / 60.0
    assert session.stop()
    assert session.status().phase is Phase.STOPPED
