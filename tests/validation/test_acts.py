"""The acts: what is run, how it is scored where the answer is known, poses that are kept, and the page made of it."""

from __future__ import annotations

import itertools
import json
import runpy
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.cli.acts_tables import print_acts
from app.cli.validate import print_validation
from app.coach.errors import WorldError
from app.coach.types import BodyPose, Doubt, Facing
from app.sim.acts import Act
from app.validation.acts import (
    ACT_SCENES,
    ACTS,
    FIRST_SEED,
    STANDING_S,
    ActRun,
    ActScene,
    CueGiven,
    Found,
    Purpose,
    judge,
    quick_act_scenes,
)
from app.validation.acts_report import acts_document, f1_scores, wilson
from app.validation.acts_run import keep_poses, load_poses, run_act
from app.validation.document import document
from app.validation.pool import run_acts

DOCS = Path(__file__).parents[2] / "docs"
FULL = [scene for scene in ACT_SCENES if scene.purpose is Purpose.FULL]
LONG = [scene for scene in ACT_SCENES if scene.purpose is Purpose.LONG]
HALF = [scene for scene in ACT_SCENES if scene.purpose is Purpose.HALF]


def scene(act=Act.UPRIGHT, purpose=Purpose.FULL, name="x") -> ActScene:
    magnitude = 0.5 if purpose is Purpose.HALF else 1.0
    return ActScene(name, purpose, act, Facing.RIGHT, 30.0, 178.0, 3.5, "dawn", 0.72, FIRST_SEED, magnitude, 9.0)


def made(act, verdict, labels=(), cues=(), purpose=Purpose.FULL, running_s=60.0) -> ActRun:
    found = {"trunk_lean_deg": Found(9.0, 8.0, 10.0, 10.5)}
    return ActRun(scene(act, purpose), verdict, "", tuple(labels), tuple(cues), running_s, found)


def test_every_act_meets_every_speed_with_every_stature_at_both_rates_and_facings():
    for act in ACTS:
        own = [s for s in FULL if s.act is act]
        assert len(own) == 12
        assert len({(s.speed_m_s, s.height_cm) for s in own}) == 9
        assert set(Counter((s.fps, s.facing) for s in own).values()) == {3}
        assert (len({s.look for s in own}), len({s.body for s in own})) == (3, 3)
    assert (min(s.speed_m_s for s in FULL), max(s.speed_m_s for s in FULL)) == (2.5, 4.5)
    assert (min(s.height_cm for s in FULL), max(s.height_cm for s in FULL)) == (160.0, 195.0)


def test_nothing_was_tuned_on_these_seeds_and_all_names_differ():
    assert min(s.seed for s in ACT_SCENES) >= 500
    assert len({s.seed for s in ACT_SCENES}) == len({s.name for s in ACT_SCENES}) == len(ACT_SCENES)


def test_there_are_ten_minutes_of_good_running_and_every_fault_at_half_size():
    assert sum(s.seconds - STANDING_S for s in LONG) >= 600.0
    assert {s.act for s in LONG} == {Act.GOOD}
    assert set(Counter(s.act for s in HALF).values()) == {4}
    assert {s.act for s in HALF} == set(ACTS[1:])
    assert {s.magnitude for s in HALF} == {0.5}


def test_the_run_stays_within_its_time():
    # 28 ms a frame on one of two cores: 25 min, and under 2 min for the quick one.
    assert sum(s.frames for s in ACT_SCENES) * 0.028 / 2 < 25 * 60
    assert [s.act for s in quick_act_scenes()] == list(ACTS)
    assert sum(s.frames for s in quick_act_scenes()) * 0.028 / 2 < 100


def test_f1_of_a_known_matrix():
    scores = f1_scores({"good": {"good": 3, "upright": 1}, "upright": {"upright": 2, "not_judged": 2}})
    assert scores["good"] == {"precision": 1.0, "recall": 0.75, "f1": pytest.approx(6 / 7)}
    assert scores["upright"] == {"precision": pytest.approx(2 / 3), "recall": 0.5, "f1": pytest.approx(4 / 7)}
    nothing = f1_scores({"good": {"upright": 1}, "upright": {}, "tall": {}})
    assert nothing["good"]["f1"] == 0.0
    assert nothing["tall"]["f1"] != nothing["tall"]["f1"]


def test_wilson_interval_of_a_share():
    assert wilson(8, 10) == (pytest.approx(0.490, abs=1e-3), pytest.approx(0.943, abs=1e-3))
    assert wilson(96, 96)[1] == pytest.approx(1.0)
    assert wilson(0, 0)[0] != wilson(0, 0)[0]


