"""Drills on virtual runners whose repetitions are known: exact counts, and nothing counted on bad data."""

from __future__ import annotations

import numpy as np
import pytest

from app.coach.drill_model import NO_STANDING, NOBODY, NOT_WHOLE, SIDE_ON, DrillModel
from app.coach.drill_rules import default_drills, parse_drills
from app.coach.drills import STAND_STILL, DrillPlan
from app.coach.report import Mode
from app.coach.reps import DrillId, DrillLog, DrillPhase, Rep
from app.coach.rules import RulesError
from app.coach.rules_check import _JOINT_TALK
from app.coach.types import BodyPose, Facing, RunnerProfile
from app.sim.acts import Act
from app.sim.camera import Camera
from app.sim.drill_moves import Move, MoveKind
from app.sim.drills import DrillScene, Spoiled, drawn_hinges, performance, stand

H = MoveKind.HINGE
NOISY = (5.0, 0.2, 0.05)
LOWER_PX = np.array((0.0, 120.0))


def ran(scene, drill, fps=20.0, plan=None, spoil_pose=None):
    """Return the model and all its reports."""
    model = DrillModel(plan or DrillPlan(drill, target=0, sets=1), RunnerProfile(scene.height_cm))
    reports = []
    for k in range(int(scene.seconds * fps)):
        pose = scene.landmarks_at(k / fps)
        reports.append(model.update(pose if spoil_pose is None else spoil_pose(pose)))
    model.finish()
    return model, reports


def counted(model):
    return [rep for rep in model.drill.log.reps if rep.counted]


@pytest.mark.parametrize(
    ("seed", "fps", "facing", "height_cm"),
    [(2, 15, Facing.RIGHT, 200), (3, 60, Facing.LEFT, 150), (4, 24, Facing.LEFT, 178)],
)
def test_hinges_are_counted_exactly_whatever_tempo_depth_and_pauses(seed, fps, facing, height_cm):
    scene = DrillScene(performance(H, drawn_hinges(seed, 5)), height_cm, facing, seed, Spoiled(*NOISY, seed))
    model, _ = ran(scene, DrillId.HINGE, fps)
    truth = [rep for rep in scene.reps() if rep.depth_deg > 20.0]
    reps = counted(model)
    assert len(reps) == len(truth) == 4
    assert [rep.verdict for rep in model.drill.log.reps if not rep.counted] == ["half"]
    for rep, true in zip(reps, truth, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=0.6)
        assert rep.depth == pytest.approx(true.depth_deg, abs=5.0)


def test_tempo_and_verdicts_of_hinges():
    hinges = [
        Move(H, depth_deg=50, down_s=1.6, pause_s=1.0, up_s=1.2),
        Move(H, depth_deg=60, back_to=0.5),
        Move(H, depth_deg=60, knee=0.8),
        Move(H, depth_deg=50, bow_deg=30),
        Move(H, depth_deg=40, down_s=0.25),
    ]
    model, reports = ran(DrillScene(performance(H, hinges)), DrillId.HINGE, 30)
    reps = model.drill.log.reps
    assert [rep.verdict for rep in reps] == ["good", "not_up", "sit", "round_back", "fast"]
    tempo = reps[0].tempo
    assert (tempo.down_s, tempo.pause_s, tempo.up_s) == pytest.approx((1.6, 1.0, 1.2), abs=0.2)
    assert reps[0].depth == pytest.approx(50.0, abs=1.5)
    said = [report.cue.spoken for report in reports if report.cue is not None]
    assert "1" in said
    assert "3. Hips back, don't sit down" in said
    # One thing a frame, never late, each count once.
    assert sum(words.startswith("4") for words in said) == 1


