"""A session judged again comes to the same, to the last byte; by other rules it comes to something else."""

import json
from dataclasses import replace

import numpy as np
import pytest

from app.coach import drill_model, drills
from app.coach.dose import Dose
from app.coach.drill_rules import parse_drills
from app.coach.drills import DrillPlan
from app.coach.report import FaultId, Mode
from app.coach.reps import DrillId
from app.coach.rules import default_rules, parse_rules
from app.coach.types import BodyPose, Doubt, Facing, RunnerProfile
from app.store.analysis_json import to_text
from app.store.sessions import recipe as recipes
from app.store.sessions.grid import on_grid
from app.store.sessions.recipe import Recipe

PROFILE = RunnerProfile(178.0)


def odd(poses):
    """What happens to real poses: nobody for a while, a frame twice, doubts, another picture size."""
    poses = list(poses)
    for k in range(300, 330):
        poses[k] = BodyPose.nobody(poses[k].t_s, poses[k].image_size_px, "two people")
    poses[200] = poses[199]
    poses[250] = replace(poses[250], doubts=frozenset({Doubt.HEAD_TURNED, Doubt.LEGS_CROSSING}))
    poses[260] = replace(poses[260], image_size_px=(640, 360), markers=False, sides=True)
    return poses


@pytest.mark.parametrize(
    ("act", "recipe", "jitter_px", "expected"),
    [
        ("ankle_lean", Recipe(Mode.AUTO, PROFILE), 1.0, "ankle_lean"),
        ("good", Recipe(Mode.RUN, PROFILE, facing=Facing.RIGHT, dose=Dose(6, 600.0)), 0.0, "good"),
        ("stance_pelvis_drift", Recipe(Mode.STANCE, PROFILE), 1.0, "pelvis_drift"),
    ],
)
def test_a_replay_is_the_same_to_the_last_byte(store, act, recipe, jitter_px, expected):
    poses = odd(store.poses(act, 480, jitter_px))
    session, document = store.record(poses, recipe)
    with store.history() as history:
        again = history.document(session)
        assert to_text(again) == to_text(document) == to_text(history.get(session).summary)
        row = history.find(session)
        assert (row.verdict, row.frames) == (expected, 480)
        kept = list(history.frames(session))
    assert [pose.t_s for pose in kept] == [pose.t_s for pose in poses]
    for one, other in zip(kept, poses, strict=True):
        np.testing.assert_array_equal(one.xy_px, on_grid(other).xy_px)
        assert (one.absence, one.doubts, one.image_size_px) == (other.absence, other.doubts, other.image_size_px)


def test_requests_are_repeated_at_their_frames(store):
    asks = {
        150: lambda coach: coach.set_mode(Mode.STANCE),
        200: lambda coach: coach.start_calibration(),
        240: lambda coach: coach.never_cue(frozenset({FaultId.TALL})),
        320: lambda coach: coach.set_mode(Mode.RUN),
    }
    poses = store.poses("ankle_lean", 480)
    session, document = store.record(poses, asks=asks)
    plain, without = store.record(poses)
    assert to_text(document) != to_text(without), "the requests must matter for this test to say anything"
    with store.history() as history:
        assert history.document(session) == document
        assert history.document(plain) == without
        marks = [(mark.frame, mark.name, mark.value) for mark in history.marks(session)]
    assert marks == [
        (150, "set_mode", ["stance"]),
        (200, "calibrate", []),
        (240, "never_cue", ["tall"]),
        (320, "set_mode", ["run"]),
        (480, "finish", []),
    ]


def test_a_drill_with_the_users_corrections(store):
    recipe = Recipe(Mode.DRILL, PROFILE, plan=DrillPlan(DrillId.HINGE, 3))
    poses = store.poses("drill_hinge", 700, 0.0)

    def correct(coach):
        assert coach.drill.log.count() >= 1, "the figure has not hinged yet"
        coach.drill.log.remove(1)
        coach.drill.log.restore(1)
        coach.drill.log.set_verdict(1, "half", False)
        coach.drill.log.add(coach.drill.log.last.end_s)

    asks = {660: correct, 680: lambda coach: coach.drill.skip_rest()}
    session, document = store.record(poses, recipe, asks)
    with store.history() as history:
        assert history.document(session) == document
        assert [mark.name for mark in history.marks(session)] == [
            "remove", "restore", "set_verdict", "add", "skip_rest", "finish",
        ]  # fmt: skip
        assert (history.find(session).mode, history.find(session).drill) == ("drill", "hinge")
        result = history.replay(session).drill
    assert (result.entries[0].now.verdict, result.entries[0].now.by_user) == ("half", True)


def test_other_rules_find_something_else(store):
    lenient = parse_rules("[fault.ankle_lean.running]\non = 69.0\noff = 68.0", "lenient.toml", default_rules())
    session, _ = store.record(store.poses("ankle_lean", 480), store.with_rules(lenient))
    with store.history() as history:
        assert history.find(session).rules_name == "lenient.toml"
        then, today = history.replay(session), history.replay(session, default_rules())
    assert (then.rules, today.rules) == ("lenient.toml", "default")
    assert FaultId.ANKLE_LEAN not in {fault.id for fault in then.faults}
    assert today.verdict == "ankle_lean"


def test_lists_agree_with_the_document(store):
    session, document = store.record(store.poses("ankle_lean", 480), person="Anna")
    with store.history() as history:
        steps, cues, faults = history.steps(session), history.cues(session), history.faults(session)
        summary = history.replay(session)
    assert [one.number for one in steps] == list(range(1, len(document["run"]["steps"]) + 1))
    assert repr([one.step for one in steps]) == repr(list(summary.steps))
    assert {one.verdict for one in steps} == {"not_judged", "ankle_lean"}
    said = [(cue.id, round(cue.t_s, 3), cue.evidence and cue.evidence["steps"]) for cue in cues]
    told = [(cue["id"], cue["t_s"], cue["because"] and cue["because"]["steps"]) for cue in document["cues"]]
    assert said == told
    assert len(said) >= 2
    assert faults[0].fault == "ankle_lean"
    assert 2.0 < faults[0].start_s < faults[0].end_s <= 8.0
    json.dumps([cue.evidence for cue in cues], allow_nan=False)


def test_a_drill_is_repeated_by_its_own_drills_when_those_of_the_app_have_changed(store, monkeypatch):
    """The figure bends its hip by 66 degrees; the app of now wants 89."""
    recipe = Recipe(Mode.DRILL, PROFILE, plan=DrillPlan(DrillId.HINGE, 3))
    session, document = store.record(store.poses("drill_hinge", 700, 0.0), recipe)
    assert document["drill"]["counted"] == 2
    later = parse_drills("[drill.hinge.band]\nhalf_depth_deg = 88.0\nleast_depth_deg = 89.0", "default")
    for module in (recipes, drill_model, drills):
        monkeypatch.setattr(module, "default_drills", lambda: later)
    with store.history() as history:
        assert history.recipe(session).drills is not None
        assert history.document(session) == document
        today = history.document(session, default_rules())
    assert today["drill"]["counted"] == 0
