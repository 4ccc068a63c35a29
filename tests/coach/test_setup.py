"""The set-up guide on virtual runners: each check fails when it should and only then, one thing is said at a time."""

from __future__ import annotations

import math
import string
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from app.coach.model import CoachModel
from app.coach.report import Mode, StandingStatus
from app.coach.setup import SetupGuide, SetupPhase
from app.coach.setup_checks import CheckState, Picture
from app.coach.setup_words import CheckId, parse_words, setup_words
from app.coach.types import LANDMARK_COUNT, BodyPose, Doubt, Facing, Landmark, RunnerProfile
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene

GOOD = Picture(mean=110.0, low=30.0, high=220.0, body_high=140.0)
FPS = 25.0
HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
FEET = tuple(range(Landmark.LEFT_ANKLE, Landmark.RIGHT_TOE + 1))


@lru_cache(maxsize=32)
def landmarks(seconds, fps, facing, camera):
    scene = VirtualScene(RunnerParams(facing=facing, standing_s=60.0), camera, noise=Noise(landmark_sd_px=2.0))
    return tuple(scene.landmarks_at(k / fps) for k in range(round(seconds * fps)))


def poses(
    seconds=2.6, fps=FPS, facing=Facing.RIGHT, camera=None, shift=0.0, hide=(), doubts=(), start_s=0.0, **framing
):
    """Standing, found with 2 px of noise; ``shift`` px moves the picture up, ``hide`` takes landmarks away."""
    camera = camera or Camera.framing(**framing)
    camera = replace(camera, shift_px=camera.shift + shift)
    for k, pose in enumerate(landmarks(seconds, fps, facing, camera)):
        xy_px = pose.xy_px.copy()
        xy_px[list(hide)] = math.nan
        yield replace(pose, t_s=start_s + k / fps, xy_px=xy_px, doubts=frozenset(doubts))


def watched(frames, guide=None, picture=GOOD, others=None):
    guide = guide or SetupGuide(RunnerProfile(178.0))
    return [guide.update(pose, picture, others) for pose in frames]


def failed(report):
    return {f"{check.id}.{check.code}" for check in report.checks if check.state is CheckState.FAIL}


def said(reports):
    return [report.say.id for report in reports if report.say is not None]


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
@pytest.mark.parametrize("fps", [24.0, 60.0])
def test_a_good_set_up_is_ready_within_three_seconds(fps, facing):
    reports = watched(poses(3.0, fps=fps, facing=facing))
    assert {check.state for check in reports[-1].checks} == {CheckState.PASS}
    assert [report.t_s < 3.0 for report in reports if report.ready] == [True]
    assert reports[-1].phase is SetupPhase.COUNTDOWN
    assert said(reports) == ["setup_ready"]


SCENES = {
    "dark": ({}, {"picture": Picture(30.0, 5.0, 60.0, 40.0)}, "light.dark"),
    "covered lens": ({}, {"picture": Picture(2.0, 1.0, 4.0)}, "light.dark"),
    "fogged lens": ({}, {"picture": Picture(120.0, 119.0, 123.0)}, "light.flat"),
    "backlit": ({}, {"picture": Picture(150.0, 20.0, 250.0, 40.0)}, "light.backlit"),
    "far": ({"body_fraction": 0.4}, {}, "size.far"),
    "near": ({"body_fraction": 0.87}, {}, "size.near"),
    "cut feet": ({"shift": -150.0}, {}, "frame.feet"),
    "cut head": ({"shift": 130.0}, {}, "frame.head"),
    "no room above": ({"shift": 60.0}, {}, "frame.room_above"),
    "at the edge": ({"camera": replace(Camera.framing(), shift_x_px=480.0)}, {}, "frame.ahead"),
    "at the other edge": ({"camera": replace(Camera.framing(), shift_x_px=-480.0)}, {}, "frame.behind"),
    "turned": ({"yaw_deg": 22.0}, {}, "side.turned"),
    "front": ({"yaw_deg": 90.0}, {}, "side.front"),
    "rolled": ({"roll_deg": 6.0}, {}, "level.tilted"),
    "rolled far": ({"roll_deg": -12.0}, {}, "level.tilted"),
    "hips hidden": ({"hide": HIPS}, {}, "covered.hips"),
    "feet hidden": ({"hide": FEET}, {}, "covered.feet"),
    "two people": ({}, {"others": 1}, "person.others"),
    "somebody else": ({"doubts": (Doubt.SOMEBODY_ELSE,)}, {}, "person.others"),
    "slow": ({"fps": 10.0}, {}, "rate.camera"),
    "slow computer": ({"fps": 10.0}, {"picture": replace(GOOD, camera_fps=30.0)}, "rate.computer"),
    "hand-held": ({"doubts": (Doubt.CAMERA_UNSTEADY,)}, {}, "steady.held"),
    "just moved": ({"doubts": (Doubt.CAMERA_MOVED,)}, {}, "steady.moved"),
}


