"""The set-up guide in a session: fed with every frame, heard as cues, and the coach calibrates when it says so."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from app.capture.virtual import VirtualSource
from app.coach.model import CoachModel
from app.coach.report import Activity, Mode
from app.coach.setup import SetupGuide, SetupPhase
from app.coach.setup_checks import CheckState
from app.coach.setup_words import CheckId
from app.coach.types import BodyPose, Frame, RunnerProfile
from app.pose.estimator import OracleEstimator
from app.session import EventKind, Session
from app.session.guiding import Guiding
from app.session.light import picture_of
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.extras import Extras
from app.sim.scene import VirtualScene

SIZE_PX = (320, 180)


def scene(brightness=1.0, standing_s=60.0):
    extras = Extras(brightness=brightness)
    return VirtualScene(RunnerParams(standing_s=standing_s), Camera.framing(SIZE_PX), extras=extras)


def run(source):
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    with Session(source, OracleEstimator, coach, guide=SetupGuide(coach.profile)) as session:
        analyses, events = [], []
        while (analysis := session.step()) is not None:
            analyses.append(analysis)
            events += session.events()
    return analyses, [event.payload.id for event in events if event.kind is EventKind.CUE]


def test_from_walking_in_to_the_standing_taken_without_a_hand():
    analyses, cues = run(VirtualSource(scene(), 24.0, 12.0, render=False))
    assert cues == [*(f"setup_{name}" for name in ("ready", "three", "two", "one", "hold")), "standing"]
    assert analyses[-1].setup.phase is SetupPhase.DONE
    assert analyses[-1].report.standing.source == "recorded"


def test_the_picture_is_measured_and_a_dark_room_told():
    analyses, cues = run(VirtualSource(scene(brightness=0.25), 24.0, 1.5))
    light = analyses[-1].setup[CheckId.LIGHT]
    assert (light.state, light.code) == (CheckState.FAIL, "dark")
    assert cues == ["setup_light_dark"]
    assert run(VirtualSource(scene(), 24.0, 1.5))[0][-1].setup[CheckId.LIGHT].state is CheckState.PASS


def test_without_a_guide_nothing_is_said_of_it(fakes):
    session = Session(fakes.Source(count=1), fakes.Estimator, fakes.Coach())
    assert session.step().setup is None
    session.stop()


def test_who_runs_already_is_not_talked_to(fakes):
    class Talker(SetupGuide):
        def update(self, pose, *rest, **more):
            return replace(super().update(pose, *rest, **more), say="anything")

    guiding, frame = Guiding(Talker()), Frame(0, 1.0)
    pose = BodyPose.nobody(1.0, SIZE_PX)
    assert guiding.update(frame, pose, fakes.report, fakes.Coach(), math.nan).say is None
    standing = replace(fakes.report, activity=Activity.STANDING)
    assert guiding.update(replace(frame, t_s=1.1), pose, standing, fakes.Coach(), math.nan).say == "anything"


def test_luma_is_that_of_the_picture_and_of_the_body():
    pose = scene().landmarks_at(0.0)
    flat = np.full((180, 320, 3), (50, 100, 200), np.uint8)  # B, G, R
    luma = 0.114 * 50 + 0.587 * 100 + 0.299 * 200
    picture = picture_of(flat, pose, 30.0)
    assert (picture.mean, picture.low, picture.high, picture.body_high) == pytest.approx((luma,) * 4)
    assert picture.camera_fps == 30.0
    half = flat.copy()
    half[:, :160] = 0
    assert picture_of(half, pose).mean == pytest.approx(luma / 2, rel=0.02)
    nobody = picture_of(flat, BodyPose.nobody(0.0, SIZE_PX))
    assert math.isnan(nobody.body_high)
    assert math.isnan(nobody.camera_fps)
    tiny = picture_of(np.zeros((16, 16, 3), np.uint8), pose)
    assert tiny.mean == 0.0