def test_steps_episodes_and_changes_of_a_run():
    labels = ("not_judged", "good", "upright", "upright", "good", "not_judged", "overstride", "upright")
    run = made(Act.UPRIGHT, "upright", labels)
    assert run.judged == ("good", "upright", "upright", "good", "overstride", "upright")
    assert run.right_steps == 3
    assert run.label_changes == 4
    assert run.episodes == ("upright", "overstride", "upright")


@pytest.fixture(scope="module")
def content():
    late, soon = CueGiven(9.0, "upright", False, 5.0, 14, 16), CueGiven(7.0, "upright", False, 3.0, 9, 10)
    early = CueGiven(6.0, "upright", False, -1.0, 0, 0)
    wrong = CueGiven(8.0, "overstride", False, 4.0, 12, 13)
    runs = [
        made(Act.GOOD, "good", ("good",) * 9 + ("upright",)),
        made(
            Act.GOOD, "good", ("good",) * 10, (CueGiven(20.0, "standing_up", True, 16.0, 40, 41),), Purpose.LONG, 540.0
        ),
        made(Act.UPRIGHT, "upright", ("upright",) * 4, (wrong, soon)),
        made(Act.UPRIGHT, "good", ("good", "upright"), (late,)),
        made(Act.OVERSTRIDE, "not_judged", ("not_judged",)),
        made(Act.UPRIGHT, "upright", ("upright",), (soon,), Purpose.HALF),
        made(Act.UPRIGHT, "overstride", ("overstride",), (wrong,), Purpose.HALF),
        made(Act.OVERSTRIDE, "good", ("good",), (), Purpose.HALF),
        made(Act.UPRIGHT, "good", ("good", "upright"), (early, soon), Purpose.CHANGE),
    ]
    asked = {"engine": "litert", "kept_poses": False}
    return document([], asked, {"version": "0", "model": "full"}, {"60 fps": {"found": 29}}, acts_document(runs))