@pytest.mark.parametrize(("scene", "around", "fails"), SCENES.values(), ids=SCENES)
def test_each_check_fails_when_it_should_and_no_other(scene, around, fails):
    reports = watched(poses(**scene), **around)
    assert failed(reports[-1]) == {fails}
    assert reports[-1].problem is not None
    assert f"{reports[-1].problem.id}.{reports[-1].problem.code}" == fails
    assert said(reports) == [f"setup_{fails.replace('.', '_')}"]
    assert not any(report.ready for report in reports)
    assert reports[-1].message == reports[-1].problem.line
    assert not reports[-1].message.endswith(".")


@pytest.mark.parametrize(
    ("scene", "good"),
    [({"yaw_deg": 15.0}, CheckId.SIDE), ({"roll_deg": 2.0}, CheckId.LEVEL), ({"body_fraction": 0.62}, CheckId.SIZE),
     ({"body_fraction": 0.83}, CheckId.SIZE), ({"body_fraction": 0.83}, CheckId.FRAME)],
)  # fmt: skip
def test_what_is_good_enough_passes(scene, good):
    assert watched(poses(**scene))[-1][good].state is CheckState.PASS


def test_values_are_those_of_the_scene_and_the_fix_names_them():
    rolled = watched(poses(roll_deg=6.0))[-1][CheckId.LEVEL]
    assert rolled.value == pytest.approx(6.0, abs=0.5)
    assert "left side" in rolled.line
    assert "right side" in watched(poses(roll_deg=-6.0, facing=Facing.LEFT))[-1][CheckId.LEVEL].line
    assert watched(poses(yaw_deg=33.0))[-1][CheckId.SIDE].value == pytest.approx(33.0, abs=3.0)
    far = watched(poses(body_fraction=0.36))[-1][CheckId.SIZE]
    assert far.value == pytest.approx(36.0, abs=1.0)
    # Half of what is aimed at: half the distance too far; 70 degrees wide, 1.78 m over .36 of 720 px are 6.25 m away.
    assert "about 310 cm closer" in far.line
    unknown = watched(poses(body_fraction=0.36), SetupGuide())[-1][CheckId.SIZE]
    assert "about 4 steps closer" in unknown.line


def test_the_first_thing_to_put_right_is_said_first_and_then_the_next():
    dark = Picture(30.0, 5.0, 60.0, 40.0)
    guide = SetupGuide(RunnerProfile(178.0))
    reports = watched(poses(5.0, yaw_deg=33.0, body_fraction=0.4), guide, dark)
    assert failed(reports[-1]) == {"light.dark", "size.far", "side.turned"}
    assert said(reports) == ["setup_light_dark"]
    reports = watched(poses(5.0, yaw_deg=33.0, body_fraction=0.4, start_s=5.0), guide)
    assert said(reports) == ["setup_size_far"]
    reports = watched(poses(4.0, yaw_deg=33.0, start_s=10.0), guide)
    assert said(reports) == ["setup_side_turned"]
    assert said(watched(poses(6.0, start_s=14.0), guide))[0] == "setup_ready"