@pytest.mark.parametrize(("flight", "step_s", "fps"), [(0.0, 0.5, 15), (0.0, 0.6, 30), (0.12, 0.37, 60)])
def test_every_lifted_foot_is_a_step_and_walking_off_is_none(flight, step_s, fps):
    steps = Move(MoveKind.STEPS, steps=17, step_s=step_s, flight=flight, crouch=0.045)
    scene = DrillScene(performance(MoveKind.STEPS, [steps]), 165.0, seed=fps, spoiled=Spoiled(*NOISY, fps))
    model, reports = ran(scene, DrillId.TUNNEL_MARCH, fps)
    assert len(counted(model)) == 17
    cadences = [r.drill.cadence_spm for r in reports if r.drill.cadence_spm == r.drill.cadence_spm]
    assert cadences[len(cadences) // 2] == pytest.approx(60.0 / step_s, rel=0.08)


def test_a_head_above_the_roof_is_told():
    low, high = (
        ran(
            DrillScene(performance(MoveKind.STEPS, [Move(MoveKind.STEPS, steps=12, crouch=crouch)])),
            DrillId.TUNNEL_MARCH,
            30,
        )
        for crouch in (0.045, 0.0)
    )
    assert sum(rep.verdict == "roof" for rep in counted(low[0])) <= 2  # coming down from standing, and going back up
    assert sum(rep.verdict == "roof" for rep in counted(high[0])) >= 11
    assert any(r.cue is not None and r.cue.id == "tunnel" for r in high[1])


def test_holds_count_by_their_good_seconds():
    holds = [Move(MoveKind.ATHLETIC, seconds=6.5), Move(MoveKind.ATHLETIC, seconds=2.0)]
    scene = DrillScene(performance(MoveKind.ATHLETIC, holds, between_s=2.0), spoiled=Spoiled(*NOISY))
    model, _ = ran(scene, DrillId.ATHLETIC)
    assert [(rep.counted, rep.verdict) for rep in model.drill.log.reps] == [(True, "good"), (False, "half")]


def test_the_starting_line_wants_the_other_foot_where_the_legs_are_known():
    good = [Move(MoveKind.STANCE, seconds=4.5, rear=rear) for rear in (0, 0, 1)]
    drift = Move(MoveKind.STANCE, seconds=4.5, rear=0, act=Act.STANCE_PELVIS_DRIFT)
    scene = DrillScene(performance(MoveKind.STANCE, [*good, drift], between_s=2.0))
    model, _ = ran(scene, DrillId.START_LINE)
    reps = model.drill.log.reps
    assert [rep.verdict for rep in reps] == ["good", "same_side", "good", "pelvis_drift"]
    assert [rep.side for rep in reps] == ["right", "right", "left", "right"]
    assert reps[3].change == "Hips back to the wall behind you"


def test_sets_rest_and_the_end():
    scene = DrillScene((stand(4.0), *([Move(H), stand(0.8)] * 5)))
    model, reports = ran(scene, DrillId.HINGE, 20, DrillPlan(DrillId.HINGE, target=1, sets=2, rest_s=4.0))
    phases = list(dict.fromkeys(report.drill.phase for report in reports))
    assert phases == [DrillPhase.PAUSED, DrillPhase.ARMED, DrillPhase.MOVING, DrillPhase.RESTING, DrillPhase.DONE]
    assert len(counted(model)) == 2
    assert [rep.set_number for rep in counted(model)] == [1, 2]
    said = [report.cue.spoken for report in reports if report.cue is not None]
    assert "1. Set 1 done. Rest 4 seconds" in said
    assert "1. All done. 2 in all" in said
    assert model.summary().drill.done
    assert model.summary().mode is Mode.DRILL


@pytest.mark.parametrize(
    ("why", "bad"),
    [
        (NOBODY, lambda pose: BodyPose.nobody(pose.t_s, pose.image_size_px)),
        ("somebody is in front", lambda pose: BodyPose.nobody(pose.t_s, pose.image_size_px, "somebody is in front")),
        (NOT_WHOLE, lambda pose: BodyPose(pose.t_s, pose.xy_px + LOWER_PX, pose.visibility, pose.image_size_px)),
    ],
)
def test_bad_data_pauses_with_the_reason_and_nothing_is_counted(why, bad):
    scene = DrillScene((stand(4.0), Move(H), stand(1.5), Move(H, pause_s=1.0), stand(2.0), Move(H), stand(1.5)))
    middle_s = scene.starts_s[3] + 1.2

    def spoil_pose(pose):
        return bad(pose) if middle_s <= pose.t_s < middle_s + 0.7 else pose

    model, reports = ran(scene, DrillId.HINGE, 30, spoil_pose=spoil_pose)
    assert [round(rep.start_s) for rep in counted(model)] == [4, round(scene.starts_s[5])]
    assert why in {report.drill.paused_because for report in reports}


def test_without_a_standing_or_from_the_front_nothing_is_counted():
    moving = DrillScene(tuple([Move(H, pause_s=0.0), stand(0.2)] * 4))
    model, reports = ran(moving, DrillId.HINGE)
    assert not model.drill.log.reps
    assert {report.drill.paused_because for report in reports} <= {NO_STANDING, STAND_STILL}
    front = DrillScene((stand(5.0), Move(H), stand(1.0)), camera=Camera.framing(yaw_deg=80.0))
    model, reports = ran(front, DrillId.HINGE)
    assert not model.drill.log.reps
    assert reports[-1].drill.paused_because == SIDE_ON


def test_the_list_can_be_corrected_and_keeps_the_original():
    log = DrillLog()
    for k in range(3):
        log.take(Rep(0, k, k + 0.5, 45.0, None, True, "good"))
    log.remove(2)
    added = log.add(1.7)
    log.set_verdict(3, "half", counted=False)
    assert log.count() == 2
    assert [rep.number for rep in log.reps] == [1, added.number, 3]
    assert log.entries[1].original is not None
    log.restore(2)
    log.restore(3)
    assert log.count() == 4
    with pytest.raises(KeyError, match="no repetition 9"):
        log.remove(9)


def test_what_is_said_is_data_and_speaks_of_the_world():
    drills = default_drills()
    for spec in drills.drills.values():
        for words in spec.change.values():
            assert not _JOINT_TALK.search(words.spoken), words
    own = parse_drills('[drill.hinge]\ntarget = 5\n[said.half]\nspoken = "Not far enough"', "mine")
    assert own.drills[DrillId.HINGE].target == 5
    assert own.said["half"].spoken == "Not far enough"
    with pytest.raises(RulesError, match=r"mine, line 2: drill\.hinge\.target: must be a whole number"):
        parse_drills("[drill.hinge]\ntarget = 1.5", "mine")
    with pytest.raises(RulesError, match=r"line 2: drill\.hinge\.band\.least_depth_deg: must be above half_depth_deg"):
        parse_drills("[drill.hinge.band]\nleast_depth_deg = 5.0", "mine")


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ("drill.hinge.target = 0", "line 1: drill.hinge.target: must be 1 or more"),
        ("drill.hinge.target = true", "line 1: drill.hinge.target: must be a whole number"),
        ("drill.hinge.rest_s = 'long'", "line 1: drill.hinge.rest_s: must be a number"),
        ("drill.hinge.rest_s = inf", "line 1: drill.hinge.rest_s: must be from 0 to 3600"),
        ("drill.hinge.band = 5", "line 1: drill.hinge.band: must be a table"),
        ("drill.hinge.goal = 5", "line 1: drill.hinge.goal: unknown: use title, how, target"),
        ("\n[said.half]\nspoken = 7", "line 3: said.half.spoken: must be text"),
        ("said.half.spoken = ' '", "line 1: said.half.spoken: must be text"),
        ("said.half.spoken = 'Half{'", "line 1: said.half.spoken: has a brace without its other half"),
        ("said.half.spoken = '{reps} {depth}'", "has an unknown slot: use change, n, reps, rest, set, sets, target"),
        ('said.half.spoken = "a\\u0007b"', "holds a character that can be neither shown nor said"),
        ("said.half.spoken = 'a b c d e f g h i j k'", "has 11 words: at most 10"),
        ("said.half.shown = 'TWENTY FIVE CHARACTERS NOW'", "26 characters are too long: at most 24"),
        ("[[[", "this is no TOML"),
        ("# " + "x" * 50_000, "50002 characters are no file of drills (most: 50000)"),
    ],
)
def test_what_is_wrong_with_own_drills_is_named(own, problem):
    with pytest.raises(RulesError) as caught:
        parse_drills(own, "mine")
    assert problem in str(caught.value)
    assert len(caught.value.problems) == 1