def test_full_size_runs_and_steps_are_counted(content):
    full = content["acts"]["full"]
    assert full["confusion"]["upright"] == {"good": 1, "upright": 1}
    assert full["confusion"]["overstride"] == {"not_judged": 1}
    assert (full["runs"], full["right"]) == (4, 2)
    # Good: 2 of 3 doubled hits; upright the same; overstride 0; the other forms were neither acted nor named.
    assert full["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0.0) / 3, abs=1e-4)
    assert full["acts"]["upright"]["steps_right_share"] == pytest.approx(5 / 6, abs=1e-4)
    assert content["acts"]["flicker"]["all"]["changes_per_min"] == pytest.approx(2 / 4)


def test_good_form_is_counted_over_short_and_long_runs(content):
    good = content["acts"]["good"]
    assert (good["runs"], good["steps"], good["fault_steps"], good["episodes"]) == (2, 20, 1, 1)
    assert good["running_min"] == 10.0
    assert (good["episodes_per_10_min"], good["cues"], good["cues_of_the_roof"]) == (1.0, 1, 1)


def test_half_size_faults_by_name_and_by_what_was_said(content):
    row = content["acts"]["half"]["all"]
    assert row == {
        "runs": 3,
        "right": 1,
        "other_fault": 1,
        "good": 1,
        "not_judged": 0,
        "said": 2,
        "said_right": 1,
        "said_wrong": 1,
    }


def test_cues_are_early_late_or_wrong(content):
    cues = content["acts"]["cues"]
    assert (cues["upright"]["cued"], cues["upright"]["within"], cues["upright"]["wrong_cues"]) == (2, 1, 1)
    assert cues["upright"]["since_s"] == {"median": 4.0, "most": 5.0}
    assert cues["upright"]["counted_steps"] == {"median": 11.5, "most": 14.0}
    assert content["acts"]["changes"]["all"]["wrong_cues_of"] == {"upright": 1}
    assert (content["acts"]["changes"]["all"]["cued"], content["acts"]["changes"]["all"]["within"]) == (1, 1)
    assert cues["overstride"]["counted_steps"] == {"median": None, "most": None}
    targets = {row["quantity"]: row["met"] for row in content["acts"]["targets"]}
    assert [met for quantity, met in targets.items() if met] == [True]
    assert targets["the same, of faults that come in after good running, share of runs"] is True


def test_measures_have_bias_and_what_their_intervals_hold(content):
    row = content["acts"]["measures"]["trunk_lean_deg"]
    assert (row["bias"], row["sd"], row["half_interval"], row["interval_holds_true_share"]) == (-1.5, 0.0, 1.0, 0.0)


def test_the_document_is_plain_json_and_can_be_printed(content, capsys):
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    print_validation(content)
    printed = capsys.readouterr().out
    assert "2 of 4 right" in printed
    assert "Against the truth" not in printed
    assert "Motion capture" in printed


def test_nothing_run_is_no_part():
    assert acts_document([]) is None


def test_a_page_is_made_of_it_and_the_text_around_stays(content):
    tables = runpy.run_path(str(DOCS / "validation_page.py"))
    shown = tables["brief"](content, None)
    text = "Words.\n<!-- begin confusion -->\nold\n<!-- end confusion -->\nMore.\n"
    page = tables["page"](text, shown)
    assert page.startswith("Words.\n<!-- begin confusion -->\n")
    assert page.endswith("<!-- end confusion -->\nMore.\n")
    assert "old" not in page
    assert "| **upright** | 1 | **1** |" in page
    assert tables["page"](page, shown) == page
    made_tables = tables["tables"](shown)
    assert "| cues for a fault | 1 (standing up 1; by the roof 1) |" in made_tables["good"]
    assert "| trunk lean, deg | 8 | -1.50 |" in made_tables["measures"]
    assert made_tables["otherwise"].count("\n") == 6
    with pytest.raises(KeyError):
        tables["page"]("<!-- begin moon -->\n<!-- end moon -->", shown)


def test_a_part_that_was_not_run_stays_as_it_was(content):
    brief = runpy.run_path(str(DOCS / "validation_page.py"))["brief"]
    before = brief(content, None)
    later = brief({**content, "acts": None, "mocap": {"60 fps": {"found": 28}}}, before)
    assert later["acts"] == before["acts"]
    assert later["mocap"] == {"60 fps": {"found": 28}}


@pytest.mark.parametrize("act", [Act.UPRIGHT, Act.STANDING_UP])
def test_good_form_is_lost_at_a_contact_without_a_jump(act):
    run = scene(act, Purpose.CHANGE)
    runner, good = run.virtual().runner, scene(Act.GOOD).virtual().runner
    faulty = scene(act).virtual().runner
    start_s = run.fault_start_s()
    assert 10.0 <= start_s < 10.5
    contacts = runner.contacts(0.0, 14.0)
    starts = np.array([c.initial_contact_s for c in contacts])
    assert start_s == pytest.approx(starts[starts >= 10.0][0])
    assert [c.initial_contact_s for c in good.contacts(0.0, start_s)] == pytest.approx(starts[starts < start_s - 1e-6])
    assert all(a.side is not b.side for a, b in itertools.pairwise(contacts))
    assert 0.25 < np.diff(starts).min() <= np.diff(starts).max() < 0.5

    def fastest(runner, times_s):
        knees = np.array([runner.at(t).figure.knee for t in times_s])
        return np.abs(np.diff(knees, axis=0)).max()

    usual = max(fastest(good, np.arange(8.0, 10.0, 0.005)), fastest(faulty, np.arange(8.0, 10.0, 0.005)))
    assert fastest(runner, np.arange(start_s - 0.2, start_s + 0.6, 0.005)) < 1.25 * usual


def test_the_lost_form_is_the_fault_and_the_form_before_it_is_good():
    run = scene(Act.UPRIGHT, Purpose.CHANGE)
    virtual, start_s = run.virtual(), run.fault_start_s()
    lean = [
        np.mean([virtual.truth_at(t).trunk_lean_deg for t in start_s + np.arange(0.0, 2.8, 0.02) + at])
        for at in (-3, 1)
    ]
    assert lean == [pytest.approx(11.7, abs=0.8), pytest.approx(1.7, abs=0.8)]


@pytest.fixture(scope="module")
def exact():
    run = scene(Act.OVER_LEAN, name="act-lean")
    virtual = run.virtual()
    return run, [virtual.landmarks_at(float(t)) for t in run.times_s()]


def test_a_fault_seen_without_error_is_named_and_cued_in_time(exact):
    run = judge(*exact)
    assert run.verdict == "over_lean"
    assert run.right_steps == len(run.judged) > 5
    assert run.labels[:3] == ("not_judged",) * 3
    cue = run.first_right_cue
    assert cue is not None
    assert cue.counted_steps <= 10
    # The coach cannot count a step before it has seen two midstances.
    assert cue.counted_steps <= cue.true_steps <= cue.counted_steps + 2
    assert cue.since_s == pytest.approx(cue.true_steps / 2.9, abs=0.5)
    assert run.wrong_cues == ()
    lean = run.measures["trunk_lean_deg"]
    assert lean.value == lean.true == pytest.approx(25.7, abs=1.5)
    cadence = run.measures["cadence_spm"]
    assert cadence.value == pytest.approx(cadence.true, abs=2.0)


def test_measures_are_against_the_exact_landmarks(exact):
    run, poses = exact
    turned = []
    for pose in poses:
        xy = pose.xy_px.copy()
        if pose.t_s > STANDING_S:
            xy[:, 0] -= 0.05 * (xy[:, 1] - 360.0)
        turned.append(replace(pose, xy_px=xy))
    lean = judge(run, turned).measures["trunk_lean_deg"]
    assert lean.value - lean.true == pytest.approx(np.degrees(0.05), abs=0.6)


def test_kept_poses_come_back_as_they_were_and_are_judged_the_same(tmp_path, exact):
    run, poses = exact
    poses = list(poses)
    poses[20] = replace(poses[20], doubts=frozenset({Doubt.HEAD_BY_EAR, Doubt.LEGS_CROSSING}), sides=True)
    poses[21] = BodyPose.nobody(poses[21].t_s, (1280, 720), "somebody is in front")
    keep_poses(run, poses, tmp_path)
    again = load_poses(run, tmp_path)
    for before, after in zip(poses, again, strict=True):
        np.testing.assert_array_equal(after.xy_px, before.xy_px)
        np.testing.assert_array_equal(after.visibility, before.visibility)
        assert (after.t_s, after.image_size_px, after.markers) == (before.t_s, before.image_size_px, before.markers)
        assert (after.sides, after.doubts, after.absence) == (before.sides, before.doubts, before.absence)
    assert run_act(run, None, kept=tmp_path).run == judge(run, poses)


def test_poses_of_another_run_or_none_are_refused(tmp_path, exact):
    run, poses = exact
    with pytest.raises(WorldError, match=r"act-lean\.npz does not hold"):
        load_poses(run, tmp_path)
    (tmp_path / "act-lean.npz").write_bytes(b"PK no such thing")
    with pytest.raises(WorldError, match="does not hold"):
        load_poses(run, tmp_path)
    keep_poses(replace(run, seed=501), poses[:3], tmp_path)
    with pytest.raises(WorldError, match="another run"):
        load_poses(run, tmp_path)


def test_runs_come_in_their_order(tmp_path, exact):
    run, poses = exact
    short = replace(run, name="act-b", seconds=1.0)
    keep_poses(run, poses, tmp_path)
    keep_poses(short, poses[:30], tmp_path)
    told: list[str] = []
    results = run_acts([short, run], None, 1, told.append, kept=tmp_path)
    assert told == [r.scene.name for r in results] == ["act-b", "act-lean"]
    assert (results[0].run.verdict, results[1].run.verdict) == ("not_judged", "over_lean")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--part", "legs"), "--part"),
        (("--part", "acts", "--scene", "dawn-right-60"), "no scene is called"),
        (("--from", "/no/such/folder"), "--from"),
        (("--from", ".", "--part", "landmarks"), "--part acts"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(cli, arguments, words):
    code, out, err = cli("validate", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_kept_poses_are_judged_from_the_command_line(cli, tmp_path):
    run = quick_act_scenes()[0]
    virtual = run.virtual()
    keep_poses(run, [virtual.landmarks_at(float(t)) for t in run.times_s()], tmp_path)
    place = tmp_path / "v.json"
    code, out, _ = cli("validate", "--from", tmp_path, "--scene", run.name, "--json", place)
    assert code == 0
    assert "1 of 1 right" in out
    content = json.loads(place.read_text(encoding="utf-8"))
    assert content["options"]["acts"] == [run.name]
    assert content["acts"]["full"]["confusion"]["good"] == {"good": 1}
    assert (content["targets"], content["scenes"]) == ([], [])


def test_without_good_form_nothing_is_said_of_it(capsys):
    from rich.console import Console

    acts = acts_document([made(Act.UPRIGHT, "upright", ("upright",))])
    assert acts is not None
    assert acts["good"]["episodes_per_10_min"] is None
    print_acts(Console(width=150), acts)
    assert "Good form" not in capsys.readouterr().out