def test_the_same_thing_is_said_again_later_in_other_words():
    reports = [r.say for r in watched(poses(9.0, body_fraction=0.4)) if r.say is not None]
    assert [cue.id for cue in reports] == ["setup_size_far"] * 2
    assert reports[1].t_s - reports[0].t_s >= 7.0
    assert reports[0].spoken != reports[1].spoken
    assert [cue.expires_s - cue.t_s for cue in reports] == pytest.approx([2.0, 2.0])


def test_one_odd_moment_changes_nothing():
    guide = SetupGuide(RunnerProfile(178.0))
    watched(poses(2.0), guide)
    odd = watched(poses(0.25, start_s=2.0, yaw_deg=33.0, hide=HIPS), guide)
    assert not any(failed(report) for report in odd)
    assert not failed(watched(poses(1.2, start_s=2.25), guide)[-1])


def test_a_rate_that_is_judged_but_poor_is_told_once_and_may_stay():
    reports = watched(poses(9.0, fps=18.0))
    assert said(reports)[:2] == ["setup_rate_camera", "setup_ready"]
    assert any(report.ready for report in reports)


def test_a_rail_over_the_hips_is_told_once_and_may_stay():
    reports = watched(poses(6.0), picture=replace(GOOD, rail=True))
    assert failed(reports[-1]) == {"covered.rail"}
    assert said(reports)[:2] == ["setup_covered_rail", "setup_ready"]


def test_standing_is_asked_for_before_the_camera_is_called_level():
    scene = VirtualScene(RunnerParams(standing_s=0.0), Camera.framing())
    running = [replace(scene.landmarks_at(4.0 + k / FPS), t_s=k / FPS) for k in range(75)]
    reports = watched(running)
    assert reports[-1][CheckId.LEVEL].state is CheckState.UNKNOWN
    assert reports[-1].problem.code == "stand"
    assert not any(report.ready for report in reports)


def test_the_wrong_way_round_is_told_where_one_was_chosen():
    reports = watched(poses(facing=Facing.LEFT), SetupGuide(facing=Facing.RIGHT))
    assert failed(reports[-1]) == {"side.wrong_way"}
    assert [r.say.spoken for r in reports if r.say] == ["You face left. Turn round"]
    assert not failed(watched(poses(facing=Facing.LEFT), SetupGuide(facing=Facing.LEFT))[-1])


def test_the_front_is_offered_as_tunnel_only_and_taken_by_who_stays():
    guide = SetupGuide(RunnerProfile(178.0))
    reports = watched(poses(13.0, yaw_deg=90.0), guide)
    assert reports[60].offer == "tunnel only"
    assert not reports[60].tunnel_only
    assert [name for name in said(reports) if "front" not in name][:2] == ["setup_tunnel_only", "setup_ready"]
    assert reports[-1].tunnel_only
    wanted = watched(poses(3.0, yaw_deg=90.0), SetupGuide(tunnel_only=True))
    assert any(report.ready for report in wanted)


def test_ready_counts_down_and_has_the_coach_calibrate():
    """Hands-free from walking in to the standing taken; every word by itself, three seconds of still standing."""
    guide, coach = SetupGuide(RunnerProfile(178.0)), CoachModel(Mode.RUN, RunnerProfile(178.0))
    reports = []
    for pose in poses(14.0):
        report = coach.update(pose)
        reports.append(guide.update(pose, GOOD, standing=report.standing))
        if reports[-1].calibrate:
            assert coach.standing is not None  # taken by itself while the checks went on: it is taken again
            coach.start_calibration()
    assert said(reports) == [f"setup_{name}" for name in ("ready", "three", "two", "one", "hold")]
    assert [r.say.spoken for r in reports if r.say][1:] == ["Three", "Two", "One", "Hold"]
    assert sum(report.calibrate for report in reports) == 1
    assert {report.countdown for report in reports} == {None, 3, 2, 1}
    assert reports[-1].phase is SetupPhase.DONE
    done_s = next(report.t_s for report in reports if report.phase is SetupPhase.DONE)
    began_s = next(report.t_s for report in reports if report.calibrate)
    assert 3.0 <= done_s - began_s < 3.3


