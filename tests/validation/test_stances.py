"""The validation of the stances: its scenes, what it counts, and the command."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.sim.acts import Act
from app.sim.body import FAR, NEAR
from app.validation.acts_run import keep_poses
from app.validation.stances import (
    FIRST_SEED,
    RUNS,
    STANCE_SCENES,
    STANCES,
    StanceRun,
    judge_run,
    quick_stance_scenes,
    stance_scenes,
)
from app.validation.stances_report import stances_document


def made(act: Act, verdict: str, labels: tuple[str, ...] = ()) -> StanceRun:
    scene = next(scene for scene in STANCE_SCENES if scene.act is act)
    return StanceRun(scene, verdict, "", None, labels, ())


def test_every_stance_is_seen_from_both_sides_with_either_foot_behind_by_bodies_of_their_own():
    assert len(STANCE_SCENES) == RUNS * len(STANCES) == 84
    assert len({scene.name for scene in STANCE_SCENES}) == len({scene.seed for scene in STANCE_SCENES}) == 84
    for act in STANCES:
        own = [scene for scene in STANCE_SCENES if scene.act is act]
        assert {(scene.facing, scene.rear) for scene in own} == {(f, r) for f in ("left", "right") for r in (NEAR, FAR)}
        assert len({scene.look for scene in own}) == 3
    assert min(scene.seed for scene in STANCE_SCENES) == FIRST_SEED
    assert {scene.act for scene in quick_stance_scenes()} == set(STANCES)


def test_bodies_differ_and_the_same_seed_is_the_same_body():
    one, other = stance_scenes(100, 2)[:2]
    pose, again = one.virtual().landmarks_at(6.0), one.virtual().landmarks_at(6.0)
    assert (pose.xy_px == again.xy_px).all()
    exact = replace(one, jitter=0.0).virtual().truth_at(6.0)
    jittered = one.virtual().truth_at(6.0)
    assert abs(exact.trunk_lean_deg - jittered.trunk_lean_deg) > 0.1
    assert other.seed != one.seed


def test_right_ones_wrong_ones_and_blame_are_counted():
    runs = [
        made(Act.STANCE_GOOD, "good", ("good",) * 98 + ("tall", "not_judged")),
        made(Act.STANCE_TALL, "tall", ("tall",)),
        made(Act.STANCE_TALL, "not_judged"),
        made(Act.STANCE_UPRIGHT, "tall", ("tall",) * 3),
    ]
    content = stances_document(runs)
    assert content is not None
    assert content["confusion"]["tall"] == {"tall": 1, "not_judged": 1}
    assert content["confusion"]["upright"] == {"tall": 1}
    assert (content["runs_right"], content["targets"][0]["value"], content["targets"][0]["met"]) == (2, 0.5, False)
    assert content["good"]["frames_blamed_share"] == pytest.approx(1 / 99, rel=1e-4)
    assert content["targets"][1]["met"] is True
    assert content["labels"]["tall"]["precision"] == 0.5
    assert stances_document([]) is None


def test_kept_poses_are_judged_from_the_command_line(cli, tmp_path):
    scene = next(s for s in quick_stance_scenes() if s.act is Act.STANCE_PELVIS_DRIFT)
    virtual = scene.virtual()
    poses = [virtual.landmarks_at(float(t)) for t in scene.times_s()]
    keep_poses(scene, poses, tmp_path)
    assert judge_run(scene, poses).right
    place = tmp_path / "v.json"
    code, out, err = cli("validate", "--part", "stances", "--from", tmp_path, "--scene", scene.name, "--json", place)
    assert code == 0, err
    assert "1 of 1 right" in out
    content = json.loads(place.read_text(encoding="utf-8"))
    assert content["stances"]["confusion"]["pelvis_drift"] == {"pelvis_drift": 1}
    assert content["options"]["stances"] == [scene.name]
    assert (content["acts"], content["scenes"]) == (None, [])
