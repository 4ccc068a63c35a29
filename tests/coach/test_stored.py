"""A standing of an earlier session: angles and scale at once, heights only where everything is as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

import pytest

from app.coach.model import CoachModel
from app.coach.report import Mode
from app.coach.stored import ANOTHER_CAMERA, STORED
from app.coach.types import Doubt, Facing, RunnerProfile
from app.sim.acts import RunnerParams
from app.sim.camera import Camera
from app.sim.landmarks import Noise
from app.sim.scene import VirtualScene

FPS = 30.0
CAMERA = Camera.framing()


@lru_cache(maxsize=16)
def landmarks(camera=CAMERA, facing=Facing.RIGHT, standing_s=1.2, seconds=2.6, seed=3):
    params = RunnerParams(facing=facing, standing_s=standing_s, seed=seed)
    scene = VirtualScene(params, camera, noise=Noise(landmark_sd_px=2.0, seed=seed))
    return tuple(scene.landmarks_at(k / FPS) for k in range(round(seconds * FPS)))


@pytest.fixture(scope="module")
def stored():
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    for pose in landmarks(standing_s=4.0, seconds=3.2, seed=0):
        coach.update(pose)
    assert coach.standing.source == "recorded"
    return replace(coach.standing, source=STORED)


def states(stored, poses):
    """Return the coach, and every change of (source, heights known) with its time."""
    coach, changes = CoachModel(Mode.RUN, RunnerProfile(178.0), stored), []
    for pose in poses:
        coach.update(pose)
        standing = coach.standing
        state = ("none", False) if standing is None else (standing.source, standing.has_heights)
        if not changes or changes[-1][1] != state:
            changes.append((pose.t_s, state))
    return coach, changes


def test_a_standing_tells_how_good_it_is_and_how_the_camera_stood(stored):
    assert stored.quality.frames >= 60
    assert 0.001 < stored.quality.ear_bh < 0.006  # 2 px of noise in two ears, of 540 px
    assert 0.3 < stored.quality.trunk_deg < 1.2
    assert stored.roll_deg == pytest.approx(0.0, abs=0.5)
    assert (stored.facing, stored.image_size_px) == (Facing.RIGHT, (1280, 720))
    assert stored.px_per_cm == pytest.approx(3.03, abs=0.04)


@pytest.mark.parametrize("facing", [Facing.RIGHT, Facing.LEFT])
def test_roll_is_that_of_the_camera_whichever_way_the_runner_faces(facing):
    coach = CoachModel(Mode.RUN, RunnerProfile(178.0))
    for pose in landmarks(Camera.framing(roll_deg=4.0), facing, standing_s=4.0, seconds=3.2, seed=0):
        coach.update(pose)
    assert coach.standing.roll_deg == pytest.approx(4.0, abs=0.6)


@pytest.mark.parametrize("standing_s", [1.2, 0.0])
def test_where_all_is_as_it_was_heights_follow_after_a_second(stored, standing_s):
    coach, changes = states(stored, landmarks(standing_s=standing_s))
    assert [state for _, state in changes] == [(STORED, False), (STORED, True)]
    assert changes[0][0] == 0.0
    assert 0.9 <= changes[1][0] <= 1.6
    assert coach.standing.ear_y_px == stored.ear_y_px
    assert coach.summary().warnings == ()
    assert coach.summary().cues == ()


def test_a_full_standing_here_takes_its_place(stored):
    coach, changes = states(stored, landmarks(standing_s=4.0, seconds=3.2))
    assert changes[-1][1] == ("recorded", True)
    assert [cue.id for cue in coach.summary().cues] == ["standing"]


@pytest.mark.parametrize(
    ("camera", "facing", "known", "says"),
    [
        (Camera.framing(body_fraction=0.79), Facing.RIGHT, "", r"you are [456]% nearer"),
        (Camera.framing(body_fraction=0.71), Facing.RIGHT, "", r"you are [456]% further off"),
        (replace(CAMERA, shift_px=CAMERA.shift - 20.0), Facing.RIGHT, "", "points higher or lower"),
        (Camera.framing(size_px=(1920, 1080)), Facing.RIGHT, "", "taken at 1280x720, the picture now is 1920x1080"),
        (CAMERA, Facing.RIGHT, ANOTHER_CAMERA, "another camera"),
    ],
    ids=["nearer", "further", "tipped", "picture size", "camera"],
)
def test_what_changed_is_told_and_heights_are_not_used(stored, camera, facing, known, says):
    coach, changes = states(replace(stored, stale=known), landmarks(camera, facing, standing_s=0.0))
    assert [state for _, state in changes] == [(STORED, False)]
    (warning,) = coach.summary().warnings
    assert re.search(says, warning)
    assert "heights are not" in warning
    true_px_per_cm = camera.focal / camera.distance_m / 100.0
    assert coach.standing.px_per_cm == pytest.approx(true_px_per_cm, rel=0.02)  # the scale is put right


def test_even_a_short_standing_here_is_better_than_a_stored_one_without_heights(stored):
    _, changes = states(replace(stored, stale=ANOTHER_CAMERA), landmarks(standing_s=1.6))
    assert [state for _, state in changes] == [(STORED, False), ("recorded", True)]


@pytest.mark.parametrize("roll_deg", [0.0, 4.0])
def test_who_faces_the_other_way_has_to_stand_anew(stored, roll_deg):
    # A rolled camera leans the other way for him: the stored angles would call good form a fault.
    coach, changes = states(stored, landmarks(Camera.framing(roll_deg=roll_deg), Facing.LEFT, standing_s=2.0))
    assert ("none", False) in [state for _, state in changes]
    assert changes[-1][1] == ("recorded", True)
    assert coach.summary().verdict in ("good", "not_judged")


def test_a_stored_standing_does_not_stand_in_the_way_of_the_front_view(stored):
    coach, changes = states(stored, landmarks(Camera.framing(yaw_deg=90.0), standing_s=4.0, seconds=8.0))
    assert changes[-1][1] == ("recorded", True)
    assert coach.standing.from_front


def test_another_roll_shows_in_a_short_standing_which_is_better_then(stored):
    coach, changes = states(stored, landmarks(Camera.framing(roll_deg=4.0), standing_s=1.4))
    assert changes[-1][1] == ("recorded", True)
    assert coach.standing.provisional
    _, same = states(stored, landmarks(standing_s=1.4))
    assert same[-1][1] == (STORED, True)


def test_a_camera_moved_later_makes_it_stale(stored):
    moved = [
        replace(pose, doubts=frozenset({Doubt.CAMERA_MOVED})) if k == 60 else pose
        for k, pose in enumerate(landmarks(standing_s=0.0))
    ]
    coach, _ = states(stored, moved)
    assert any("the camera was moved" in line for line in coach.summary().warnings)
    last = replace(landmarks(standing_s=0.0)[-1], t_s=10.0)
    report = coach.update(last)
    assert report.standing.capturing
    assert report.verdict == "not_judged"