def test_a_camera_moved_in_the_countdown_leads_back():
    guide = SetupGuide(RunnerProfile(178.0))
    assert watched(poses(4.0), guide)[-1].phase is SetupPhase.COUNTDOWN
    reports = watched(poses(2.0, start_s=4.0, roll_deg=6.0, doubts=(Doubt.CAMERA_MOVED,)), guide)
    assert reports[-1].phase is SetupPhase.CHECKING
    assert not any(report.calibrate for report in reports)


def test_a_standing_that_is_refused_is_spoken_of_and_given_up_in_the_end():
    guide = SetupGuide(RunnerProfile(178.0))
    waiting = StandingStatus("none", True, 0.0, "Feet together, side by side")
    reports = [guide.update(pose, GOOD, standing=waiting) for pose in poses(21.0)]
    assert "Feet together, side by side" in [r.say.spoken for r in reports if r.say is not None]
    assert reports[-1].phase is not SetupPhase.DONE
    assert said(reports).count("setup_ready") >= 2


def test_a_pose_that_leaps_about_while_the_head_is_still_is_something_in_the_way():
    rng, frames = np.random.default_rng(1), []
    for pose in poses():
        xy_px = pose.xy_px.copy()
        if rng.random() < 0.3:
            xy_px[list(FEET)] += (90.0, -60.0)
        frames.append(replace(pose, xy_px=xy_px))
    assert "covered.jumping" in failed(watched(frames)[-1])


def test_nobody_nan_and_time_going_back():
    guide = SetupGuide()
    empty = [BodyPose.nobody(k / FPS, (1280, 720)) for k in range(60)]
    reports = watched(empty, guide)
    assert failed(reports[-1]) == {"person.nobody"}
    assert said(reports) == ["setup_person_nobody"]
    assert {c.state for c in reports[-1].checks if c.id not in ("rate", "light", "steady", "person")} == {
        CheckState.UNKNOWN
    }
    again = guide.update(BodyPose.nobody(0.5, (1280, 720)), GOOD)
    assert (again.checks, again.say, again.ready) == (reports[-1].checks, None, False)
    for t_s in (math.nan, -math.inf, math.inf):
        with pytest.raises(ValueError, match="t_s must be a time"):
            BodyPose.nobody(t_s, (1280, 720))
    # All in one point, then without a picture's size: nothing to divide by.
    for size_px in ((1280, 720), (0, 0)):
        point = [
            BodyPose(2.0 + k / FPS, np.full((LANDMARK_COUNT, 2), 5.0), np.ones(LANDMARK_COUNT), size_px)
            for k in range(40)
        ]
        assert failed(watched(point, SetupGuide())[-1]) == {"person.nobody"}
    somebody = watched((replace(p, image_size_px=(0, 0)) for p in poses()), SetupGuide())
    assert not any(report.ready for report in somebody)
    nothing = Picture(math.nan, math.nan, math.nan)
    assert watched(poses(), SetupGuide(), nothing)[-1][CheckId.LIGHT].state is CheckState.UNKNOWN


def test_a_gap_begins_the_holding_anew():
    guide = SetupGuide(RunnerProfile(178.0))
    watched(poses(1.0), guide)
    after = watched(poses(0.4, start_s=60.0, body_fraction=0.4), guide)
    assert not failed(after[-1])
    assert failed(watched(poses(1.0, start_s=60.4, body_fraction=0.4), guide)[-1]) == {"size.far"}


def test_every_word_is_there_and_can_be_filled_in():
    words, fields = setup_words(), {"value", "move", "move_exactly", "seen", "wanted", "lower"}
    assert list(words.checks) == ["rate", "light", "steady", "person", "size", "frame", "covered", "side", "level"]
    for check in words.checks.values():
        assert check.title
        for way in check.ways.values():
            assert way.fix
            assert way.spoken
            assert way.shown.isupper()
            for text in (*way.spoken, way.fix):
                assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= fields
                assert "\n" not in text
    assert {"ready", "tunnel_only", "three", "two", "one", "hold"} <= set(words.said)
    with pytest.raises(KeyError, match="no words for"):
        parse_words("[check.rate]\ntitle = 'x'\npassed = 'y'\n[said]\n")
